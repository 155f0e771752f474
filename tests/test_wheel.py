"""20: the wheel carries the built pages; installed alone it serves the console, without a Node."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import sysconfig
import tarfile
import venv
import zipfile
from pathlib import Path

import httpx
import pytest

from stepin.web.static_files import STATIC

ROOT = Path(__file__).parents[1]
SHOP = ROOT / "examples" / "shop"
PARTS = ("console/index.html", "widget/stepin.js")


@pytest.fixture(scope="module")
def archives(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The wheel and the sdist, built from this tree."""
    if not all((STATIC / part).exists() for part in PARTS):
        subprocess.run([sys.executable, "hatch_build.py", "build"], cwd=ROOT, check=True)
    out = tmp_path_factory.mktemp("dist")
    command = [sys.executable, "-m", "hatchling", "build", "-d", str(out)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    return next(out.glob("*.whl")), next(out.glob("*.tar.gz"))


def test_both_archives_hold_the_built_pages(archives: tuple[Path, Path]) -> None:
    with zipfile.ZipFile(archives[0]) as wheel:
        packed = set(wheel.namelist())
    with tarfile.open(archives[1]) as sdist:
        sources = {name.partition("/")[2] for name in sdist.getnames()}
    built = {str(p.relative_to(STATIC)) for p in STATIC.rglob("*") if p.is_file()}
    assert built >= set(PARTS)
    assert {f"stepin/web/static/{part}" for part in built} <= packed
    assert {f"src/stepin/web/static/{part}" for part in built} <= sources
    assert {"frontend/package-lock.json", "docs/reference/openapi.json"} <= sources
    assert not any("node_modules" in name for name in packed | sources)
    shop = {
        str(p.relative_to(SHOP)) for p in SHOP.rglob("*") if p.suffix in (".toml", ".md", ".py")
    }
    assert {"__init__.py", "replies.toml", "procedures/refund.toml"} <= shop
    assert {f"stepin/sample_shop/{part}" for part in shop} <= packed
    assert {f"examples/shop/{part}" for part in shop} <= sources
    assert not any("__pycache__" in name for name in packed | sources)


def test_20_the_installed_wheel_serves_the_console(
    archives: tuple[Path, Path], tmp_path: Path
) -> None:
    home = tmp_path / "venv"
    venv.create(home, with_pip=False)
    site = next(home.glob("lib/python*/site-packages"))
    with zipfile.ZipFile(archives[0]) as wheel:
        wheel.extractall(site)
    # The dependencies come from here; stepin itself only from the wheel.
    (site / "zz_dependencies.pth").write_text(sysconfig.get_paths()["purelib"] + "\n")
    python = home / "bin/python"
    clean = {"PATH": str(home / "bin"), "HOME": str(tmp_path), "LANG": os.environ.get("LANG", "C")}
    where = subprocess.run(
        [python, "-c", "import stepin; print(stepin.__file__)"],
        cwd=tmp_path, env=clean, check=True, capture_output=True, text=True,
    ).stdout  # fmt: skip
    assert where.startswith(str(site)), where
    with subprocess.Popen(
        [python, "-m", "stepin", "serve", "--port", "0"],
        cwd=tmp_path, env=clean, stdout=subprocess.PIPE, text=True,
    ) as served:  # fmt: skip
        try:
            assert served.stdout is not None
            url = _address(served.stdout.readline())
            page = httpx.get(f"{url}/console/")
            assert page.status_code == 200
            (script,) = re.findall(r'src="(/console/assets/[^"]+\.js)"', page.text)
            assert httpx.get(url + script).status_code == 200
            assert httpx.get(f"{url}/widget/stepin.js").status_code == 200
        finally:
            served.terminate()
            served.wait(20)
    with subprocess.Popen(
        [python, "-m", "stepin", "serve", "--demo", "--still", "--port", "0"],
        cwd=tmp_path, env=clean, stdout=subprocess.PIPE, text=True,
    ) as served:  # fmt: skip
        try:
            assert served.stdout is not None
            url = _address(served.stdout.readline())
            answer = httpx.get(f"{url}/api/demo/customer")
            assert answer.json()["customer_id"] == "c1001", "the sample shop comes with the wheel"
        finally:
            served.terminate()
            served.wait(20)


def _address(said: str) -> str:
    found = re.search(r"http://\S+", said)
    assert found, said
    return found.group(0)
