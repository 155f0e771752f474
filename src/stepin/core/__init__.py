"""The rules of the desk: pure functions over frozen types, without I/O, clock or randomness."""
