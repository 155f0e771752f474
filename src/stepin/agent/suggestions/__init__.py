"""What a worker could say next.

Suggestions come from the shop's own texts or from a language model.
"""
