"""Text vectors behind one port; without the extra ``stepin[embed]`` or an endpoint there are none.

It stands beside the core: besides NumPy it knows nothing of the rest but errors.
"""
