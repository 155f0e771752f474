"""The settings of a desk: where each value came from, and nothing that a policy decides.

Order: flag > environment (``STEPIN_PORT``) > ``stepin.toml`` > default. A key that nobody knows
is an error wherever it stands, so that a typo never runs a desk on a default.
"""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

import msgspec

from stepin.errors import Invalid

_USUAL = {"http": 80, "https": 443}
PREFIX = "STEPIN_"
FILE = "stepin.toml"
_NOT_SETTINGS = ("STEPIN_CONFIG", "STEPIN_PASSWORD", "STEPIN_LLM_", "STEPIN_TEST_")

_Positive = Annotated[int, msgspec.Meta(ge=1)]
_Seconds = Annotated[float, msgspec.Meta(gt=0)]


class Settings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How one process of the desk runs.

    Attributes
    ----------
    name : the desk's name, as customers and workers see it.
    log : where the log is: `sqlite:///FILE` or `postgresql://…?schema=NAME`.
    host, port : where the server listens.
    policy : the policy file (TOML) in force when no trial says otherwise; empty for the default.
    shop : the folder of the shop that the AI works for (procedures, articles, tools), if any.
    shop_data : where the shop's tools keep their data.
    extension : a team's own tools, brains and detectors, as `package.module:name`: a
        `stepin.Parts`, or a function that takes the settings and returns one. They join the
        shop's; empty for none.
    tools_apart : whether the shop's tools run in a process of their own, which is restarted
        when one of them hangs.
    data : the folder for what a desk keeps beside its log: reports in `evidence/NAME/`, roll-ups.
    brain : the brain of the default policy, e.g. `openai:MODEL`; empty leaves it to the policy.
    detectors : the folder of the models that score chats (`stepin judge fit`); empty for those that
        come with Stepin, `none` for rules alone.
    demo_customer : the signed customer of the page /shop; empty for an anonymous visitor.
    replies : a TOML file of canned replies and labels; empty for none.
    secrets : the file of the desk's secrets; empty for one beside the log (with a log in
        PostgreSQL: in the data folder). Processes on several machines share it, or set the secrets
        below.
    identity_secret : the secret with which the host site signs its customers; if empty, the desk
        keeps one of its own (`stepin config secret`).
    identity_secret_previous : a second secret that is accepted while the host site changes over.
    chat_secret : the secret with which the desk signs who may return to a chat; if empty, the desk
        keeps one of its own.
    chat_secret_previous : a second secret that is accepted while processes change over.
    identity_audience : the audience that the host site's tokens must name.
    widget_origins : the origins of sites that may embed the customer's widget.
    session_hours, session_idle_minutes : when a worker must sign in again.
    chat_token_hours : how long a customer may return to a chat without the host site.
    secure_cookies : whether the session's cookie is sent over HTTPS only.
    proxies : addresses of reverse proxies whose `X-Forwarded-*` headers are trusted, or `*`.
    metrics_public : whether `/metrics` needs no API key.
    body_bytes : the largest request body; the default holds the longest text, however JSON writes
        it.
    messages_per_minute : a customer's messages and commands per chat.
    opens_per_minute : chats that may be opened from one address; coming back doesn't count.
    sign_ins_per_minute : attempts to sign in for one account from one address, ten times that from
        one address; a browser in which that worker has signed in before has a count of its own.
    commands_per_minute : requests of a worker or an API key that change something.
    heartbeat_s : the interval of heartbeats on feeds, and of checks that a listener may listen.
    feed_kb : how much may wait for a slow listener before it is disconnected.
    feeds_per_address : live feeds of customers from one address; each chat has at most 8.
    feed_keep : events that a returning console may have missed before it reloads the floor.
    turns : AI turns that this process runs at once.
    lease_s : how long work stays with a process that has died.
    hang_s : a process whose event loop is blocked by one piece of code for this many seconds exits
        with code 70, so that its supervisor starts another; 0 is never.
    alert_webhooks : Slack-compatible webhooks that are called, without a customer's words, for
        alerts that have escalated beyond a chat's owner.
    attention : whether consoles report which chat is in view.
    attention_days : for how many days the record of what workers looked at is kept before it is
        destroyed; the log stays intact. 0 keeps it for good.
    log_level : how much the process logs about itself.
    access_log : which requests are logged: all, those that failed or took over a second, or none.
    """

    name: str = "Stepin"
    log: str = "sqlite:///stepin.sqlite"
    host: str = "127.0.0.1"
    port: Annotated[int, msgspec.Meta(ge=0, le=65_535)] = 8000
    policy: str = ""
    shop: str = ""
    shop_data: str = ".stepin/shop"
    extension: str = ""
    tools_apart: bool = True
    data: str = ".stepin"
    brain: str = ""
    detectors: str = ""
    demo_customer: str = ""
    replies: str = ""
    secrets: str = ""
    identity_secret: str = ""
    identity_secret_previous: str = ""
    chat_secret: str = ""
    chat_secret_previous: str = ""
    identity_audience: str = "stepin"
    widget_origins: tuple[str, ...] = ()
    session_hours: _Seconds = 12.0
    session_idle_minutes: _Seconds = 120.0
    chat_token_hours: _Seconds = 48.0
    secure_cookies: bool = False
    proxies: tuple[str, ...] = ("127.0.0.1",)
    metrics_public: bool = False
    body_bytes: _Positive = 114_688
    messages_per_minute: _Positive = 60
    opens_per_minute: _Positive = 30
    sign_ins_per_minute: _Positive = 10
    commands_per_minute: _Positive = 600
    heartbeat_s: _Seconds = 15.0
    feed_kb: _Positive = 256
    feeds_per_address: _Positive = 200
    feed_keep: _Positive = 20_000
    turns: _Positive = 16
    lease_s: _Seconds = 15.0
    hang_s: Annotated[float, msgspec.Meta(ge=0)] = 60.0
    alert_webhooks: tuple[str, ...] = ()
    attention: bool = True
    attention_days: Annotated[int, msgspec.Meta(ge=0)] = 0
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    access_log: Literal["all", "failed", "none"] = "failed"


SECRETS = frozenset(
    {
        "identity_secret",
        "identity_secret_previous",
        "chat_secret",
        "chat_secret_previous",
        "alert_webhooks",
    }
)
"""Settings whose value is never printed."""

KEYS = tuple(field.name for field in msgspec.structs.fields(Settings))


class Loaded(msgspec.Struct, frozen=True, kw_only=True):
    """Settings, and for each key where its value came from."""

    settings: Settings
    origins: dict[str, str]


def load(
    flags: Mapping[str, Any] | None = None,
    *,
    env: Mapping[str, str],
    file: Path | None = None,
) -> Loaded:
    """Return the settings in force.

    Parameters
    ----------
    flags : values given on the command line; None means that the flag was not given.
    env : the environment. Lists are separated by commas.
    file : the TOML file; None means the one that `STEPIN_CONFIG` names, else ``stepin.toml`` if
        there is one.

    Raises
    ------
    Invalid
        A key is unknown, a value has the wrong type, or a named file can't be read.
    """
    values: dict[str, Any] = {}
    origins = dict.fromkeys(KEYS, "default")
    path, named = _file(env, file)
    for key, value in _read(path, named=named).items():
        _known(key, f"{path}")
        values[key], origins[key] = value, str(path)
    for name, text in env.items():
        if not name.startswith(PREFIX) or name.startswith(_NOT_SETTINGS):
            continue
        key = name.removeprefix(PREFIX).lower()
        _known(key, name)
        values[key], origins[key] = _from_text(key, text), name
    for key, value in (flags or {}).items():
        if value is not None:
            _known(key, "flag")
            values[key], origins[key] = value, f"--{key.replace('_', '-')}"
    return Loaded(settings=_convert(values, origins), origins=origins)


def _file(env: Mapping[str, str], file: Path | None) -> tuple[Path, bool]:
    if file is not None:
        return file, True
    if env.get("STEPIN_CONFIG"):
        return Path(env["STEPIN_CONFIG"]), True
    return Path(FILE), False


def _read(path: Path, *, named: bool) -> dict[str, Any]:
    if not named and not path.exists():
        return {}
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise Invalid(f"{path}: {error}", code="settings_invalid", file=str(path)) from error


def _known(key: str, where: str) -> None:
    if key in KEYS:
        return
    near = difflib.get_close_matches(key, KEYS, 1)
    raise Invalid(
        f"{where}: there is no setting {key!r}.",
        hint=f"Did you mean {near[0]!r}?" if near else "`stepin config show` lists them all.",
        code="settings_unknown",
        key=key,
    )


def _from_text(key: str, text: str) -> Any:
    if isinstance(getattr(Settings(), key), tuple):
        return tuple(part.strip() for part in text.split(",") if part.strip())
    return text


def _convert(values: dict[str, Any], origins: Mapping[str, str]) -> Settings:
    try:
        settings = msgspec.convert(values, Settings, strict=False)
    except msgspec.ValidationError as error:
        message, _, path = str(error).partition(" - at `$.")
        key = path.rstrip("`").split("[")[0]
        raise Invalid(
            f"{origins.get(key, 'settings')}: {key}: {message}.",
            hint="See the settings reference for the keys and their types.",
            code="settings_invalid",
            key=key,
        ) from error
    sites = tuple(_origin(one, origins["widget_origins"]) for one in settings.widget_origins)
    return msgspec.structs.replace(settings, widget_origins=sites)


def _origin(text: str, where: str) -> str:
    """Return an origin as a browser sends it; `null` is what a sandboxed frame sends."""
    if text == "null":
        return text
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        parts, port = urlsplit(""), None
    host = parts.hostname or ""
    bare = parts.path in ("", "/") and not (parts.query or parts.fragment or parts.username)
    if parts.scheme not in _USUAL or not host or not bare or any(c in host for c in ' "[]'):
        raise Invalid(
            f"{where}: widget_origins: {text!r} is not an origin.",
            hint="Write each as https://shop.example, with its port where that isn't the usual "
            "one; in the environment they are separated by commas.",
            code="settings_invalid",
            key="widget_origins",
        )
    host = f"[{host}]" if ":" in host else host
    end = "" if port in (None, _USUAL[parts.scheme]) else f":{port}"
    return f"{parts.scheme}://{host}{end}"
