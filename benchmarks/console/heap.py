"""What a page's heap holds: the page's own objects, and code that the browser has compiled."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from playwright.async_api import CDPSession


@dataclass(frozen=True, slots=True)
class Heap:
    """Bytes in use after garbage collections; `code` of them are what was compiled."""

    used: int
    code: int

    @property
    def objects(self) -> int:
        """What the page itself keeps."""
        return self.used - self.code


async def read_heap(cdp: CDPSession) -> Heap:
    """Return what is in use now."""
    for _ in range(3):
        await cdp.send("HeapProfiler.collectGarbage")
    used = int((await cdp.send("Runtime.getHeapUsage"))["usedSize"])
    return Heap(used=used, code=_code(await _snapshot(cdp)))


async def _snapshot(cdp: CDPSession) -> dict[str, Any]:
    parts: list[str] = []

    def keep(event: dict[str, Any]) -> None:
        parts.append(event["chunk"])

    cdp.on("HeapProfiler.addHeapSnapshotChunk", keep)
    await cdp.send("HeapProfiler.takeHeapSnapshot", {"reportProgress": False})
    cdp.remove_listener("HeapProfiler.addHeapSnapshotChunk", keep)
    snapshot: dict[str, Any] = json.loads("".join(parts))
    return snapshot


def _code(snapshot: dict[str, Any]) -> int:
    meta, nodes = snapshot["snapshot"]["meta"], snapshot["nodes"]
    width = len(meta["node_fields"])
    kind, size = (meta["node_fields"].index(name) for name in ("type", "self_size"))
    code = meta["node_types"][kind].index("code")
    return sum(nodes[at + size] for at in range(0, len(nodes), width) if nodes[at + kind] == code)
