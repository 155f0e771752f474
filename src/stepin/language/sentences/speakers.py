"""Who says what: one struct per section of a language's file, with the gaps that code fills.

A field holds one sentence in every language. What stands behind its type are the names of its
``{gaps}``; each language has to have exactly these.
"""

from __future__ import annotations

from typing import Annotated

import msgspec

Text = dict[str, str]
"""One sentence, by language."""


class SentenceSection(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A section of the files."""


class AssistantSentences(SentenceSection, frozen=True):
    """What the AI says, whichever brain speaks."""

    disclosed: Annotated[Text, "shop"]
    hello: Text
    robot: Text
    more: Text
    bye: Text
    unclear: Annotated[Text, "titles"]
    which: Annotated[Text, "last", "several"]
    whether: Annotated[Text, "title"]
    lost: Text
    person: Text
    upset: Text
    taken: Annotated[Text, "one", "others"]
    unsure: Text
    welcome: Text
    well: Text
    missed: Text
    shall_i: Annotated[Text, "title"]
    already: Text
    trouble: Text
    beyond: Text
    not_signed_in: Text
    waiting: Text
    still_waiting: Text
    how_to_stop: Text
    withdrawn: Text
    maybe_late: Text
    too_late: Text
    denied: Text
    unknown_outcome: Text
    elsewhere: Text
    declined: Text
    dropped: Text
    next: Annotated[Text, "title"]
    again: Text
    sorry: Text
    source: Annotated[Text, "text", "title"]
    either: Text
    comma: Text
    corrected: Text


class BridgeSentences(SentenceSection, frozen=True):
    """What the AI says until a person comes."""

    asks_number: Text
    has_all: Text
    noted: Text
    stays: Text


class NoticeSentences(SentenceSection, frozen=True):
    """What the desk itself tells a customer; the field's name is the message's template."""

    waiting: Annotated[Text, "place"]
    nobody_here: Text
    outside_hours: Text
    still_there: Text
    timed_out: Text
    abandoned: Text
    person_asked: Text
    person_queued: Text
    person_declined: Text
    still_looking: Text
    person_joining: Text
    person_left: Text
    ai_stuck: Text
    caution_self_harm: Text
    caution_accident: Text
    caution_threat: Text
    caution_fraud: Text
    caution_legal: Text
    caution_over: Text
    helpline: Annotated[Text, "country", "name", "number"]
    ai_disclosure: Text


class BriefSentences(SentenceSection, frozen=True):
    """The words of the four lines for the worker who is called."""

    about: Annotated[Text, "topic"]
    silent: Text
    untold: Text
    found: Annotated[Text, "found"]
    free: Text
    wants: Annotated[Text, "first"]
    last: Annotated[Text, "last"]
    nothing: Text
    did: Annotated[Text, "done"]
    looked: Annotated[Text, "tools"]
    succeeded: Annotated[Text, "tools"]
    failed: Annotated[Text, "tools"]
    denied: Annotated[Text, "tools"]
    expired: Annotated[Text, "tools"]
    withdrawn: Annotated[Text, "tools"]
    unknown: Annotated[Text, "tools"]
    proposed: Annotated[Text, "tools"]
    executing: Annotated[Text, "tools"]
    stuck: Annotated[Text, "cause", "reason"]
    technical: Text
    emotional: Text
    requested: Text
    policy: Text
    risk: Text
    redo: Annotated[Text, "tools"]
    decide: Annotated[Text, "tools"]
    check: Annotated[Text, "tools"]
    open: Text
    done: Annotated[Text, "tools"]
    ask: Annotated[Text, "question"]
    reask: Text
    danger: Text
    joins: Text
    ai_repeats: Text
    customer_repeats: Text
    tools_fail: Text
    low_confidence: Text
    unanswered: Text
    repeats: Text
    procedure: Annotated[Text, "name"]


class SuggestionSentences(SentenceSection, frozen=True):
    """Replies that a worker is offered where the shop's files have none."""

    general: Text
    myself: Annotated[Text, "title"]
    this: Text


class ConfirmationSentences(SentenceSection, frozen=True):
    """The question about a call where a procedure has no words for it."""

    general: Annotated[Text, "details", "what"]
    money: Annotated[Text, "0"]
    about: Annotated[Text, "title", "tool"]
    comma: Text
    details: Annotated[Text, "parts"]


class DateSentences(SentenceSection, frozen=True):
    """How a day is said; `months` are the twelve names, between spaces."""

    day: Annotated[Text, "month", "number", "year"]
    months: Text


class Sentences(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Everything that the product itself says, by who says it."""

    assistant: AssistantSentences
    bridge: BridgeSentences
    notices: NoticeSentences
    brief: BriefSentences
    suggestions: SuggestionSentences
    confirmation: ConfirmationSentences
    dates: DateSentences
