"""The endpoints, one module a part; `stepin.web.table` puts them together."""
