"""Languages without files: each is told by its words or script; English and Chinese are not."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from stepin.language.languages import languages_folder, languages_in
from stepin.language.strangers import stranger, stranger_languages

SAID = {
    "ru": "Где мой заказ?",
    "uk": "Де моє замовлення? Її немає",
    "ja": "注文した商品はいつ届きますか",
    "ko": "주문한 상품 언제 와요?",
    "ar": "أين طلبي",
    "hi": "मेरा ऑर्डर कहाँ है",
    "th": "พัสดุของฉันอยู่ที่ไหน",
    "el": "Πού είναι η παραγγελία μου",
    "he": "איפה ההזמנה שלי",
    "de": "Wo ist mein Paket?",
    "fr": "Combien coûte la livraison ?",
    "es": "¿Dónde está mi pedido?",
    "pt": "Onde está minha encomenda?",
    "it": "dov'è il mio ordine",
    "nl": "waar is mijn pakket",
    "pl": "gdzie jest moja paczka",
    "tr": "siparişim nerede kaldı",
    "vi": "đơn hàng của tôi ở đâu",
    "id": "di mana pesanan saya",
    "sv": "var är mitt paket",
}


def test_every_language_has_a_sentence_and_is_told() -> None:
    assert {one.code for one in stranger_languages()} == SAID.keys()
    for code, text in SAID.items():
        assert getattr(stranger(text), "code", None) == code, text


@pytest.mark.parametrize(
    "text",
    [
        "where is my parcel",
        "我的耳机到哪了",
        "我的「ノート」到哪了呢请帮我查一下",
        "no",
        "ok",
        "send it to Calle de la Luna 5 in Madrid",
        "my name is Анна",
        "ＳＴ８５３２２５",
        "ST-853225",
        "die is broken, the was on it",
        "👍👍👍",
        "résumé holder and café set please",
    ],
)
def test_what_may_be_a_language_that_is_there_is_no_stranger(text: str) -> None:
    assert stranger(text) is None


def test_a_language_that_has_files_is_no_stranger(tmp_path: Path) -> None:
    folder = tmp_path / "language"
    shutil.copytree(languages_folder() / "sentences", folder / "sentences")
    shutil.copy(folder / "sentences/en.toml", folder / "sentences/de.toml")
    assert stranger(SAID["de"]) is not None
    with languages_in(folder):
        assert stranger(SAID["de"]) is None
    assert stranger(SAID["de"]) is not None
