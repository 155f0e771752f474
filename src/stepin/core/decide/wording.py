"""What a command's texts may be: readable, not blank, not longer than somebody would write."""

from __future__ import annotations

from typing import Final, NamedTuple

from stepin.core.command import AnyCommand
from stepin.core.decide.decision import TEXT_CHARS, must_have_text
from stepin.core.text import controls
from stepin.errors import Invalid, Refused

NAME_CHARS: Final = 100
LABEL_CHARS: Final = 60
MOST_LABELS: Final = 20
REMARK_CHARS: Final = 2_000


class Wording(NamedTuple):
    """What one text is called, how long it may be, and whether it may be left out."""

    what: str
    limit: int = NAME_CHARS
    lines: bool = False
    needed: bool = False


WORDINGS: Final[dict[str, Wording]] = {
    "text": Wording("text", TEXT_CHARS, lines=True, needed=True),
    "note": Wording("note", REMARK_CHARS, lines=True),
    "reason": Wording("reason", REMARK_CHARS, lines=True),
    "comment": Wording("comment", REMARK_CHARS, lines=True),
    "disposition": Wording("disposition"),
    "template": Wording("template"),
    "suggestion_id": Wording("suggestion's id"),
    "to_worker": Wording("worker's id"),
    "to_group": Wording("group"),
    "tool": Wording("tool", needed=True),
    "action_id": Wording("action's id", needed=True),
    "digest": Wording("digest", needed=True),
    "add": Wording("label", LABEL_CHARS, needed=True),
    "remove": Wording("label", TEXT_CHARS),
}
"""By the name of the field, in whatever command it stands."""


def must_be_worded(command: AnyCommand) -> None:
    """Raise unless every text of a command can be read and isn't too long.

    Arguments of a tool are the tool's to check.

    Raises
    ------
    Invalid
        ``control_character``: a text holds one, or a name has a line break.
    Refused
        ``empty_text``: it shows nothing though something was sent; ``text_too_long``;
        ``too_many_labels``.
    """
    for field, wording in WORDINGS.items():
        given = getattr(command, field, None)
        for text in (given,) if isinstance(given, str) else given or ():
            _must_fit(text, wording)
        if isinstance(given, tuple) and len(given) > MOST_LABELS:
            raise Refused(
                f"{len(given)} labels at once are too many; {MOST_LABELS} are allowed.",
                hint="Send fewer.",
                code="too_many_labels",
                limit=MOST_LABELS,
            )


def _must_fit(text: str, wording: Wording) -> None:
    if not text.strip() and not wording.needed:
        return
    must_have_text(text, wording.what, wording.limit)
    if not wording.lines and (found := controls(text.strip(), lines=False)):
        raise Invalid(
            f"The {wording.what} has a control character in it (U+{ord(found):04X}).",
            hint="Write it in one line.",
            code="control_character",
        )
