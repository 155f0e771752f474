"""The fast engine: the reference engine's moments in the same order, compiled by numba.

It is an extra (`stepin[fast]`) and imported only when it is asked for. The equations are compiled
from the very text that the reference engine runs; policies are compiled to numbers. A test holds
both engines to the same moments over random scenarios.
"""
