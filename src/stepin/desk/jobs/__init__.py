"""Leased work, claimed by one process at a time and given back whatever happens.

Timers, effects and the draw of owners belong here, and the engine that runs all of it.
"""
