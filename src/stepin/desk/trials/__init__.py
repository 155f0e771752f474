"""The trials of this desk's log, and the harm rule that the desk runs for them."""
