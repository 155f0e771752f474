"""The consoles in the terminal: a customer's, and a worker's."""
