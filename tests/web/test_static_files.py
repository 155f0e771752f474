"""The built console and widget over HTTP."""

from __future__ import annotations

import os
from pathlib import Path

import httpx
import pytest

from stepin.web.static_files import Files


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "console/assets").mkdir(parents=True)
    (tmp_path / "widget").mkdir()
    (tmp_path / "console/index.html").write_text("<title>console</title>")
    (tmp_path / "console/assets/index-1a2b.js").write_text("1")
    (tmp_path / "widget/stepin.js").write_text("2")
    (tmp_path.parent / "secret.txt").write_text("secret")
    return tmp_path


def client(folder: Path) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(app=Files(folder))  # type: ignore[arg-type]
    return httpx.AsyncClient(transport=transport, base_url="http://desk")


async def test_every_console_address_is_the_console(folder: Path) -> None:
    for path in ("/console/", "/console/floor/c1", "/console/lead"):
        answer = await client(folder).get(path)
        assert (answer.status_code, answer.text) == (200, "<title>console</title>")
        assert answer.headers["cache-control"] == "no-cache"
        assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]


async def test_hashed_assets_are_kept_and_missing_ones_are_missing(folder: Path) -> None:
    found = await client(folder).get("/console/assets/index-1a2b.js")
    assert "immutable" in found.headers["cache-control"]
    assert (await client(folder).get("/console/assets/index-old.js")).status_code == 404


async def test_the_widget_is_asked_for_again(folder: Path) -> None:
    assert (await client(folder).get("/widget/stepin.js")).headers["cache-control"] == "no-cache"


async def test_text_is_compressed_for_those_who_take_it_and_not_sent_twice(folder: Path) -> None:
    path, text = "/widget/stepin.js", "say();" * 500
    (folder / path[1:]).write_text(text)
    plain = await client(folder).get(path, headers={"accept-encoding": "identity"})
    packed = await client(folder).get(path, headers={"accept-encoding": "gzip, br"})
    assert "content-encoding" not in plain.headers
    assert packed.headers["content-encoding"] == "gzip"
    assert packed.headers["vary"] == plain.headers["vary"] == "accept-encoding"
    assert packed.headers["content-type"] == plain.headers["content-type"]
    assert int(packed.headers["content-length"]) < len(text) / 10
    assert packed.text == plain.text == text
    known = {"if-none-match": packed.headers["etag"]}
    assert (await client(folder).get(path, headers=known)).status_code == 304


async def test_a_new_build_is_served_at_once(folder: Path) -> None:
    served, path = client(folder), folder / "widget/stepin.js"
    assert (await served.get("/widget/stepin.js")).text == "2"
    path.write_text("3")
    os.utime(path, (1, 1))
    assert (await served.get("/widget/stepin.js")).text == "3"


@pytest.mark.parametrize(
    "path", ["/console/../../secret.txt", "/widget/%2e%2e/%2e%2e/secret.txt", "/else", "/widget/"]
)
async def test_nothing_else_is_served(folder: Path, path: str) -> None:
    answer = await client(folder).get(path)
    assert "secret" not in answer.text
    assert answer.status_code in (200, 404)


async def test_a_missing_build_is_said(tmp_path: Path) -> None:
    answer = await client(tmp_path).get("/console/")
    assert answer.status_code == 503
    assert "hatch_build.py build" in answer.text
