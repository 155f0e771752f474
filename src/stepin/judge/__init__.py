"""What the machine thinks of a chat: eligibility, flags, and the risk of a bad rating."""
