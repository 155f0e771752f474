"""What the product itself says: complete in every language, refused where it isn't."""

from __future__ import annotations

from pathlib import Path

import pytest

from stepin.core.notice import notice
from stepin.errors import Invalid
from stepin.language.languages import code_of, codes, in_language, language_of, languages_in
from stepin.language.sentences import assistant, sentence_problems, sentences
from stepin.language.sentences.speakers import Sentences
from tests.language.conftest import MARK, change


def write(folder: Path, old: str, new: str) -> None:
    change(folder / "sentences" / "zh.toml", (old, new))


@pytest.mark.parametrize("language", codes())
def test_every_language_says_everything(language: str) -> None:
    assert list(sentence_problems(language)) == []


def test_all_speakers_say_something_in_all_languages() -> None:
    for speaker in Sentences.__struct_fields__:
        section = getattr(sentences(), speaker)
        for name in section.__struct_fields__:
            assert tuple(getattr(section, name)) == codes()


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('hello = "', 'hallo = "', "[assistant] hello is missing"),
        ('hello = "', 'hallo = "', "[assistant] has `hallo`, which nobody says"),
        ("我是{shop}的", "我是您的", "[assistant] disclosed lacks the gap {shop}"),
        ("生活愉快", "{name}生活愉快", "[assistant] bye has the gap {name}, which nothing fills"),
        ("生活愉快", "生活{愉快", "[assistant] bye has a brace"),
        ("[bridge]", "[bridges]", "nobody is called [bridges]"),
        ("[bridge]", "[bridges]", "[bridge] noted is missing"),
        ('script = "han"', 'script = "x"', "[about] needs a `name` and a `script`"),
        ("[bridge]", "[bridge", "can't be read"),
    ],
)
def test_a_file_that_differs_is_refused_as_a_whole(
    folder: Path, old: str, new: str, told: str
) -> None:
    write(folder, old, new)
    with languages_in(folder):
        assert any(told in problem for problem in sentence_problems("zh"))
        with pytest.raises(Invalid) as refused:
            assistant()
    assert refused.value.code == "language_invalid"
    assert "sentences/zh.toml" in refused.value.message
    assert "stepin agent check" in (refused.value.hint or "")
    assert assistant().hello["zh"]


def test_the_files_are_read_once(folder: Path) -> None:
    with languages_in(folder):
        before = assistant()
        (folder / "sentences" / "en.toml").unlink()
        assert assistant() is before


def test_who_has_no_language_of_ours_reads_english() -> None:
    assert [code_of(tag) for tag in ("zh-Hant-TW", "ZH_cn", "zho", "en-GB", "fr", "")] == [
        *("zh", "zh", "zh", "en", "en", "en")
    ]
    assert in_language({"en": "yes", "zh": ""}, "zh") == "yes"


def test_a_language_is_a_file(third: Path) -> None:
    with languages_in(third):
        assert codes() == ("en", "xx", "zh")
        assert in_language(assistant().bye, code_of("xx-XX")).startswith(MARK)
        assert notice("timed_out", "xx").text.startswith(MARK)
        assert language_of("where is my parcel", "xx") == "xx"
        assert language_of("where is my parcel", "zh") == "en"
        assert language_of("我的包裹在哪里", "xx") == "zh"
    assert codes() == ("en", "zh")
