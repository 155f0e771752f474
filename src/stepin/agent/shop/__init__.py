"""A shop's folder: procedures, articles, helplines and templates, read and checked."""
