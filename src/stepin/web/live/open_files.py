"""How many files a process may have open, and what its connections may have of them."""

from __future__ import annotations

WANTED = 65_536
KEPT = 128
"""For the database, the detectors, the shop, reports: never given to connections."""


def raise_limit() -> int:
    """Raise the soft limit of open files as far as this process may; return it.

    Many systems begin with 1,024 for old programs' sake and let each process ask for more.
    """
    try:
        import resource
    except ImportError:  # Windows has no such limit
        return WANTED
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    infinite = resource.RLIM_INFINITY
    wanted = WANTED if hard == infinite else min(WANTED, hard)
    if soft != infinite and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
        return wanted
    return WANTED if soft == infinite else soft


def limits() -> tuple[int, int]:
    """Return the soft and the hard limit of open files; `WANTED` where there is none."""
    try:
        import resource
    except ImportError:
        return WANTED, WANTED
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    infinite = resource.RLIM_INFINITY
    return WANTED if soft == infinite else soft, WANTED if hard == infinite else hard


def most_connections(files: int) -> int:
    """Return how many connections may be open at once.

    >>> most_connections(1_024), most_connections(65_536), most_connections(200)
    (896, 65408, 100)
    """
    return max(files // 2, files - KEPT)


def most_feeds(files: int) -> int:
    """Return how many of the connections may be live feeds: the others are for requests.

    >>> most_feeds(1_024)
    716
    """
    return most_connections(files) * 4 // 5
