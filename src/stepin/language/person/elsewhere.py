"""The plain forms of other languages: a word for a person beside a word for reaching one."""

from __future__ import annotations

_FORMS: tuple[tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]], ...] = (
    (  # German
        ("mitarbeiter", "menschen", "mensch", "berater", "person", "kundendienst", "kundenservice",
         "kundenberater", "vorgesetzten", "jemand", "ansprechpartner", "chef"),
        ("sprechen", "reden", "verbinden", "verbinde", "mochte", "möchte", "brauche", "will", "bitte",
         "weiterleiten", "chatten", "echten", "weiter"),
        ("kein", "keinen", "nicht", "ohne"),
    ),
    (  # Spanish
        ("humano", "humana", "persona", "agente", "representante", "operador", "asesor", "alguien",
         "supervisor", "encargado", "gerente"),
        ("hablar", "quiero", "necesito", "comunicar", "comunicarme", "pasame", "pasar", "páseme",
         "conectar", "conecta", "transferir", "atienda", "favor", "puedo", "real"),
        ("no", "sin", "otra"),
    ),
    (  # French
        ("humain", "humaine", "personne", "conseiller", "conseillère", "conseillere", "agent",
         "quelqu'un", "responsable", "opérateur", "operateur", "superviseur"),
        ("parler", "veux", "voudrais", "besoin", "passez", "joindre", "transférer", "transferer",
         "contacter", "souhaite", "vraie", "vrai"),
        ("pas", "sans", "autre"),
    ),
    (  # Portuguese
        ("humano", "humana", "pessoa", "atendente", "agente", "alguém", "alguem", "gerente",
         "supervisor", "representante"),
        ("falar", "quero", "preciso", "transferir", "conversar", "passar", "chamar", "posso",
         "atendido", "favor"),
        ("não", "nao", "sem", "outra"),
    ),
    (  # Italian
        ("umano", "umana", "persona", "operatore", "operatrice", "agente", "qualcuno",
         "responsabile", "addetto"),
        ("parlare", "voglio", "vorrei", "bisogno", "passatemi", "mettermi", "contattare", "passami"),
        ("non", "senza", "altra"),
    ),
    (  # Dutch
        ("mens", "persoon", "medewerker", "iemand", "leidinggevende"),
        ("spreken", "praten", "wil", "doorverbinden", "verbinden", "graag"),
        ("niet", "geen", "zonder"),
    ),
    (  # Hindi, also in Latin letters
        ("insaan", "insan", "agent", "aadmi", "vyakti", "manager", "representative"),
        ("baat", "baat karni", "karni", "chahiye", "karao", "karwao", "karna"),
        ("nahi", "nahin", "mat"),
    ),
)  # fmt: skip
_BARE: tuple[tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]], ...] = (
    (("オペレーター", "オペレータ", "人間", "担当者", "担当の人", "有人", "スタッフ", "係の人", "責任者", "店員"),
     ("話", "繋", "つな", "代わ", "かわ", "お願い", "対応", "呼", "出して", "頼"), ("不要", "じゃない", "結構")),
    (("상담원", "상담사", "사람", "직원", "담당자", "매니저", "책임자"),
     ("연결", "통화", "얘기", "이야기", "대화", "바꿔", "상담하", "상담 하", "부탁", "불러"), ("말고", "필요없", "필요 없")),
    (("موظف", "شخص", "إنسان", "انسان", "بشري", "مندوب", "المدير", "مدير", "ممثل", "أحد"),
     ("تحدث", "اتحدث", "أتحدث", "التحدث", "اكلم", "أكلم", "كلم", "حول", "أريد", "اريد", "تواصل"), ("لا أريد", "بدون")),
    (("оператор", "человек", "сотрудник", "менеджер", "специалист", "консультант", "руководител"),
     ("соедин", "позов", "переключ", "хочу", "нужен", "живо", "поговор", "связ", "дайте", "пригласи"), ("не нужен", "не хочу")),
    (("इंसान", "एजेंट", "व्यक्ति", "आदमी", "प्रतिनिधि", "मैनेजर"), ("बात", "चाहिए", "करना", "जोड़", "करवा", "ट्रांसफर"), ("नहीं",)),
    (("người", "nhân viên", "tư vấn viên", "quản lý"), ("nói chuyện", "gặp", "chuyển", "kết nối"), ("không cần",)),
    (("เจ้าหน้าที่", "พนักงาน", "คนจริง", "แอดมิน"), ("คุย", "ติดต่อ", "โอนสาย", "ขอ"), ("ไม่",)),
    (("insan", "temsilci", "yetkili", "müşteri hizmetleri", "biriyle", "operatör"),
     ("görüş", "bağla", "istiyorum", "konuş", "aktar"), ("istemiyorum",)),
)  # fmt: skip
_NEAR = 8
_STOPS = ".;!?\n,。！？、।؟،"


def asks(text: str) -> bool:
    """Return whether a text in one of these languages plainly asks for a person."""
    for part in _parts(text):
        words = part.replace("-", " ").replace("¿", " ").replace("¡", " ").split()
        bare = [w.strip("'\"()¿¡") for w in words]
        if any(_near(bare, *forms) for forms in _FORMS):
            return True
        if not part.isascii() and any(_within(part, *forms) for forms in _BARE):
            return True
    return False


def _parts(text: str) -> list[str]:
    for stop in _STOPS:
        text = text.replace(stop, "\n")
    return [part for part in text.split("\n") if part.strip()]


def _near(
    words: list[str], persons: tuple[str, ...], reach: tuple[str, ...], no: tuple[str, ...]
) -> bool:
    for at, word in enumerate(words):
        if word not in persons:
            continue
        near = words[max(0, at - _NEAR) : at + _NEAR]
        hit = any(w in reach for w in near)
        if hit and not any(w in no for w in words[max(0, at - 5) : at]):
            return True
    return False


def _within(
    part: str, persons: tuple[str, ...], reach: tuple[str, ...], no: tuple[str, ...]
) -> bool:
    return (
        len(part) <= 200
        and any(person in part for person in persons)
        and any(word in part for word in reach)
        and not any(word in part for word in no)
    )
