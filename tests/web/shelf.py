"""A report's folder, as `stepin evidence run --out` leaves one, and a trial in the log."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import msgspec

from stepin.core.events.floor import TrialRegistered
from stepin.core.record import NewEvent
from stepin.log.protocol import Append, Log
from stepin.trial.plan import Plan
from stepin.trial.reading import canonical
from tests.trial.plans import plan

SVG = (
    '<?xml version="1.0" encoding="utf-8"?>\n<svg xmlns="http://www.w3.org/2000/svg" '
    'viewBox="0 0 640 120"><rect x="20" y="40" width="300" height="30" fill="#1d6fb8"/>'
    '<text x="20" y="100" font-size="14" fill="#1b2733">duration, eligible chats: −12 %</text>'
    "</svg>\n"
).encode()
SECRET = "Eligible chats became 12 % shorter."


def put_report(data: Path, name: str = "pilot", *, trial: str = "pilot", digest: str = "") -> Path:
    """Write a small report into a desk's data folder and return its folder."""
    folder = data / "evidence" / name
    (folder / "figures").mkdir(parents=True)
    (folder / "figures/effects.svg").write_bytes(SVG)
    (folder / "report.html").write_text(f"<title>{trial}</title><p>{SECRET}</p>")
    (folder / "numbers.csv").write_text("section,value\neffects,-0.12\n")
    body = {
        "title": trial,
        "question": "Does the AI help?",
        "summary": SECRET,
        "about": {"Workers": "40", "Chats": "12,000"},
        "digest": {"Plan (SHA-256)": digest, "Stepin": "0.1.0"},
        "lights": [{"tone": "good", "title": "Sample ratio", "text": "20 of 20 and 20 of 20."}],
        "headlines": [
            {
                "title": "Duration",
                "verdict": "good",
                "reading": SECRET,
                "rows": [
                    {
                        "chats": chats,
                        "base": "6:40 min",
                        "change": change,
                        "span": span,
                        "verdict": verdict,
                    }
                    for chats, change, span, verdict in (
                        ("eligible chats", "−12 %", "−15 to −9 %", "good"),
                        ("other chats", "+1 %", "−2 to +4 %", "unclear"),
                        ("all chats", "−1 %", "−3 to +1 %", "unclear"),
                    )
                ],
            }
        ],
        "sections": [{"id": "effects", "title": "What the AI changed", "lead": "By first owner."}],
        "numbers": [{"section": "effects", "value": -0.12}],
        "tables": [
            {
                "section": "effects",
                "title": "Effects",
                "heads": ["Outcome", "Effect", "95 %", "Workers", "Chats"],
                "rows": [["Duration", "−12 %", "−15 to −9 %", "40", "12,000"]],
            }
        ],
        "readings": [
            {"section": "effects", "figure": "effects", "title": "Effects", "reading": SECRET}
        ],
    }
    (folder / "report.json").write_text(json.dumps(body))
    return folder


def running_plan(name: str = "pilot") -> Plan:
    """Return a plan whose treatment lies around today."""
    today = dt.datetime.now(dt.UTC).date()
    made = plan()
    dates = msgspec.structs.replace(
        made.dates,
        pre_from=today - dt.timedelta(days=20),
        treatment_from=today - dt.timedelta(days=5),
        treatment_until=today + dt.timedelta(days=20),
    )
    return msgspec.structs.replace(made, name=name, dates=dates, ramp=())


async def register_trial(log: Log, chosen: Plan, plan_hash: str = "0" * 64) -> None:
    """Register a trial in a log."""
    event = TrialRegistered(trial_id=chosen.name, plan=canonical(chosen), plan_hash=plan_hash)
    await log.append(Append(stream=f"trial/{chosen.name}", events=(NewEvent(event=event),)))
