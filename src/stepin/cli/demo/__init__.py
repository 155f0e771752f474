"""`stepin demo`, and the desk that `stepin serve --demo` begins with."""
