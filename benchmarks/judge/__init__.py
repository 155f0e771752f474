"""Claims about detectors."""
