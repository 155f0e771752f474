"""A kept model is the one that would be fitted now; nothing else is taken for it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from stepin.judge.models.intent import IntentModel, fit
from tests.fitted import SOURCE, SOURCES, FittedModels, digest_of

PAIRS = [("where is my parcel", "parcel"), ("my money back", "refund")]
FITS = "stepin.judge.fitting.fit, stepin.judge.models.intent"


@pytest.fixture
def fits() -> list[list[tuple[str, str]]]:
    """What has been fitted."""
    return []


@pytest.fixture
def get(
    tmp_path: Path, fits: list[list[tuple[str, str]]]
) -> Callable[[str, list[tuple[str, str]]], IntentModel]:
    def got(code: str, pairs: list[tuple[str, str]]) -> IntentModel:
        def fitted() -> IntentModel:
            fits.append(pairs)
            return fit(pairs)

        return FittedModels(tmp_path, code).get(IntentModel, pairs, fitted)

    return got


def test_a_model_is_fitted_once_and_then_read(
    get: Callable[..., IntentModel], fits: list[object]
) -> None:
    first, second = get("a", PAIRS), get("a", PAIRS)
    assert len(fits) == 1
    assert first.version == second.version == fit(PAIRS).version


def test_other_data_never_hit(get: Callable[..., IntentModel], fits: list[object]) -> None:
    other = [("where is my box", "parcel"), PAIRS[1]]
    assert get("a", PAIRS).version != get("a", other).version
    assert fits == [PAIRS, other]


def test_another_code_never_hits_and_removes_what_the_old_one_fitted(
    get: Callable[..., IntentModel], fits: list[object], tmp_path: Path
) -> None:
    get("a", PAIRS)
    get("b", PAIRS)
    assert len(fits) == 2
    assert len(list(tmp_path.iterdir())) == 1


def test_a_damaged_file_is_fitted_again(
    get: Callable[..., IntentModel], fits: list[object], tmp_path: Path
) -> None:
    whole = get("a", PAIRS)
    (kept,) = tmp_path.iterdir()
    kept.write_bytes(kept.read_bytes()[:100])
    assert get("a", PAIRS).version == whole.version
    assert len(fits) == 2


def test_a_changed_source_name_or_library_is_another_code(tmp_path: Path) -> None:
    (tmp_path / "judge").mkdir()
    source = tmp_path / "judge" / "fit.py"
    source.write_text("a = 1\n")
    (tmp_path / "errors.py").write_text("")
    names, libraries = ("errors.py", "judge"), {"numpy": "2.1"}
    digests = [digest_of(tmp_path, names, libraries)]
    assert digest_of(tmp_path, reversed(names), libraries) == digests[0]
    digests.append(digest_of(tmp_path, names, {"numpy": "2.2"}))
    source.write_text("a = 2\n")
    digests.append(digest_of(tmp_path, names, libraries))
    source.rename(source.with_name("fits.py"))
    digests.append(digest_of(tmp_path, names, libraries))
    (tmp_path / "judge" / "words.txt").write_text("refund\n")
    digests.append(digest_of(tmp_path, names, libraries))
    assert len(set(digests)) == len(digests)


def test_all_code_that_fitting_loads_is_hashed() -> None:
    told = "print(*(m.__file__ for n, m in sys.modules.items() if n.startswith('stepin.')))"
    code = f"import sys, {FITS}; {told}"
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = {Path(file).relative_to(SOURCE).parts[0] for file in ended.stdout.split()}
    assert "judge" in loaded
    assert loaded <= set(SOURCES)
