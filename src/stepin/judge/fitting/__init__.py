"""Fitting models on labelled chats.

Nothing here runs at a desk.
"""
