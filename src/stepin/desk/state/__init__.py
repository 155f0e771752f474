"""What the desk knows now, as folds of the log.

Chats, the floor, policies in force, a running trial's arms, customers' histories, and the loop
that keeps them up to date.
"""
