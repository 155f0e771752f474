"""Chinese: a verb is a claim by the marks of completion around it, within its clause."""

from __future__ import annotations

from collections.abc import Iterator

from stepin.language.claims.claim import Claim, Kind, kinds_by_word, words

_APART = frozenset(",，:：;；。！？!?()（）\n—")
_BACK = 6


def _are(name: str) -> tuple[str, ...]:
    return tuple(words("zh", "marks", name))


def claims_of(sentence: str) -> list[Claim]:
    """Return the claims of one sentence."""
    found: list[Claim] = []
    asked = sentence.rstrip().endswith(("?", "？"))
    clauses = list(_clauses(sentence))
    for number, clause in enumerate(clauses):
        last = number == len(clauses) - 1
        if (asked and last) or _is_open(clause):
            continue
        for kinds, start, end in _verbs(clause):
            if _is_done(clause, start, end, number):
                found.append(Claim(_named(kinds, clause), sentence))
                break
    return found


def _clauses(sentence: str) -> Iterator[str]:
    start = 0
    for at, char in enumerate(f"{sentence}\n"):
        if char in _APART:
            if part := sentence[start:at].strip():
                yield part
            start = at + 1


def _is_open(clause: str) -> bool:
    return (
        any(one in clause for one in _are("conditions"))
        or any(clause.endswith(one) for one in _are("ask"))
        or any(one in clause for one in _are("says"))
        or clause.endswith(("后", "时", "前", "的话"))
    )


def _verbs(clause: str) -> Iterator[tuple[frozenset[Kind], int, int]]:
    known = kinds_by_word("zh", "done")
    for at in range(len(clause)):
        for size in (3, 2):
            kinds = known.get(clause[at : at + size])
            if kinds is not None and at + size <= len(clause):
                yield kinds, at, at + size
                break


def _is_done(clause: str, start: int, end: int, number: int) -> bool:
    before, after = clause[:start], clause[end:]
    if after.startswith(_are("then")) or after[:3].startswith(
        tuple(f"了{x}" for x in ("后", "的"))
    ):
        return False
    mark = max((before.rfind(one) for one in _are("before")), default=-1)
    near = before[-_BACK:]
    if any(one in (before[mark:] if mark >= 0 else near) for one in _are("no")):
        return False
    if mark >= 0:
        if any(one in before[mark:] for one in ("会", "将", "可", "能")):
            return False
        if _is_you(before[:mark]):
            return False
        return not _is_everybodys(before[:mark], after)
    if any(one in near for one in _are("may")) or _is_you(before):
        return False
    if clause[end - 1] == "了" or after.startswith(_are("after")):
        ours = not before.strip() or any(one in before for one in _are("ours"))
        return ours or number > 0
    return False


def _is_you(before: str) -> bool:
    """Return whether the customer is the one who did it: "您已取消", and not "为您取消"."""
    for you in _are("you"):
        at = before.rfind(you)
        if at >= 0 and not before[:at].endswith(_are("for")) and before[at + 1 : at + 2] != "的":
            return True
    return False


def _is_everybodys(before: str, after: str) -> bool:
    """Return whether "已取消订单不能…" names a sort of orders and not what was done."""
    noun = after.startswith(("订单", "商品", "包裹", "款项", "金额", "产品", "货物"))
    return noun and not before.strip() and any(one in after for one in _are("later"))


def _named(kinds: frozenset[Kind], clause: str) -> frozenset[Kind]:
    if kinds != {"any"}:
        return kinds
    about = kinds_by_word("zh", "about")
    named = frozenset(kind for word, ks in about.items() if word in clause for kind in ks)
    return named or kinds
