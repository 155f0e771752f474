"""The built-in brain: carries procedures out without a model, a key or a network."""
