"""The doctor opens what `serve` opens: where one refuses, the other says why, and exits 1."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path

import pytest

from stepin.cli.checks import LOOKS
from tests.cli.test_root import stepin

ROOT = Path(__file__).parents[2]
SHOP = str(ROOT / "examples" / "shop")


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("desk") / "made"
    before = os.umask(0)
    try:
        made = stepin("init", str(folder), "--json")
    finally:
        os.umask(before)
    assert made.returncode == 0, made.stderr
    return folder


def env_of(folder: Path, **more: str) -> dict[str, str]:
    return {
        "STEPIN_CONFIG": str(folder / "stepin.toml"),
        "STEPIN_LOG": f"sqlite:///{folder}/stepin.sqlite",
        "STEPIN_POLICY": str(folder / "policy.toml"),
        "STEPIN_REPLIES": str(folder / "replies.toml"),
        "STEPIN_DATA": str(folder / "data"),
        "STEPIN_SHOP_DATA": str(folder / "data" / "shop"),
        **more,
    }


def findings(env: dict[str, str]) -> tuple[int, dict[str, str]]:
    done = stepin("doctor", "--json", **env)
    found = json.loads(done.stdout)
    return done.returncode, {c["name"]: c["detail"] for c in found if not c["fine"]}


def test_a_desk_that_was_just_made_is_in_order_and_private(desk: Path) -> None:
    assert findings(env_of(desk)) == (0, {})
    assert findings(env_of(desk, STEPIN_SHOP=SHOP)) == (0, {})
    modes = {p.name: stat.S_IMODE(p.stat().st_mode) for p in (desk, *desk.rglob("*"))}
    wide = {name for name, mode in modes.items() if mode & 0o077}
    # What the sample shop keeps is the shop's own; it lies in a folder that nobody else enters.
    assert not {n for n in wide if not n.startswith((".intents", "shop.sqlite"))}, modes


REFUSED: dict[str, tuple[dict[str, str], str]] = {
    "a brain without a shop": ({"STEPIN_BRAIN": "openai:some"}, "shop"),
    "a brain without a key": (
        {"STEPIN_BRAIN": "openai:fake", "STEPIN_SHOP": SHOP, "OPENAI_API_KEY": ""},
        "shop",
    ),
    "a shop that isn't there": ({"STEPIN_SHOP": "/nowhere"}, "shop"),
    "no detectors": ({"STEPIN_DETECTORS": "/nowhere"}, "detectors"),
    "a webhook that is none": ({"STEPIN_ALERT_WEBHOOKS": "ftp://x"}, "webhooks"),
    "a policy that isn't there": ({"STEPIN_POLICY": "/nowhere.toml"}, "policy"),
    "replies that aren't there": ({"STEPIN_REPLIES": "/nowhere.toml"}, "replies"),
    "a setting that isn't one": ({"STEPIN_PROT": "1"}, "settings"),
    "a log that is none": ({"STEPIN_LOG": f"sqlite:///{ROOT}/README.md"}, "log"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_where_serve_refuses_the_doctor_says_why(desk: Path, case: str) -> None:
    more, name = REFUSED[case]
    env = env_of(desk, STEPIN_PORT="0", **more)
    served = stepin("serve", **env)
    assert served.returncode == 1, served.stdout
    code, found = findings(env)
    assert code == 1
    assert name in found
    told = stepin("doctor", **env).stdout
    assert f"FAIL {name}" in told


BROKEN = {"policy": "STEPIN_POLICY", "extension": "STEPIN_EXTENSION"}


@pytest.mark.parametrize("first", BROKEN)
def test_what_is_wrong_is_told_once_and_what_hangs_on_it_points_there(
    desk: Path, tmp_path: Path, first: str
) -> None:
    (bad := tmp_path / "bad.toml").write_text("[ladder]\nno_such_key = 1\n")
    value = str(bad) if first == "policy" else "nowhere_at_all:parts"
    code, found = findings(env_of(desk, **{BROKEN[first]: value}))
    assert code == 1
    told = found.pop(first)
    assert ("no_such_key" if first == "policy" else "nowhere_at_all") in told
    assert {"shop", "detectors"} <= found.keys()
    assert set(found.values()) == {f"not looked at, because of what {first} says above"}


def test_secrets_of_another_desk_are_refused_by_both(desk: Path, tmp_path: Path) -> None:
    assert stepin("config", "secret", **env_of(desk)).returncode == 0
    other = env_of(desk, STEPIN_PORT="0", STEPIN_SECRETS=str(tmp_path / "other.secrets"))
    code, found = findings(other)
    assert (code, set(found)) == (1, {"secrets"})
    served = stepin("serve", **other)
    assert served.returncode == 1
    assert "other secrets" in served.stderr


def test_files_that_others_may_read_are_named_with_what_to_type(desk: Path) -> None:
    log = desk / "stepin.sqlite"
    log.chmod(0o644)
    try:
        done = stepin("doctor", **env_of(desk))
        assert done.returncode == 1
        assert "stepin.sqlite (0644)" in done.stdout
        assert f"chmod 600 {log}" in done.stdout
    finally:
        log.chmod(0o600)


def test_the_secret_that_is_printed_is_the_one_that_is_used(desk: Path) -> None:
    env = env_of(desk)
    first = stepin("config", "secret", **env).stdout.strip()
    assert stepin("config", "secret", **env).stdout.strip() == first
    made = stepin("config", "rotate", "identity", "--overlap-hours", "1", **env).stdout.split()[0]
    assert stepin("config", "secret", **env).stdout.strip() == made != first
    assert first in (desk / "stepin.secrets").read_text()
    set_ = {**env, "STEPIN_IDENTITY_SECRET": "mine"}
    assert stepin("config", "secret", **set_).stdout.strip() == "mine"
    assert stepin("config", "rotate", **set_).returncode == 1
    shown = stepin("config", "show", "--json", **set_).stdout
    assert "mine" not in shown
    secret = {**env, "STEPIN_LOG": "postgresql://u:hidden@h/db"}
    assert "hidden" not in stepin("config", "show", **secret).stdout


def test_each_check_has_a_name_of_its_own() -> None:
    names = [name for name, _ in LOOKS]
    assert len(set(names)) == len(names)
