"""What a run is made of: the typed scenario file and those that ship with Stepin."""
