"""The one gate between a brain and the customer.

It checks an answer against the shop's own material, and a call against the customer's yes to it.
"""
