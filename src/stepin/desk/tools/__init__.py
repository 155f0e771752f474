"""The one gateway to tools, and workers' commands about actions.

Offers, plans, limits, kill switches, time limits and previews are decided here and nowhere else.
"""
