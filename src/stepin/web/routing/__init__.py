"""From a request to its handler and back.

The table of endpoints, requests and responses on the wire, and the OpenAPI document belong here.
"""
