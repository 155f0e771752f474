"""Inside one chat: a slice of events becomes the facts of the chats that close in it."""
