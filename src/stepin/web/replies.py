"""Canned replies and labels: a TOML file that a desk's lead keeps."""

from __future__ import annotations

import tomllib
from pathlib import Path

import msgspec

from stepin.errors import Invalid


class CannedReply(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True
):
    """A reply to start from. `{customer}` and `{worker}` in it are filled by the console."""

    reply_id: str
    title: str
    text: str
    language: str = "en"
    group: str = ""


class Replies(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the file holds: `labels` that chats may carry, and `replies`."""

    labels: tuple[str, ...] = ()
    dispositions: tuple[str, ...] = ()
    replies: tuple[CannedReply, ...] = ()


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
        return msgspec.convert(tomllib.loads(Path(path).read_text("utf-8")), Replies)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise Invalid(f"{path}: {error}", code="replies_invalid") from error
