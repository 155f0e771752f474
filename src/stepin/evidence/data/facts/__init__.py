"""Facts from a log: what happened in each chat, as typed tables that analyses read."""
