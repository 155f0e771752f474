"""An extension on the public API: it type-checks, its tests pass, and a served desk uses it."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import msgspec
import pytest

import stepin
from stepin.agent.shop.procedure import Limit
from stepin.agent.tools.joined import JoinedTools
from stepin.cli.checks.check import At
from stepin.cli.checks.shop import look_at_detectors, look_at_extension, look_at_shop
from stepin.cli.extension import extension_of, joined
from stepin.cli.shop import parts_of
from stepin.core.events.action import ActionSucceeded
from stepin.core.events.chat import MessagePosted
from stepin.core.events.supervision import ChatScored
from stepin.desk.parts import Parts
from stepin.errors import Invalid, Missing, StepinError
from stepin.judge.detectors.requested import Requested
from stepin.settings import Settings
from tests.simple import SimpleBrain
from tests.web.served import serving

ROOT = Path(__file__).parents[1]
EXAMPLE = ROOT / "examples" / "extension"
NAME = "stepin_parcels.wiring:parts"


@pytest.fixture
def installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(EXAMPLE / "src"))


@pytest.fixture
def module(monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    """Make a module of some names, and return its own."""

    def make(**names: Any) -> str:
        made = ModuleType("made_extension")
        vars(made).update(names)
        monkeypatch.setitem(sys.modules, made.__name__, made)
        return made.__name__

    return make


def ran(*command: str, cwd: Path) -> tuple[int, str]:
    path = os.pathsep.join((str(ROOT / "src"), str(EXAMPLE / "src")))
    env = {**os.environ, "PYTHONPATH": path, "MYPYPATH": path}
    done = subprocess.run(
        [sys.executable, "-m", *command], cwd=cwd, env=env, capture_output=True, text=True
    )
    return done.returncode, done.stdout + done.stderr


def test_it_type_checks_strictly_against_the_public_api(tmp_path: Path) -> None:
    # With the options of `make check`, so that what it has read of Stepin is read no second time.
    code, said = ran("mypy", "--strict", str(EXAMPLE / "src"), str(EXAMPLE / "tests"), cwd=ROOT)
    assert code == 0, said
    (wrong := tmp_path / "wrong.py").write_text("from stepin import Parts, Partz\n")
    code, said = ran("mypy", "--strict", str(wrong), cwd=ROOT)
    assert 'has no attribute "Partz"' in said
    assert code == 1


def test_its_own_tests_pass() -> None:
    plain = ("-p", "no:cacheprovider", "-p", "no:asyncio", "-p", "no:randomly")
    code, said = ran("pytest", "-q", *plain, cwd=EXAMPLE)
    assert code == 0, said


def test_it_imports_nothing_of_stepin_but_public_names() -> None:
    for path in EXAMPLE.rglob("*.py"):
        for line in path.read_text("utf-8").splitlines():
            if line.startswith("from stepin import "):
                names = line.removeprefix("from stepin import ").split(", ")
                assert set(names) <= set(stepin.__all__), path
            assert not line.strip().startswith(("from stepin.", "import stepin")), path


@pytest.mark.usefixtures("installed")
async def test_a_served_desk_calls_its_tool_and_logs_its_score(tmp_path: Path) -> None:
    parts = parts_of(Settings(extension=NAME))
    async with serving(tmp_path, parts=parts) as served:
        await served.on_duty("ann")
        _, opened = await served.customer(
            "Where is my parcel P-100001?", identity=served.identity("c1001")
        )
        chat_id = opened["chat_id"]
        await served.settled(chat_id)
        events = [e.event for e in await served.app.site.log.read(f"chat/{chat_id}")]
    said = [e.text for e in events if isinstance(e, MessagePosted)]
    assert said[-1] == (
        "Your parcel P-100001 is at the depot in Leeds and should arrive on 2026-12-04."
    )
    (done,) = (e for e in events if isinstance(e, ActionSucceeded))
    assert done.result["place"] == "the depot in Leeds"
    scores = [e.scores["chasing"] for e in events if isinstance(e, ChatScored)]
    assert scores[0] == 0.5


@pytest.mark.usefixtures("installed")
async def test_a_turn_of_another_kind_goes_to_the_brain_inside(tmp_path: Path) -> None:
    parts = parts_of(Settings(extension=NAME))
    async with serving(tmp_path, parts=parts) as served:
        await served.on_duty("ann")
        _, opened = await served.customer("Hello!")
        await served.settled(opened["chat_id"])
        events = await served.app.site.log.read(f"chat/{opened['chat_id']}")
    said = [e.event.text for e in events if isinstance(e.event, MessagePosted)]
    assert said[-1] == "Hello! Tell me your order number and I will look it up."
    assert "parcels-first-1+simple-1" in str(events)


def boom(settings: Settings) -> Parts:
    raise ZeroDivisionError("no parcels")


def refusing(settings: Settings) -> Parts:
    raise Missing("There is no carrier.", code="no_carrier")


REFUSED: dict[str, tuple[Any, type[StepinError], str, str]] = {
    "a function that breaks": (boom, Invalid, "extension_broken", "ZeroDivisionError: no parcels"),
    "a function that refuses": (refusing, Missing, "no_carrier", "no carrier"),
    "something else": (3, Invalid, "extension_no_parts", "gives int, not stepin.Parts"),
    "a list of tools": (
        Parts(tools=[]),  # type: ignore[arg-type]
        Invalid,
        "extension_no_parts",
        "tools is of type list; put the tools into a Toolbox",
    ),
    "a detector's class": (
        Parts(detectors=[Requested]),  # type: ignore[list-item]
        Invalid,
        "extension_no_parts",
        r"detectors holds the class Requested; make one of it, as Requested\(\)",
    ),
    "a detector without a threshold": (
        Parts(detectors=[SimpleBrain()]),  # type: ignore[list-item]
        Invalid,
        "extension_no_parts",
        "a SimpleBrain in detectors lacks cause, name, score, start, threshold, update",
    ),
    "a brain's class": (
        Parts(brains={"mine": SimpleBrain}),  # type: ignore[dict-item]
        Invalid,
        "extension_no_parts",
        "brains holds the class SimpleBrain",
    ),
    "a function of something else": (
        lambda settings: None,
        Invalid,
        "extension_no_parts",
        "gives NoneType",
    ),
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_gives_no_parts_is_refused(what: str, module: Callable[..., str]) -> None:
    found, kind, code, text = REFUSED[what]
    with pytest.raises(kind, match=text) as caught:
        extension_of(Settings(extension=f"{module(parts=found)}:parts"))
    assert caught.value.code == code


@pytest.mark.parametrize(
    ("name", "code", "text"),
    [
        ("stepin_parcels", "extension_name", "is 'stepin_parcels'"),
        ("stepin parcels:parts", "extension_name", "is 'stepin parcels:parts'"),
        ("no_such_package.wiring:parts", "no_extension", "no module 'no_such_package'"),
        ("stepin_parcels.none:parts", "no_extension", "no module 'stepin_parcels.none'"),
        ("stepin_parcels.wiring:none", "no_extension", "has no 'none'"),
    ],
)
@pytest.mark.usefixtures("installed")
def test_a_name_that_leads_nowhere_is_refused(name: str, code: str, text: str) -> None:
    with pytest.raises(StepinError, match=text) as caught:
        extension_of(Settings(extension=name))
    assert caught.value.code == code


def test_a_module_that_misses_another_one_is_not_called_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "lacking_extension.py").write_text("import no_such_dependency\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    with pytest.raises(Invalid, match="No module named 'no_such_dependency'") as caught:
        extension_of(Settings(extension="lacking_extension:parts"))
    assert caught.value.code == "extension_broken"


@pytest.mark.usefixtures("installed")
def test_what_both_have_is_refused_and_the_shop_s_limits_hold() -> None:
    own = extension_of(Settings(extension=NAME))
    with pytest.raises(Invalid, match="locate_parcel") as caught:
        joined(own, own)
    assert caught.value.code == "tool_twice"
    assert own.tools is not None
    tools = JoinedTools([own.tools], [Limit(tool="locate_parcel", times=1)])
    tool = tools.get("locate_parcel")
    assert tool is not None
    assert tool.limit.times == 1
    brains = Parts(brains={"mine": SimpleBrain()})
    with pytest.raises(Invalid, match="mine") as caught:
        joined(brains, brains)
    assert caught.value.code == "brain_twice"


@pytest.mark.usefixtures("installed")
def test_the_example_joins_the_sample_shop_and_obeys_its_procedures(tmp_path: Path) -> None:
    shop = tmp_path / "shop"
    shutil.copytree(ROOT / "examples" / "shop", shop)
    with (shop / "procedures" / "address.toml").open("a", encoding="utf-8") as procedure:
        procedure.write('\n[[limits]]\ntool = "locate_parcel"\ntimes = 4\n')
    settings = Settings(shop=str(shop), shop_data=str(tmp_path / "data"), tools_apart=False)
    alone = parts_of(settings)
    both = parts_of(msgspec.structs.replace(settings, extension=NAME))
    assert alone.tools is not None
    assert both.tools is not None
    names = {tool.name for tool in both.tools.all()}
    assert names == {tool.name for tool in alone.tools.all()} | {"locate_parcel"}
    own, paid = both.tools.get("locate_parcel"), both.tools.get("refund_item")
    assert own is not None
    assert own.limit.times == 4
    assert paid is not None
    assert paid.limit.approve_above == 150.0
    assert set(both.brains or ()) == {"builtin"}
    assert both.advice is not None


def test_what_the_extension_sets_takes_the_place_of_the_shop_s() -> None:
    shop, own = Parts(clock_us=lambda: 1, watches=()), Parts(clock_us=lambda: 2)
    both = joined(shop, own)
    assert both.clock_us() == 2
    assert both.watches == ()
    assert joined(shop, Parts()).clock_us() == 1


@pytest.mark.usefixtures("installed")
def test_the_brain_that_is_set_may_be_the_extension_s(module: Callable[..., str]) -> None:
    name = module(parts=Parts(brains={"mine": SimpleBrain()}))
    parts = parts_of(Settings(extension=f"{name}:parts", brain="mine"))
    assert set(parts.brains or ()) == {"mine"}
    with pytest.raises(Invalid, match="no shop is set"):
        parts_of(Settings(extension=f"{name}:parts", brain="yours"))


@pytest.mark.usefixtures("installed")
def test_the_doctor_loads_it(module: Callable[..., str]) -> None:
    (check,) = asyncio.run(look_at_extension(At(Settings(extension=NAME), {})))
    assert check.detail == (f"{NAME}: tools locate_parcel; detectors chasing; a wrapper of brains")
    assert asyncio.run(look_at_extension(At(Settings(), {}))) == []
    own = extension_of(Settings(extension=NAME))
    twice = Parts(detectors=(*own.detectors, *own.detectors))
    at = At(Settings(extension=f"{module(parts=twice)}:parts", detectors="none"), {})
    assert asyncio.run(look_at_shop(at))
    with pytest.raises(Invalid, match="chasing"):
        asyncio.run(look_at_detectors(at))
