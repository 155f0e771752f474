"""Authentication and limits.

Sessions, tokens, API keys, sign-in, secrets and request limits belong here.
"""
