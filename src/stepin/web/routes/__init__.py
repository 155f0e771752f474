"""The endpoints, one module a part; `stepin.web.routing.table` puts them together."""
