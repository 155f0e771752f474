"""Benchmarks of the floor: engines, recording, common random numbers, the published floor whole."""
