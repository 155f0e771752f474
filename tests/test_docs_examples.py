"""The files that the pages on extending show are whole, and do what the pages say."""

from __future__ import annotations

import asyncio
import importlib.util
import re
import shutil
import sys
from contextlib import closing
from datetime import UTC, datetime
from math import isfinite
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

from stepin.agent.builtin.record_picker import pick
from stepin.agent.sandbox import Rehearsal
from stepin.agent.shop.check import check
from stepin.agent.shop.handbook import load_tools, read_handbook
from stepin.agent.shop.procedure import Fact
from stepin.agent.tools.tool import Caller, ToolFailed
from stepin.cli.common import OnLog
from stepin.evidence.analysis.context import Context
from stepin.evidence.data.sample import Sample
from stepin.evidence.data.synthetic import plant
from stepin.judge.chat import Role, Turn
from stepin.judge.detectors.panel import Panel
from stepin.language import languages
from stepin.language.patterns import pattern_problems
from stepin.log.open import open_log
from stepin.trial.reading import read
from tests.evidence.report.conftest import PLAN, world
from tests.log.samples import fill

PAGES = Path(__file__).parents[1] / "docs" / "extending"
SHOWN = re.compile(r"^\*\*`([^`]+)`\*\*\n\n```\w+\n(.*?)^```", re.MULTILINE | re.DOTALL)


def shown(page: str, folder: Path) -> dict[str, Path]:
    """Write the files that a page shows into a folder; return them by name."""
    written = {}
    for name, text in SHOWN.findall((PAGES / page).read_text("utf-8")):
        path = written[Path(name).name] = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    return written


def loaded(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"shown_{path.stem}", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


async def test_the_tool_is_found_without_a_problem_and_happens_once(tmp_path: Path) -> None:
    folder = shown("tool.md", tmp_path)["__init__.py"].parent
    tools = {tool.name: tool for tool in load_tools(folder, tmp_path / "data", _now)}
    assert check(read_handbook(folder), tools, folder) == []
    pause, caller = tools["pause_plan"], Caller(customer_id="c1001", asserted=True, key="k")
    planned = await pause.plan(caller, {})
    assert planned.records == {"state": "running", "price": 9.5}
    assert await pause.call(caller, {}) == {"state": "paused", "price": 9.5}
    with pytest.raises(ToolFailed, match="no running plan"):
        await pause.call(caller, {})
    assert pause.reconcile is not None
    assert await pause.reconcile(caller) == ("succeeded", {"state": "paused"})
    other = Caller(customer_id="c1001", asserted=True, key="other")
    assert await pause.reconcile(other) == ("failed", {})


async def test_the_brain_answers_at_a_desk_and_gives_up(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    module = loaded(shown("brain.md", tmp_path)["echo_brain.py"])
    await module.main()
    assert "ai:echo-1 MessagePosted You said: Hello" in capsys.readouterr().out
    rehearsal = Rehearsal(module.EchoBrain(), {}, customer_id="dora")
    assert await rehearsal.customer_says("Hello") == ["You said: Hello"]
    await rehearsal.customer_says("I want a refund")
    assert rehearsal.ended == "given_up"


def test_the_detector_scores_capitals_and_raises_its_cause(tmp_path: Path) -> None:
    shouting = loaded(shown("detector.md", tmp_path)["shouting.py"]).Shouting()
    panel = Panel(own=(shouting,))

    def score(text: str, role: Role = "customer") -> float:
        state = panel.update(panel.start(), Turn(role=role, text=text))
        return next(s.score for s in panel.score(state) if s.detector == "shouting")

    assert score("WHERE IS MY PARCEL") == 1.0
    assert score("Where is my parcel?") < 0.1
    assert score("OK") == score("WHERE IS MY PARCEL", "ai") == 0.0
    assert shouting.cause == "emotional"
    assert panel.version != Panel().version


def test_the_estimator_finds_a_planted_difference(tmp_path: Path) -> None:
    found = shown("estimator-and-section.md", tmp_path)
    rng = np.random.default_rng(3)
    unit = np.repeat(np.arange(40), 50)
    treated = np.arange(40) % 2 == 0
    y = rng.normal(size=unit.size) + treated[unit]
    draws = np.array([rng.permuted(treated) for _ in range(200)])
    gap, p = loaded(found["median.py"]).median_difference(y, unit, treated, draws)
    assert gap == pytest.approx(1.0, abs=0.2)  # 20 units a side, errors of 0.06
    assert p < 0.05


def test_the_section_shows_a_finding_of_every_outcome(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = shown("estimator-and-section.md", tmp_path)
    estimator = "stepin.evidence.estimators.row_level.median"
    monkeypatch.setitem(sys.modules, estimator, loaded(found["median.py"]))
    medians = loaded(found["medians.py"])
    facts, plan = tmp_path / "facts", read(PLAN)
    plant(world(20), facts, 5)
    with closing(Sample(facts, plan)) as sample:
        section = medians.section(Context(sample))
    assert section.id == medians.SPEC.id
    assert [f.outcome for f in section.findings] == ["duration_s", "rating", "retrial_7d"]
    for finding in section.findings:
        assert isfinite(finding.estimate.value)
        assert 0 <= (finding.randomization_p or 0) <= 1
        assert finding.estimate.rows > finding.estimate.clusters == 20
    (table,) = section.blocks
    assert [row[0].text for row in table.rows] == [f.label for f in section.findings]


async def test_the_command_prints_the_longest_chats(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    url = f"sqlite:///{tmp_path / 'log.sqlite'}"
    log = await open_log(url)
    await fill(log)
    await log.close()
    command = loaded(shown("command.md", tmp_path)["longest.py"])
    common = OnLog(log=url)
    assert await asyncio.to_thread(command.longest, most=2, common=common) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split() == ["stream", "events"]
    assert len(lines) == 3
    assert all(line.startswith("chat/") for line in lines[1:])


async def test_the_store_opens_and_appends(tmp_path: Path) -> None:
    store = loaded(shown("store.md", tmp_path)["__init__.py"]).MineLog
    log = await store.open(tmp_path / "log.sqlite")
    await fill(log, chats=1)
    assert await log.position() > 0
    await log.close()


def _now() -> datetime:
    return datetime.now(UTC)


def test_the_language_file_has_all_names_and_finds_its_examples(tmp_path: Path) -> None:
    for part in ("sentences", "patterns"):
        shutil.copytree(Path(languages.__file__).parent / part, tmp_path / part)
    shutil.copy(tmp_path / "sentences/en.toml", tmp_path / "sentences/nl.toml")
    shutil.copytree(tmp_path / "patterns/en", tmp_path / "patterns/nl")
    shown("language.md", tmp_path)
    records = [{"order": f"ST-{n}", "name": "x"} for n in (100_001, 100_002, 100_003)]
    fact = Fact(kind="pick", ask={}, key="order", words=("name",), pattern=r"(ST-\d{6})")
    said = "doe mij maar de tweede"
    assert pick(fact, records, said, shown=records).record is None
    with languages.languages_in(tmp_path):
        assert list(pattern_problems("nl")) == []
        assert pick(fact, records, said, shown=records).record == records[1]
