"""What a desk's lead looks at in the morning: the facts of chats, summed by day and issue class."""
