"""A demo's life: simulated customers and workers, every one of them a client of the HTTP API."""
