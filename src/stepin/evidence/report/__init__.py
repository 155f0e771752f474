"""The report: what was found, said in words that claim no more than the design supports."""
