"""Draws the pictures of the documentation: `python docs/pictures/draw.py`."""

from __future__ import annotations

from pathlib import Path

LANES = (("customer", 60), ("AI", 140), ("worker", 220))
INK, PALE, BLUE, GREEN, AMBER = "#1c2430", "#e8edf3", "#1f6feb", "#1a7f4b", "#b35c00"
SAID = (
    ("customer", 110, 120, "“My coupon fails”", BLUE),
    ("AI", 240, 110, "answers", GREEN),
    ("customer", 360, 130, "“I said so twice!”", BLUE),
    ("worker", 500, 90, "alerted", AMBER),
    ("worker", 600, 130, "takes over, replies", AMBER),
    ("AI", 500, 92, "draft refused", "#8a94a3"),
    ("worker", 740, 100, "hands back", AMBER),
    ("AI", 850, 90, "resolves", GREEN),
)


def chat() -> str:
    """Return a chat as three lanes over time: who speaks, and where a person steps in."""
    parts = [
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 980 300" '
        'font-family="system-ui,sans-serif" font-size="13" role="img" '
        'aria-label="A chat: the AI answers, a worker is alerted, takes over and hands back">',
        '<rect width="980" height="300" fill="#fff"/>',
        f'<rect x="590" y="30" width="150" height="225" fill="{AMBER}" opacity="0.08"/>',
        f'<text x="665" y="22" text-anchor="middle" fill="{AMBER}">'
        "nothing of the AI is accepted here</text>",
    ]
    at = dict(LANES)
    for name, y in LANES:
        parts.append(f'<line x1="95" y1="{y}" x2="960" y2="{y}" stroke="{PALE}" stroke-width="3"/>')
        parts.append(f'<text x="20" y="{y + 4}" fill="{INK}" font-weight="600">{name}</text>')
    for lane, x, width, text, colour in SAID:
        y = at[lane]
        parts.append(
            f'<rect x="{x}" y="{y - 16}" width="{width}" height="32" rx="8" fill="#fff" '
            f'stroke="{colour}" stroke-width="2"/>'
            f'<text x="{x + width / 2}" y="{y + 4}" text-anchor="middle" fill="{INK}">{text}</text>'
        )
    parts.append(
        f'<text x="95" y="288" fill="{INK}">one append-only log: every line above is an event, '
        "and every figure of a trial is computed from them</text></svg>"
    )
    return "\n".join(parts) + "\n"


if __name__ == "__main__":
    (Path(__file__).parent / "chat.svg").write_text(chat(), "utf-8")
