"""A brain that a policy names is loaded, or `serve`, `doctor` and `trial register` say why not."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from stepin.cli import main
from stepin.cli.brains import of_trials
from stepin.cli.checks.check import At
from stepin.cli.checks.shop import look_at_shop
from stepin.cli.checks.trial import look_at_trial
from stepin.cli.shop import parts_of
from stepin.core.policy import load_policy
from stepin.errors import Invalid, StepinError
from stepin.log.open import open_log
from stepin.settings import Settings
from tests.cli.test_doctor import SHOP

NAMED = 'name = "default"\n[ai]\nbrain = "openai:fake"\n'


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for key in ("STEPIN_LOG", "STEPIN_CONFIG", "STEPIN_BRAIN", "STEPIN_SHOP", "OPENAI_API_KEY"):
        monkeypatch.delenv(key, raising=False)
    monkeypatch.delenv("STEPIN_LLM_URL", raising=False)
    monkeypatch.delenv("STEPIN_LLM_KEY", raising=False)
    (tmp_path / "policy.toml").write_text(NAMED)
    return tmp_path


@pytest.fixture
def key(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STEPIN_LLM_URL", "http://127.0.0.1:9/v1")
    monkeypatch.setenv("STEPIN_LLM_KEY", "none")


def settings(folder: Path, shop: str = SHOP) -> Settings:
    return Settings(
        policy=str(folder / "policy.toml"),
        shop=shop,
        shop_data=str(folder / "shop"),
        log=f"sqlite:///{folder}/stepin.sqlite",
        tools_apart=False,
    )


@pytest.mark.usefixtures("key")
def test_the_policy_file_s_brain_is_loaded(folder: Path) -> None:
    assert set(parts_of(settings(folder)).brains or ()) == {"builtin", "openai:fake"}
    (check,) = asyncio.run(look_at_shop(At(settings(folder), {})))
    assert check.detail.endswith("brain openai:fake")


def test_a_policy_s_brain_that_can_t_be_opened_is_refused_by_serve_and_doctor(folder: Path) -> None:
    with pytest.raises(StepinError):
        parts_of(settings(folder))
    with pytest.raises(StepinError):
        asyncio.run(look_at_shop(At(settings(folder), {})))
    with pytest.raises(Invalid) as caught:
        parts_of(settings(folder, shop=""))
    assert caught.value.code == "no_shop"


def test_a_policy_with_the_ai_off_needs_no_brain(folder: Path) -> None:
    (folder / "policy.toml").write_text(NAMED + "enabled = false\n")
    assert set(parts_of(settings(folder)).brains or ()) == {"builtin"}


def registered(folder: Path, capsys: pytest.CaptureFixture[str]) -> tuple[int, str]:
    """The exit code and error of registering a trial whose arm `ai` names a brain."""

    async def make() -> None:
        await (await open_log(settings(folder).log)).close()

    asyncio.run(make())
    for words in (("new", "pilot.toml"), ("register", "pilot.toml", "--json")):
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main(["trial", *words])
        if words[0] == "new":
            arm = folder / "ai.toml"
            text = arm.read_text()
            assert load_policy(text, source="ai.toml").ai.brain == "builtin"
            changed = text.replace("[ai]\n", '[ai]\nbrain = "openai:fake"\n')
            arm.write_text(changed)
            assert load_policy(changed, source="ai.toml").ai.brain == "openai:fake"
    said = json.loads(capsys.readouterr().out)
    return int(ended.value.code or 0), said.get("error", {}).get("code", "")


def test_a_trial_whose_arm_names_a_brain_that_can_t_be_opened_isn_t_registered(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert registered(folder, capsys) == (1, "no_shop")

    async def events() -> int:
        log = await open_log(settings(folder).log)
        try:
            assert await of_trials(log) == ()
            return len(await log.read("trial/pilot"))
        finally:
            await log.close()

    assert asyncio.run(events()) == 0


def test_the_arms_brains_are_loaded_or_the_doctor_and_serve_refuse(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "policy.toml").write_text('name = "default"\n')
    with monkeypatch.context() as there:
        there.setenv("STEPIN_SHOP", SHOP)
        there.setenv("STEPIN_LLM_URL", "http://127.0.0.1:9/v1")
        there.setenv("STEPIN_LLM_KEY", "none")
        assert registered(folder, capsys) == (0, "")

        async def asked() -> tuple[str, ...]:
            log = await open_log(settings(folder).log)
            try:
                return await of_trials(log)
            finally:
                await log.close()

        arms = asyncio.run(asked())
        assert arms == ("openai:fake",)
        assert set(parts_of(settings(folder), arms).brains or ()) == {"builtin", "openai:fake"}
        assert asyncio.run(look_at_trial(At(settings(folder), {}))) == []
    with pytest.raises(StepinError):
        parts_of(settings(folder), arms)
    with pytest.raises(StepinError):
        asyncio.run(look_at_trial(At(settings(folder), {})))
