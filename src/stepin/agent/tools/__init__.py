"""Tools: definition, guarded catalogue, limits, and isolation.

A typed function becomes a tool here; a shop's tools may run in a process of their own that can be
ended.
"""
