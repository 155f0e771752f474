"""Turns of the AI.

A brain is asked, and every act of it is an append through the fence.
"""
