"""What a line typed at the worker's console means: a pure function of the line and the chat."""

from __future__ import annotations

from typing import Any

import msgspec

from stepin.desk.feeds.views import ActionCard, ChatCard
from stepin.errors import Invalid

HELP = """  /list · /open ID · /history · /search WORDS · /tools · /canned [ID]
  /away · /available · /quit
  /brief                    what is wanted, what was done, what is next; /send N sends a suggestion
  /take                     speak from now on         /back NOTE    hand the chat to the AI
  /reply TEXT               to the customer; takes over if the AI holds
  /whisper TEXT             to the AI, never to the customer
  /note TEXT · /label +A -B for colleagues
  /plan TOOL {"arg": …}     what a call would do      /use TOOL {"arg": …}   do it
  /approve [ID] · /deny [ID] WHY · /ack · /decline WHY
  /give WORKER [NOTE] · /give @GROUP [NOTE] · /close [DISPOSITION] · /done [DISPOSITION]
  A line without a slash goes where the chat is: a whisper where the AI holds it, a reply where
  you do."""


class ConsoleCommand(msgspec.Struct, frozen=True, kw_only=True):
    """What to do: a command of the desk by its type, or something of the console's own."""

    verb: str
    text: str = ""
    body: dict[str, Any] = {}


_OWN = {
    name: name
    for name in ("list", "open", "history", "search", "tools", "canned", "help", "quit", "brief")
}
_PLAIN = {"take": "TakeOver", "ack": "AcknowledgeAlert"}
_TEXT = {"reply": "Reply", "whisper": "Whisper", "note": "AddNote"}


def read_order(line: str, card: ChatCard | None, me: str) -> ConsoleCommand | None:
    """Return what a line means in the open chat, None for an empty one.

    Raises
    ------
    Invalid
        The line can't be understood, or goes nowhere: no chat is open, or a colleague holds it.
    """
    text = line.strip()
    if not text:
        return None
    if text == "?":
        return ConsoleCommand(verb="help")
    if not text.startswith("/"):
        return _plain(text, card, me)
    word, _, rest = text[1:].partition(" ")
    rest = rest.strip()
    if word in _OWN:
        return ConsoleCommand(verb=_OWN[word], text=rest)
    if word in ("away", "available"):
        return ConsoleCommand(verb="presence", text=word)
    if word in _PLAIN:
        return ConsoleCommand(verb=_PLAIN[word])
    if word in _TEXT and rest:
        return ConsoleCommand(verb=_TEXT[word], body={"text": rest})
    order = _with_arguments(word, rest, card)
    if order is None:
        raise Invalid(f"/{word} can't be understood.", hint="Type ? for help.", code="no_order")
    return order


def _with_arguments(word: str, rest: str, card: ChatCard | None) -> ConsoleCommand | None:
    match word:
        case "send" if rest.isdigit():
            return ConsoleCommand(verb="send", text=rest)
        case "back" if rest:
            return ConsoleCommand(verb="HandBack", body={"note": rest})
        case "label" if rest and all(part[:1] in "+-" for part in rest.split()):
            added = [p[1:] for p in rest.split() if p[0] == "+"]
            removed = [p[1:] for p in rest.split() if p[0] == "-"]
            return ConsoleCommand(verb="ChangeLabels", body={"add": added, "remove": removed})
        case "plan" | "use" if rest:
            tool, _, raw = rest.partition(" ")
            body = {"tool": tool, "arguments": _arguments(raw)}
            return ConsoleCommand(verb="plan" if word == "plan" else "ProposeAction", body=body)
        case "approve" | "deny":
            return _decision(word, rest, card)
        case "decline":
            return ConsoleCommand(verb="DeclineEscalation", body={"reason": rest})
        case "give" if rest:
            to, _, note = rest.partition(" ")
            target = {"to_group": to[1:]} if to.startswith("@") else {"to_worker": to}
            return ConsoleCommand(verb="Transfer", body={**target, "note": note})
        case "close":
            return ConsoleCommand(verb="CloseChat", body={"disposition": rest or None})
        case "done":
            return ConsoleCommand(verb="EndWrapUp", body={"disposition": rest or None})
        case _:
            return None


def _decision(word: str, rest: str, card: ChatCard | None) -> ConsoleCommand:
    waiting = [a for a in (card.actions if card else ()) if a.state == "proposed"]
    first, _, why = rest.partition(" ")
    named = [a for a in waiting if a.action_id == first]
    action: ActionCard | None = named[0] if named else waiting[0] if len(waiting) == 1 else None
    if action is None:
        raise Invalid(
            f"{len(waiting)} actions wait here.", hint=f"Say /{word} ID.", code="which_action"
        )
    if word == "approve":
        seen = action.customer_seq
        body = {"action_id": action.action_id, "digest": action.digest, "seen_seq": seen}
        return ConsoleCommand(verb="ApproveAction", body=body)
    reason = why if named else rest
    return ConsoleCommand(verb="DenyAction", body={"action_id": action.action_id, "reason": reason})


def _arguments(raw: str) -> dict[str, Any]:
    try:
        return msgspec.json.decode(raw or "{}", type=dict[str, Any])
    except msgspec.DecodeError as error:
        raise Invalid(
            f"The arguments are no JSON object: {error}.",
            hint='Like /use find_order {"order": "A-1001"}.',
            code="not_json",
        ) from error


def _plain(text: str, card: ChatCard | None, me: str) -> ConsoleCommand:
    if card is None:
        raise Invalid(
            "No chat is open.", hint="Open one: /open ID (? for help).", code="no_chat_open"
        )
    if card.holder.kind == "ai":
        return ConsoleCommand(verb="Whisper", body={"text": text})
    if card.holder.kind == "worker" and card.holder.id == me:
        return ConsoleCommand(verb="Reply", body={"text": text})
    raise Invalid(
        f"{card.holder.id or 'Nobody'} holds this chat.",
        hint="/take it, or write a /note.",
        code="where_to",
    )
