"""Settings: order of origins, types, and no key that nobody knows."""

from __future__ import annotations

from pathlib import Path

import pytest

from stepin.errors import Invalid
from stepin.settings import KEYS, Settings, load


def test_a_flag_beats_the_environment_which_beats_the_file(tmp_path: Path) -> None:
    file = tmp_path / "stepin.toml"
    file.write_text('port = 1\nname = "A"\nhost = "h"\n')
    env = {"STEPIN_PORT": "2", "STEPIN_NAME": "B", "STEPIN_TEST_POSTGRES": "x", "HOME": "/"}
    loaded = load({"port": 3, "turns": None}, env=env, file=file)
    assert (loaded.settings.port, loaded.settings.name, loaded.settings.host) == (3, "B", "h")
    assert loaded.origins["port"] == "--port"
    assert loaded.origins["name"] == "STEPIN_NAME"
    assert loaded.origins["host"] == str(file)
    assert loaded.origins["turns"] == "default"


def test_the_environment_is_read_as_the_setting_s_type(tmp_path: Path) -> None:
    env = {
        "STEPIN_WIDGET_ORIGINS": "https://a.example, https://b.example",
        "STEPIN_SECURE_COOKIES": "true",
        "STEPIN_HEARTBEAT_S": "2.5",
    }
    settings = load(env=env, file=_empty(tmp_path)).settings
    assert settings.widget_origins == ("https://a.example", "https://b.example")
    assert settings.secure_cookies is True
    assert settings.heartbeat_s == 2.5


@pytest.mark.parametrize(
    ("env", "text", "code", "key"),
    [
        ({"STEPIN_PROT": "1"}, "", "settings_unknown", "prot"),
        ({}, "prot = 1", "settings_unknown", "prot"),
        ({}, "[port]\na = 1", "settings_invalid", "port"),
        ({"STEPIN_PORT": "many"}, "", "settings_invalid", "port"),
        ({"STEPIN_PORT": "70000"}, "", "settings_invalid", "port"),
        ({"STEPIN_HEARTBEAT_S": "0"}, "", "settings_invalid", "heartbeat_s"),
    ],
)
def test_what_is_unknown_or_of_the_wrong_type_is_refused(
    tmp_path: Path, env: dict[str, str], text: str, code: str, key: str
) -> None:
    file = tmp_path / "stepin.toml"
    file.write_text(text)
    with pytest.raises(Invalid) as caught:
        load(env=env, file=file)
    assert (caught.value.code, caught.value.fields["key"]) == (code, key)


def test_a_file_that_is_named_must_be_there(tmp_path: Path) -> None:
    with pytest.raises(Invalid, match="No such file"):
        load(env={"STEPIN_CONFIG": str(tmp_path / "none.toml")})


def test_every_setting_is_explained() -> None:
    explained = (Settings.__doc__ or "").partition("----------")[2]
    names = {
        name.strip()
        for line in explained.splitlines()
        if " : " in line
        for name in line.partition(" : ")[0].split(",")
    }
    assert names == set(KEYS)


def _empty(folder: Path) -> Path:
    file = folder / "stepin.toml"
    file.write_text("")
    return file


@pytest.mark.parametrize(
    ("written", "sent"),
    [
        ("https://shop.example/", "https://shop.example"),
        ("HTTPS://Shop.Example:443", "https://shop.example"),
        ("http://127.0.0.1:8490", "http://127.0.0.1:8490"),
        ("http://[::1]:8490", "http://[::1]:8490"),
        ("null", "null"),
    ],
)
def test_an_origin_is_kept_as_browsers_send_it(written: str, sent: str) -> None:
    loaded = load(env={"STEPIN_WIDGET_ORIGINS": written})
    assert loaded.settings.widget_origins == (sent,)


@pytest.mark.parametrize(
    "written",
    ["not an origin", "shop.example", "https://shop.example/path", '["https://shop.example"]',
     "https://user@shop.example", "ftp://shop.example", "https://:80", "http://a:b", "*"],
)  # fmt: skip
def test_what_is_no_origin_is_refused(written: str) -> None:
    with pytest.raises(Invalid, match="is not an origin"):
        load(env={"STEPIN_WIDGET_ORIGINS": written})
