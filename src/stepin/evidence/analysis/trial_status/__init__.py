"""Where a running trial stands, without a word about its outcomes."""
