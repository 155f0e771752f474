"""What a browser loads, as the desk sends it: the console's first page, and the widget.

The reference of a claim is its budget. Bytes are those of the answers' bodies on the wire, counted
from a desk's own file service, with gzip as every browser asks for it.
"""

from __future__ import annotations

import asyncio
import re

import httpx

from benchmarks.harness import finish, options, report
from stepin.web.static_files import Files

CONSOLE_BYTES = 250_000
WIDGET_BYTES = 14_000
_LINKED = re.compile(r'(?:src|href)="(/console/[^"]+)"')


async def _weigh(client: httpx.AsyncClient, path: str) -> int:
    async with client.stream("GET", path, headers={"accept-encoding": "gzip"}) as answer:
        answer.raise_for_status()
        return sum([len(chunk) async for chunk in answer.aiter_raw()])


async def measure() -> dict[str, int]:
    """Return the bytes on the wire of each file of a first load, and of the widget."""
    transport = httpx.ASGITransport(app=Files())
    async with httpx.AsyncClient(transport=transport, base_url="http://desk") as client:
        page = (await client.get("/console/")).text
        paths = ["/console/", *_LINKED.findall(page), "/widget/stepin.js"]
        return {path: await _weigh(client, path) for path in paths}


def main() -> None:
    """Weigh and report."""
    options(__doc__)
    sizes = asyncio.run(measure())
    for path, size in sizes.items():
        print(f"  {path}: {size} bytes")
    widget = sizes.pop("/widget/stepin.js")
    scripts = sum(size for path, size in sizes.items() if path.endswith(".js"))
    claims = (
        ("console: all of the first load, gzip", sum(sizes.values()), CONSOLE_BYTES),
        ("console: JavaScript of the first load, gzip", scripts, CONSOLE_BYTES),
        ("widget: gzip", widget, WIDGET_BYTES),
    )
    for claim, size, budget in claims:
        report(claim, [size], [budget], goal=1.0, at_least=False, unit="bytes")
    finish()


if __name__ == "__main__":
    main()
