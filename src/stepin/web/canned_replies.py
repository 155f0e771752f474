"""Canned replies and labels: a TOML file that a desk's lead keeps."""

from __future__ import annotations

import tomllib
from pathlib import Path

import msgspec

from stepin.errors import Invalid


class CannedReply(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True
):
    """A reply to start from. `{customer}` and `{worker}` in it are filled by the console.

    Attributes
    ----------
    short : typed behind a ``/`` it brings the reply into the field.
    labels : what the chat is labelled with when the reply has been sent.
    note : what is noted for workers then.
    close : how the chat ends then; it is closed. Empty leaves it open.
    """

    reply_id: str
    title: str
    text: str
    language: str = "en"
    group: str = ""
    short: str = ""
    labels: tuple[str, ...] = ()
    note: str = ""
    close: str = ""


class Replies(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the file holds: `labels` that chats may carry, and `replies`."""

    labels: tuple[str, ...] = ()
    dispositions: tuple[str, ...] = ()
    replies: tuple[CannedReply, ...] = ()


def filled(reply: CannedReply, *, customer: str, worker: str) -> str:
    """Return a reply with both names in it; where the customer has none, its place closes up.

    Raises
    ------
    Invalid
        ``reply_unfilled``: another place is left, which only a person can fill.
    """
    text = reply.text.replace("{customer}", customer)
    if not customer:
        text = reply.text.replace(" {customer}", "").replace("{customer}", "")
    text = text.replace("{worker}", worker)
    for part in text.split("{")[1:]:
        name, closed, _ = part.partition("}")
        if closed and name.replace(".", "_").isidentifier():
            raise Invalid(
                f"The reply {reply.reply_id} has {{{name}}} in it, which nothing fills.",
                hint="Write the reply yourself, with the value in it.",
                code="reply_unfilled",
            )
    return text


def load_replies(path: str) -> Replies:
    """Return a file's replies; without a path there are none.

    Raises
    ------
    Invalid
        The file can't be read or holds something else; the message names the key.
    """
    if not path:
        return Replies()
    try:
        known = msgspec.convert(tomllib.loads(Path(path).read_text("utf-8")), Replies)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise Invalid(f"{path}: {error}", code="replies_invalid") from error
    _must_be_clear(path, known.replies)
    return known


_LETTERS = frozenset("abcdefghijklmnopqrstuvwxyz0123456789-")
_SHORT_CHARS = 32


def _can_be_typed(short: str) -> bool:
    return len(short) <= _SHORT_CHARS and short[0] != "-" and _LETTERS.issuperset(short)


def _must_be_clear(path: str, replies: tuple[CannedReply, ...]) -> None:
    """Refuse a short code that can't be typed, or that two replies of one language share."""
    taken: set[tuple[str, str]] = set()
    for one in replies:
        if not one.short:
            continue
        if not _can_be_typed(one.short) or (one.language, one.short) in taken:
            raise Invalid(
                f"{path}: the short code {one.short!r} of {one.reply_id} can't be used.",
                hint="Small letters, digits and dashes, each code once in a language.",
                code="replies_invalid",
            )
        taken.add((one.language, one.short))
