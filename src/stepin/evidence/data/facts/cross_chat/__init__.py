"""What needs more than one chat: retrials, what was known before, load, attention, worker days."""
