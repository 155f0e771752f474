"""Experiments: design, randomization that can be replayed, balance, and the harm rule."""
