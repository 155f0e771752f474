"""Two engines with one meaning: the plain one that calls the desk's rules, and the compiled one."""
