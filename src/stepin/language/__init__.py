"""What people write, as data and as the rules of reading it, below everything that reads.

Whatever meets a text of somebody from outside is linear in its length: `reading` says how much of a
message is read at all, and `given` carries patterns that come from files or policies. The tests in
``tests/language`` list every module that has patterns for such texts and time each of them.
"""
