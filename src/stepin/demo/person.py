"""What a simulated customer is to the one who plays it at a desk."""

from __future__ import annotations

from typing import Any, Literal, Protocol

Speaker = Literal["ai", "worker"]


class Person(Protocol):
    """Somebody with one issue, who reads nothing but what the desk says."""

    @property
    def customer_id(self) -> str:
        """Who they are to the host site."""
        ...

    @property
    def name(self) -> str:
        """What workers read as their name."""
        ...

    @property
    def language(self) -> str:
        """The language they write in."""
        ...

    @property
    def patience_s(self) -> float:
        """How long they bear a silence."""
        ...

    @property
    def content(self) -> bool:
        """Whether they have what they came for."""
        ...

    def opening(self) -> tuple[str, ...]:
        """Return the first messages, one or more."""
        ...

    def answer(self, said: str, by: Speaker) -> tuple[str, ...]:
        """Return what they say to a message; nothing if they only wait."""
        ...

    def silence(self) -> str | None:
        """Return what they say when nobody answers, None if they leave."""
        ...

    def rating(self) -> int | None:
        """Return how they rate the chat, 1 to 5; None if they don't."""
        ...

    def again(self) -> Person | None:
        """Return them as they come back later with the same issue, None if they don't."""
        ...

    def saved(self) -> dict[str, Any]:
        """Return what `People.restored` needs to go on after a restart, as JSON values."""
        ...


class People(Protocol):
    """Where simulated customers come from. A shop's folder offers its own as `open_people`."""

    def draw(self, busy: frozenset[str]) -> Person | None:
        """Return the next person who isn't one of the busy customers, None if there is nobody."""
        ...

    def restored(self, saved: dict[str, Any]) -> Person | None:
        """Return somebody whose chat went on before a restart, None if they can't go on."""
        ...
