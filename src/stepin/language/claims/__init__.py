"""What a text claims was done, and which amounts of money it names: data and the rules of reading.

A claim is a sentence by which a customer must think that something has happened to their order or
money. What happens to everybody's ("refunds are sent within five days"), what is offered, asked,
denied or tied to a condition is none.
"""

from stepin.language.claims.claim import (
    Claim,
    Kind,
    kinds_named,
    kinds_of_state,
    kinds_of_tool,
    words,
)
from stepin.language.claims.money import Money, money_in, readings
from stepin.language.claims.reading_claims import claims_in, sentences_in

__all__ = [
    "Claim",
    "Kind",
    "Money",
    "claims_in",
    "kinds_named",
    "kinds_of_state",
    "kinds_of_tool",
    "money_in",
    "readings",
    "sentences_in",
    "words",
]
