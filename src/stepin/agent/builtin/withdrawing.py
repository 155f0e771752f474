"""Whether a customer takes back what a colleague is still asked to approve.

Only clear words count: "stop", "I changed my mind", "don't refund it", and a message that says
"wait" and nothing else. A complaint about the wait, a question and "no rush" are none. Where it
stays unclear nothing is lost: the colleague who approves has to have read what the customer wrote.
"""

from __future__ import annotations

import re

import msgspec

from stepin.agent.brain import Hands
from stepin.agent.builtin import consent
from stepin.agent.builtin.agreement import simplified
from stepin.agent.builtin.intents import Heard
from stepin.agent.builtin.memory import Waiting
from stepin.agent.builtin.wishes import denies, parts_of
from stepin.agent.shop.procedure import Procedure
from stepin.core.action import Action
from stepin.language.patterns import HAN, SPACED, sign
from stepin.language.sentences import Text, assistant

_READ_CHARS = 2_000
_SHORTEST_KEPT = 12
_CODE = re.compile(r"(?<![A-Za-z])(?:[A-Za-z]{2,10}-)?\d[\dA-Za-z-]{4,}", re.ASCII)
_TOPIC = "withdrawing"
_KINDS = ("cancel", "refund", "exchange", "change", "invoice")
"""What a procedure does: a denied word of another kind takes nothing back."""
_HAN = re.compile(r"[\u4e00-\u9fff]")
_GAP = re.compile(r"(?<=[\u4e00-\u9fff])\s(?=[\u4e00-\u9fff])")


class TakenBack(msgspec.Struct, frozen=True):
    """That something is taken back.

    Attributes
    ----------
    rest : what else the customer says.
    in_time : whether it is certain that nothing was done and nothing will be.
    """

    rest: str
    in_time: bool = False


async def take_back(
    hands: Hands, procedure: Procedure, waiting: Waiting, action: Action, said: str
) -> TakenBack | None:
    """Take a proposal back if the customer doesn't want it any more; None if they still do.

    Where it is too late, `waiting` remembers it: the outcome is told with that in mind.
    """
    taken = taken_back(said, procedure) if said else None
    if taken is None and not waiting.unwanted:
        return None
    waiting.unwanted = True
    rest = taken.rest if taken is not None else ""
    if action.state == "proposed":
        return TakenBack(rest, in_time=await hands.withdraw(action.action_id))
    return TakenBack(rest, in_time=action.settled and action.state != "succeeded")


def still_waiting(heard: Heard, *, late: bool) -> tuple[Text, ...]:
    """Return what a customer is told who writes while a colleague is asked."""
    if late:
        return (assistant().maybe_late,)
    unclear = consent.stops(heard.text) or consent.answer_of(heard.text) == "no" or heard.denied
    return (
        assistant().still_waiting,
        *((assistant().how_to_stop,) if unclear else ()),
    )


def taken_back(text: str, procedure: Procedure) -> TakenBack | None:
    """Return that the customer takes back what a procedure has proposed; None if it isn't clear.

    Parameters
    ----------
    procedure : whose step waits: "don't cancel it" takes a cancellation back, not a refund.
    """
    text = text[:_READ_CHARS]
    own = _kinds(" ".join((procedure.name, *procedure.title.values())))
    stops = bare = denied = held = filled = False
    rest: list[str] = []
    for part, mark in parts_of(text):
        said = _plain(part)
        match _kind_of(said, mark, own):
            case "goes_on":
                return None
            case "stops":
                stops = True
            case "denies":
                denied = True
            case "no":
                bare = True
            case "hold":
                held = True
            case "filler":
                filled = True
            case "":
                rest.append(part + mark)
    left = "".join(rest).strip()
    no = bare or (held and not filled)
    if stops or (denied and not _kinds(left) & own) or (no and not left):
        return TakenBack(left)
    return None


def _plain(part: str) -> str:
    """Return a part in small letters, without order numbers and spaces between ideographs."""
    bare = _CODE.sub(" ", simplified(part).lower().replace("’", "'"))
    bare = _GAP.sub("", bare)
    return " ".join(bare.split()).strip("\"'“”()~…-")


def _kind_of(said: str, mark: str, own: frozenset[str]) -> str:
    """Return stops, denies, no, hold, goes_on, filler, or nothing for other words."""
    script = HAN if _HAN.search(said) else SPACED
    if said and _says("hold", said, script):
        return "hold"
    if not said or _says("fills", said, script):
        return "filler"
    asks = mark in ("?", "？") or said.endswith(("吗", "么"))
    if script == HAN:
        return _kind_of_unspaced(said, asks, own)
    if _says("stop", said, script) or ("cancel" not in own and _says("cancel", said, script)):
        return "stops"
    if _says("goes_on", said, script):
        return "goes_on"
    if asks or _says("waits", said, script):
        return ""
    for found in sign(_TOPIC, "drops", script).found(said):
        against = said[: found.start], found.text[:-_SHORTEST_KEPT]
        if not any(_says("against", part, script) for part in against):
            return "stops"
    if _says("no", said, script):
        return "no"
    wanted = sign(_TOPIC, "wants", script).found(said) if own & {"cancel", "refund"} else ()
    for found in wanted:
        if not _kinds(found.text) and not _says("against", said[: found.start], script):
            return "stops"
    return _denied(said, mark, own)


def _kind_of_unspaced(said: str, asks: bool, own: frozenset[str]) -> str:
    if _says("goes_on", said, HAN):
        return "goes_on"
    asks_to = _says("asks_to", said, HAN)
    if _says("waits", said, HAN) or (asks and not asks_to):
        return ""
    cancels = "cancel" in own
    if asks_to or _says("unneeded", said, HAN):
        return "stops" if not cancels or not _says("names_cancelling", said, HAN) else ""
    if any(not _against(said, found.start) for found in sign(_TOPIC, "drops", HAN).found(said)):
        return "stops"
    denied = _denied(said, "", own)
    if denied:
        return denied
    first = min((found.start for found in sign(_TOPIC, "stop", HAN).found(said)), default=None)
    if first is not None and not _against(said, first):
        return "stops"
    if not cancels and _says("cancel", said, HAN):
        return "stops"
    return "no" if _says("no", said, HAN) else ""


def _says(name: str, said: str, script: str) -> bool:
    return sign(_TOPIC, name, script).stands_in(said)


def _against(said: str, start: int) -> bool:
    return _says("against", said[:start], HAN)


def _denied(said: str, mark: str, own: frozenset[str]) -> str:
    """Return what a denied wish is: of this kind, or to go on where cancelling is denied."""
    if not denies(said, mark):
        return ""
    kinds = _kinds(said)
    if "cancel" in kinds and "cancel" not in own:
        return "goes_on"
    return "denies" if not own or not kinds or kinds & own else ""


def _kinds(text: str) -> frozenset[str]:
    lowered = text.lower()
    return frozenset(kind for kind in _KINDS if sign(_TOPIC, f"kind_{kind}").stands_in(lowered))
