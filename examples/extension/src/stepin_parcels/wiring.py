"""What this extension adds to a desk; named by `extension = "stepin_parcels.wiring:parts"`."""

from __future__ import annotations

import time

from stepin import Parts, Settings, Toolbox
from stepin_parcels.carrier import SAMPLE, Carrier
from stepin_parcels.chasing import Chasing
from stepin_parcels.locate_parcel import locate_parcel_tool
from stepin_parcels.parcels_first import ParcelsFirst


def parts(settings: Settings) -> Parts:
    """Return a tool, a detector, and a wrapper for every brain of the desk."""
    return Parts(
        tools=Toolbox([locate_parcel_tool(Carrier(SAMPLE))], now_s=time.monotonic),
        detectors=(Chasing(),),
        wrap_brain=ParcelsFirst,
    )
