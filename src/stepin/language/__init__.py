"""What texts ask for, as rules: one owner for each question that more than one part asks."""
