"""Benchmarks of the AI: dialogues, injection, a foreign shop, cost of a turn."""
