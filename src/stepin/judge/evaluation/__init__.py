"""Evaluation of detectors: metrics, reports, and the transfer to other people's labels."""
