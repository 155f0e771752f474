"""From events or own tables to facts, and from facts to the rows of a trial."""
