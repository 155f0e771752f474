"""A desk whose disk is full for a while: what it answers meanwhile, and afterwards."""

from __future__ import annotations

import asyncio
import json
import resource
import sys
from pathlib import Path
from typing import Any

from tests.web.served import serving


async def main(folder: Path) -> None:
    found: dict[str, Any] = {}
    async with serving(folder) as served:
        dora, opened = await served.customer()
        path = f"/api/customer/chats/{opened['chat_id']}/messages"
        found["before"] = (await dora.get("/readyz")).status_code
        size = (folder / "log.sqlite-wal").stat().st_size
        no_limit = resource.RLIM_INFINITY
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, no_limit))
        for n in range(200):
            answer = await dora.post(path, json={"text": f"{n} " + "x" * 4_000})
            if answer.status_code != 200:
                break
        found["post"], found["told"] = answer.status_code, answer.text
        for name in ("full", "still full"):
            answer = await dora.get("/readyz")
            found[name] = [answer.status_code, answer.json()["error"]["fields"]["why"]]
        found["alive"] = (await dora.get("/healthz")).status_code
        resource.setrlimit(resource.RLIMIT_FSIZE, (no_limit, no_limit))
        served.app.site.readiness._probed_s = float("-inf")
        found["after"] = (await dora.get("/readyz")).status_code
        found["post after"] = (await dora.post(path, json={"text": "back"})).status_code
    print(json.dumps(found))


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1])))
