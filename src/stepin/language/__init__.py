"""What texts ask for, as rules."""
