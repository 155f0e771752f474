"""Right and false answers for states of a chat, written by hand."""
