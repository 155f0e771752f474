"""A model's answer as the few short messages that a customer gets."""

from __future__ import annotations

import re

LONGEST_CHARS = 600
_BLANK_LINE = re.compile(r"\n[^\S\n]*+\n\s*+")
_END = re.compile(r"(?<=[.!?])\s+(?=[^\s])|(?<=[。！？])")


def messages(text: str) -> list[str]:
    """Return the paragraphs of a text, long ones cut at the ends of sentences; none if empty."""
    found: list[str] = []
    for paragraph in _BLANK_LINE.split(text.strip()):
        block = paragraph.strip()
        if not block:
            continue
        if len(block) <= LONGEST_CHARS:
            found.append(block)
            continue
        current = ""
        for sentence in _END.split(block):
            if current and len(current) + len(sentence) + 1 > LONGEST_CHARS:
                found.append(current.strip())
                current = ""
            current = f"{current} {sentence}" if current else sentence
        if current.strip():
            found.append(current.strip())
    return found
