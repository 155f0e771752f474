"""A retail domain that no one here wrote, mounted on the desk through its public interfaces."""
