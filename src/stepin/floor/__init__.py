"""The floor: a simulator in which the effects of supervision emerge from attention and mood."""
