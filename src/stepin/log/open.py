"""One address for a log, whichever database holds it."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit, urlunsplit

from stepin.errors import Invalid
from stepin.log.protocol import Log


async def open_log(
    url: str,
    *,
    scale: float = 1.0,
    offset_us: int = 0,
    create: bool = True,
    write: bool = True,
) -> Log:
    """Open the log at a URL, creating it if there is none.

    Parameters
    ----------
    url : ``sqlite:///relative/path``, ``sqlite:////absolute/path``, or
        ``postgresql://user:password@host:port/database?schema=NAME`` (schema `stepin` by
        default; other parameters go to the server as settings).
    scale, offset_us : the log's clock, if the log is new; an old one keeps its own.
    create : whether to make a log where there is none.
    write : False to only read: nothing is made or migrated, and appends are refused.

    Raises
    ------
    Missing
        ``no_log`` if there is no log and none may be made.
    Invalid
        If the URL names no kind of log, or what it names is not a log.
    Unavailable
        If the file or the database can't be opened.
    """
    parts = urlsplit(url)
    if parts.scheme == "sqlite":
        from stepin.log.sqlite import SqliteLog

        return await SqliteLog.open(
            sqlite_path(url), scale=scale, offset_us=offset_us, create=create, readonly=not write
        )
    if parts.scheme in ("postgresql", "postgres"):
        from stepin.log.postgres import PostgresLog

        dsn, schema = postgres_address(url)
        return await PostgresLog.open(
            dsn, schema=schema, scale=scale, offset_us=offset_us, create=create, readonly=not write
        )
    raise Invalid(
        f"{parts.scheme or url!r} is no kind of log.",
        hint="Use sqlite:///PATH or postgresql://HOST/DATABASE?schema=NAME.",
        code="log_url",
    )


def sqlite_path(url: str) -> Path:
    """Return the file that a ``sqlite:///`` URL names.

    >>> sqlite_path("sqlite:///desk.sqlite").as_posix()
    'desk.sqlite'
    >>> sqlite_path("sqlite:////var/lib/stepin/log.sqlite").as_posix()
    '/var/lib/stepin/log.sqlite'
    """
    parts = urlsplit(url)
    path = unquote(parts.path).removeprefix("/")
    if parts.netloc or not path:
        raise Invalid(
            f"{url} names no file.",
            hint="A relative path has three slashes, an absolute one four.",
            code="log_url",
        )
    return Path(path)


def postgres_address(url: str) -> tuple[str, str]:
    """Return the address of the database and the schema.

    >>> postgres_address("postgresql://desk@db/desk?schema=shop")
    ('postgresql://desk@db/desk', 'shop')
    >>> postgres_address("postgresql://desk@db/desk")
    ('postgresql://desk@db/desk', 'stepin')
    """
    parts = urlsplit(url)
    query = dict(parse_qsl(parts.query))
    schema = query.pop("schema", "stepin")
    return urlunsplit(parts._replace(query=urlencode(query))), schema
