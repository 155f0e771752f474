"""A service desk with a supervised AI, in which every roll-out is a randomized experiment."""

__version__ = "0.1.0"
