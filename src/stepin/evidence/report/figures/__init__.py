"""The figures of the report, each a function from plain data to a painter."""
