"""`stepin trial`: the files of a trial on paper, and its stream in the log."""
