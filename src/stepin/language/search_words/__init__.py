"""What a search reads of a text: words that tell nothing and words that mean the same, as data."""
