"""Claims about the running desk and its log."""
