"""A section that can't be made says so; the other sections stand."""

from __future__ import annotations

from collections.abc import Callable

from stepin.errors import StepinError
from stepin.evidence.analysis.context import Context
from stepin.evidence.analysis.faults import said, told
from stepin.evidence.report.document import Callout, Section


def missing(id_: str, title: str, lead: str, why: str) -> Section:
    """Return the section of an analysis that these data can't carry."""
    return Section(
        id=id_,
        title=title,
        lead=lead,
        blocks=(Callout(tone="warn", title="Not possible with these data.", text=why),),
    )


def guarded(
    make: Callable[[Context], Section], context: Context, id_: str, title: str, lead: str
) -> Section:
    """Return the section, or the reason in words why these data don't carry it.

    Anything else that breaks in it stays in it: the section says that it failed, the verdict strip
    shows it as a failed check, and the other sections stand.
    """
    try:
        return make(context)
    except StepinError as error:
        return missing(id_, title, lead, said(error))
    except Exception as error:  # noqa: BLE001 - a report must not end for what one of its sections met
        what = told(error)
        return Section(
            id=id_,
            title=title,
            lead=lead,
            blocks=(Callout(tone="bad", title="This section failed.", text=what),),
            failed=what,
        )
