"""Benchmarks of the evidence engine."""
