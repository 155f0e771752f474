"""The endpoints, one module per part; `stepin.web.routing.table` puts them together."""
