"""A section that can't be made says so; the other sections stand."""

from __future__ import annotations

from collections.abc import Mapping

from stepin.errors import StepinError
from stepin.evidence.analysis.context import Context
from stepin.evidence.analysis.faults import said, told
from stepin.evidence.analysis.results import Core
from stepin.evidence.report.document import Callout, Section
from stepin.evidence.report.spec import SectionSpec, worded


def guarded(
    spec: SectionSpec, context: Context, core: Core, made: Mapping[str, Section]
) -> Section:
    """Return the section, or the reason in words why these data don't carry it.

    Anything else that breaks in it stays in it: the section says that it failed, the verdict strip
    shows it as a failed check, and the other sections stand.
    """
    try:
        return spec.make(context, core, made)
    except StepinError as error:
        why = Callout(tone="warn", title="Not possible with these data.", text=said(error))
        return Section(id=spec.id, title=spec.title, lead=worded(spec.lead, context), blocks=(why,))
    except Exception as error:  # noqa: BLE001 - a report must not end for what one of its sections met
        what = told(error)
        return Section(
            id=spec.id,
            title=spec.title,
            lead=worded(spec.lead, context),
            blocks=(Callout(tone="bad", title="This section failed.", text=what),),
            failed=what,
        )
