"""Who looked at the outcomes of a trial before its end, and why."""

from __future__ import annotations

from stepin.core.events.floor import LogNoted, TrialStopped, Unblinded
from stepin.core.record import NewEvent
from stepin.errors import Refused
from stepin.log.codec import TRIALS
from stepin.log.protocol import Append, Log


async def running_trials(log: Log) -> list[str]:
    """Return the ids of the trials that were registered and have not been stopped."""
    running = []
    for stream in sorted(await log.streams(ref=TRIALS)):
        if not any(isinstance(e.event, TrialStopped) for e in await log.read(stream)):
            running.append(stream.removeprefix("trial/"))
    return running


async def note_export(log: Log, *, by: str, why: str | None, scope: str) -> list[str]:
    """Write down that raw events leave the log, and return the trials that this unblinds.

    A raw export joins outcomes with holders and arms, so every running trial gets an `Unblinded`.

    Parameters
    ----------
    log : the log.
    by : who asks, as an actor.
    why : the reason; required while a trial is running.
    scope : what leaves, e.g. ``export`` or ``export with texts``.

    Raises
    ------
    Refused
        ``trial_running`` if a trial is running and no reason was given.
    """
    trials = await running_trials(log)
    if trials and not (why and why.strip()):
        raise Refused(
            f"A trial is running ({', '.join(trials)}): a raw export would unblind it.",
            hint="Wait for its end, or say why with --why; that is written into the log.",
            code="trial_running",
            trials=", ".join(trials),
        )
    for trial in trials:
        event = Unblinded(trial_id=trial, why=why or "", scope=scope)
        await log.append(Append(stream=f"trial/{trial}", events=(NewEvent(event=event, actor=by),)))
    noted = LogNoted(what=scope, why=why or None)
    await log.append(Append(stream="desk", events=(NewEvent(event=noted, actor=by),)))
    return trials
