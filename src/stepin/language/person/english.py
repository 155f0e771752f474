"""English: a person as the object of a wish, word by word."""

from __future__ import annotations

from collections.abc import Container, Sequence

from stepin.language.person.spelling import corrected


def _w(words: str) -> frozenset[str]:
    return frozenset(words.split())


PERSON = _w(
    "human humans person people agent agents representative representatives rep reps operator "
    "operators advisor adviser advisors advisers manager managers supervisor supervisors somebody "
    "someone anybody anyone staff specialist specialists colleague colleagues employee employees "
    "associate associates boss csr human-being individual consultant consultants clerk attendant "
    "superior superiors whoever teammate teammates helpdesk receptionist assistant man woman guy "
    "lady expert professional executive officer livechat"
)
_NAMED = _w(
    "human humans person people agent agents representative representatives rep reps operator "
    "operators advisor adviser advisors advisers manager managers supervisor supervisors "
    "specialist colleague colleagues employee associate boss csr consultant superior individual "
    "humanbeing"
)
"""Words for a person who serves, where a bare word has to say it all."""
_ANYBODY = _w("somebody someone anybody anyone")
_TEAM = _w("team department dept support service services care relations desk line center centre")
_TEAM_BEFORE = _w(
    "customer customers your the support service client human billing sales technical tech "
    "complaints returns refunds live consumer guest user help"
)
_FILLER = _w(
    "a an the your any some another one of real actual live living human proper genuine senior "
    "different better competent flesh and blood customer service services support sales billing "
    "technical tech client care member members team teams staff high higher level kind nice damn "
    "bloody fucking freaking goddamn decent english chinese speaking qualified trained local "
    "ur ya intelligent smart thinking breathing actually really just please pls this that these those "
    "our someone's own whole mere normal sane helpful responsible knowledgeable store shop company "
    "floor shift duty account office head chief more other honest to goodness 1 us online"
)
_SENIORITY = _w("in charge")
_AFTER = _w(
    "please pls plz plox now asap immediately instead today again here there right to who that "
    "about on and or because cause bc not for from at in with without by via over is are can could "
    "would will thanks thank help helping assist assistance this my i i'm im me before after if so "
    "when as but rather than ok okay directly soon quickly already then else real alive awake "
    "online available around free first then this matter urgently now! nobody do does did have has "
    "been being since right-now straight away, working works speaking handling which whom whose it "
    "the a an your you we he she they us regarding concerning re higher up senior responsible "
    "instead, only just even either capable able knows yet anymore any maybe possible possibly "
    "although though through lol ffs omg !!! ! plus like such as of no yes yeah hello hi hey bro "
    "mate sir madam dude man girl damn dammit already, soonest tonight tomorrow this-evening "
    "morning afternoon evening agent human person representative rep support advisor adviser "
    "manager supervisor being beings interaction contact being,"
)
_SERVE = _w(
    "help helps helping call phone ring contact talk speak chat answer reply respond look looking "
    "check handle take deal sort fix solve resolve review read listen understand explain assist "
    "tell get reach join step email message text write attend investigate see come process "
    "be take-over give guide walk actually please just handle"
)
_SERVE_BARE = _w(
    "help call phone ring contact talk speak chat answer reply respond look check handle take deal "
    "sort review read assist explain join step attend investigate get come"
)
"""What somebody is asked to do where the wish is *could someone …*."""
_LOOK_ON = _w("at into over")
_CONTACT = _w(
    "speak speaking talk talking chat chatting discuss converse deal dealing word conversation touch "
    "connect connected connecting transfer transferred transferring put pass hand handed switch "
    "switched redirect redirected forward forwarded refer referred escalate escalated escalating "
    "route routed link linked patch patched direct directed through call contact consult check "
    "complain complaint confer communicate communicating interact interacting meet move moved "
    "passed over up escalation arrange conference correspond hop get message texting typing swap"
)
_PASSIVE = _w("transferred connected escalated passed switched redirected forwarded routed")
_TOWARDS = _w("to with onto into 2 w for")
_MINE = _w("me us this it my")
_WISH = _w(
    "want wanna need needs wish like prefer can could may might must let lemme please pls plz "
    "would i'd id demand insist require gotta have rather how way possible able try trying trying "
    "request requesting requested asking ask get give gimme looking hoping i'll ill where why "
    "urgent urgently now asap will shall want's needed wanted"
)
_GET = _w(
    "need want wanna demand require prefer get give gimme find fetch request requesting bring "
    "demanding needing wanting insist grab summon send"
)
_ASKING = _w("ask asking looking waiting begging beg pray calling")
_NEVER = _w("don't dont never not doesn't doesnt didn't didnt won't wont without no nor neither")
_THROUGH_NO = _w(
    "really even actually ever want wanna need wish like have to be get think i feel going gonna "
    "trying asking looking for speak talk talking speaking chat chatting call calling transferred "
    "connected transfer connect escalate with a an any the another your care me please my us put "
    "through you contact contacting this it just again necessarily see requesting request send "
    "require prefer human real live"
)
_OTHERS = _w(
    "he she they wife husband mother father mom dad mum son daughter friend driver courier "
    "neighbour neighbor neighbours neighbors children kids kid postman"
)
_PAST = _w(
    "was were been spoke talked chatted already told had called contacted spoken last yesterday "
    "earlier previously after when while"
)
_MACHINE = _w("bot bots chatbot chatbots robot robots ai machine machines computer computers "
              "algorithm software automation automaton chatgpt")  # fmt: skip
_BOT = _w("bot bots chatbot chatbots robot robots ai chatgpt")
_AUTOMATED = _w("automated automatic virtual canned robotic scripted")
_AUTOMATIC_THING = _w(
    "message messages response responses reply replies answer answers system assistant service chat "
    "agent menu voice"
)
_REFUSE = _w(
    "not no stop hate sick tired enough fed done useless quit leave rather instead stupid don't dont "
    "won't wont cannot can't cant refuse despise skip bypass exit without over out past beyond"
)
_HARD_REFUSE = _w("stop hate sick tired enough fed done refuse despise skip bypass quit exit")
_TALKING = _w(
    "talk talking speak speaking chat chatting deal dealing type typing converse texting answer "
    "answers answering messaging communicate arguing argue argument interact discuss help helped"
)
_THINGS_AFTER_MACHINE = _w(
    "vacuum vacuums cleaner washable wash mop lawn mower toy game games kit arm desk chair table "
    "bag monitor mouse case model models powered version store parts charger screen keyboard"
)
_GREETING = _w(
    "hello hi hey please pls plz ok okay yes no just i said say repeat want need is it get again so "
    "well oh um omg god now give me any a an the some your real actual live living right asap help "
    "support immediately urgently human customer service thanks thank you connect another someone "
    "and only one good transfer more to assistance needed required talk speak chat with"
)
_CASE = _w(
    "this it my the issue matter case complaint chat ticket problem please pls plz now asap "
    "immediately further up higher that conversation call query request situation urgently to "
    "management i want need wish would like can you could we demand must let's lets then ok okay"
)
_CALL_AFTER = _w("back please pls plz now asap today directly instead on at then urgently right soon "
                 "away immediately my tomorrow")  # fmt: skip
_CALL_BEFORE = _w(
    "please pls plz just can could you would will to and someone somebody or kindly i want need "
    "asap now then you"
)
_SHORT = {
    "sum1": "someone", "some1": "someone", "any1": "anyone", "smone": "someone", "sb": "somebody",
    "sumone": "someone", "sombody": "somebody", "ppl": "people", "mgr": "manager", "cs": "customer-service",
    "spk": "speak", "tlk": "talk", "w/": "with", "rly": "really", "cust": "customer", "hooman": "human",
    "hum4n": "human", "oper8or": "operator", "personnel": "staff", "persons": "people",
}  # fmt: skip
_BREAKS = ".;!?\n\r\u2026\u3002\uff01\uff1f\uff1b:()[]{}\u2014|/"


def asks(text: str) -> bool:
    """Return whether an English text, in lower case, asks for a person."""
    for sentence in _sentences(text):
        words = [word for part in sentence for word in part]
        if words and _only_names(words):
            return True
        for part in sentence:
            if part and _part_asks(part, len(sentence) == 1):
                return True
    return False


def _sentences(text: str) -> list[list[list[str]]]:
    """Return the sentences of a text, each as its parts between commas, each as its words."""
    found: list[list[list[str]]] = [[[]]]
    word: list[str] = []

    def end() -> None:
        if word:
            bare = "".join(word).strip("'")
            found[-1][-1].append(_SHORT.get(bare) or corrected(bare))
            word.clear()

    for letter in text:
        if letter.isascii() and (letter.isalnum() or letter == "'"):
            word.append(letter)
            continue
        end()
        if letter in _BREAKS:
            if any(found[-1]):
                found.append([[]])
        elif letter in ",-\u2013\uff0c\u3001" and found[-1][-1]:
            if letter != "-":
                found[-1].append([])
    end()
    return found


def _only_names(words: Sequence[str]) -> bool:
    """Return whether nothing is said but whom somebody wants (*agent*, *A HUMAN. NOW.*)."""
    if len(words) > 12 or not all(w in _GREETING or w in PERSON for w in words):
        return False
    if words[0] in ("thanks", "thank", "good") or (words[0] in _NEVER and len(words) > 1):
        return False
    named = [w for w in words if w in _NAMED or w in ("staff", "someone", "somebody")]
    service = _pair(words, "customer", ("service", "support", "care"))
    if words == ["no", "one"] or not (named or service):
        return False
    return not (named == ["human"] and words[-1] in ("needed", "required") and words[0] == "no")


def _pair(words: Sequence[str], first: str, then: Container[str]) -> bool:
    return any(a == first and b in then for a, b in zip(words, words[1:], strict=False))


def _part_asks(words: Sequence[str], whole: bool) -> bool:
    for at, word in enumerate(words):
        rules = []
        if word in _TOWARDS:
            rules.append(_reaches)
        if word in _GET or word in (
            "have",
            "see",
            "like",
            "contact",
            "reach",
            "call",
            "for",
            "from",
        ):
            rules.append(_gets)
        if word in _ASKING or word in ("prefer", "rather"):
            rules.append(_asks_for)
        if word == "put":
            rules.append(_puts_on)
        if word in (
            "is",
            "are",
            "isn't",
            "isnt",
            "aren't",
            "arent",
            "where",
            "any",
            "anyone",
            "anybody",
            "have",
            "somebody",
            "someone",
        ):
            rules.append(_exists)
        if word in ("can", "could", "may", "would", "will", "let", "have", "get", "make", "ask",
                    "wants", "need", "want", "must", "should", "please", "like"):  # fmt: skip
            rules.append(_serves)
        if word in _MACHINE or word in _AUTOMATED:
            rules.append(_refuses)
        if word in ("real", "live", "actual", "human", "living"):
            rules.append(_real)
        if word in ("escalate", "escalation", "transfer", "connect", "transferred", "connected",
                    "escalated"):  # fmt: skip
            rules.append(_escalates)
        if word in ("call", "phone", "ring", "callback", "callbacks", "speak", "talk", "contact"):
            rules.append(_calls)
        if any(rule(words, at) for rule in rules):
            return True
    return False


def _person_at(words: Sequence[str], at: int) -> int:
    """Return the place behind a person that begins at a place, -1 if none does."""
    end = min(len(words), at + 8)
    found = -1
    while at < end:
        word = words[at]
        if word in PERSON or (word in _TEAM and words[at - 1] in _TEAM_BEFORE):
            found = at + 1
            if word in ("human",) and at + 1 < len(words) and words[at + 1] == "being":
                found = at + 2
            if word not in _FILLER and not (at + 1 < end and words[at + 1] in PERSON):
                break
        elif word not in _FILLER:
            break
        at += 1
    return found


def _may_follow(words: Sequence[str], at: int) -> bool:
    """Return whether a person can end before this word; *the staff discount* is no person."""
    return at >= len(words) or words[at] in _AFTER or words[at].isdigit()


def _denied(words: Sequence[str], at: int) -> bool:
    """Return whether the wish that begins at a place is turned down."""
    for back in range(at - 1, max(-1, at - 9), -1):
        word = words[back]
        if word in ("no", "not") and back + 1 < len(words) and words[back + 1] in ("longer",):
            return True
        if word == "no" and back + 1 < at and words[back + 1] == "need":
            return True
        if word in _NEVER and word not in ("no", "nor", "neither"):
            before = words[back - 1] if back else ""
            return before not in ("why", "if", "unless", "or", "either") and word != "cant"
        if word not in _THROUGH_NO:
            return False
    return False


def _other_speaks(words: Sequence[str], at: int) -> bool:
    near = words[max(0, at - 5) : at]
    return any(w in _OTHERS for w in near)


def _wishes(words: Sequence[str], at: int) -> bool:
    near = words[max(0, at - 8) : at]
    return any(w in _WISH for w in near)


def _past(words: Sequence[str], at: int) -> bool:
    return any(w in _PAST for w in words[max(0, at - 4) : at])


def _reaches(words: Sequence[str], at: int) -> bool:
    """*Speak to an agent*, *in touch with a member of the team*, *hand this to a colleague*."""
    end = _person_at(words, at + 1)
    if end < 0 or not _may_follow(words, end):
        return False
    if end < len(words) and words[end] == "to" and not _to_serve(words, end):
        return False
    if words[end - 1] == "assistant" and "virtual" in words[at:end]:
        return False
    if words[at] == "for" and words[at - 1] not in ("arrange", "escalation"):
        return False
    for back in range(at - 1, max(-1, at - 7), -1):
        word = words[back]
        if word in ("for", "about", "from", "gift", "present", "parcel", "package", "money", "points",
                    "address", "order", "it's", "name") and back > at - 4:  # fmt: skip
            return False
        if word not in _CONTACT:
            continue
        if word == "over" and not any(w in ("hand", "put", "pass") for w in words[:back]):
            continue
        if word == "up" and not any(w in ("hook", "set") for w in words[:back]):
            continue
        if word in ("hand", "pass", "move", "call", "get", "put") and not _mine(words, back, at):
            continue
        if _denied(words, back) or _other_speaks(words, back):
            return False
        if _past(words, back) and not _wishes(words, back):
            return False
        near = words[max(0, back - 3) : back]
        return not ("am" in near or "i'm" in near or "im" in near or "are" in near) or _wishes(
            words, back
        )
    return False


def _mine(words: Sequence[str], back: int, at: int) -> bool:
    between = words[back + 1 : at]
    return any(w in _MINE for w in between) or any(
        w in ("through", "touch", "hold", "over", "case", "chat", "complaint") for w in between
    )


def _to_serve(words: Sequence[str], at: int) -> bool:
    """Return whether what follows *to* is something that a person in a chat does."""
    return any(w in _SERVE for w in words[at + 1 : at + 3]) or at + 1 >= len(words)


def _gets(words: Sequence[str], at: int) -> bool:
    """*I need a human*, *get me your manager*, *how do I reach a person*."""
    word, start = words[at], at + 1
    if word in ("give", "gimme", "send", "bring") and not (
        word == "gimme" or (start < len(words) and words[start] in ("me", "us"))
    ):
        return False
    if word in ("have", "see", "like", "reach", "contact", "call", "for", "from", "find"):
        if not _wishes(words, at):
            return False
    if word == "have" and not any(
        w in ("can", "could", "may", "i", "to", "let") for w in words[:at]
    ):
        return False
    while start < len(words) and words[start] in ("me", "us", "in", "to", "have", "get", "speak"):
        start += 1
    if word in ("for", "from"):
        return _help_from(words, at)
    end = _person_at(words, start)
    if end < 0 or not _may_follow(words, end):
        return False
    person = words[end - 1]
    named = [w for w in words[start:end] if w in _NAMED]
    if word == "see" and not any(w in ("manager", "supervisor", "boss", "human") for w in named):
        return False
    if word == "have" and not (named or person in _ANYBODY or person in ("staff",)):
        return False
    if word == "like" and not any(w in ("would", "i'd", "id", "we'd") for w in words[:at]):
        return False
    if person in ("people", "man", "woman", "guy", "lady", "assistant", "staff", "individual"):
        real = any(
            w in ("real", "actual", "live", "human", "member", "your") for w in words[at:end]
        )
        if not real:
            return False
    if word in ("call", "contact", "reach", "see") and end == at + 2 and person in _NAMED:
        return False
    if _denied(words, at) or _other_speaks(words, at):
        return False
    if end < len(words):
        then = words[end]
        if then == "to" and not _to_serve(words, end):
            return False
        if then in ("who", "that"):
            return not any(
                w in ("deliver", "delivers", "sign", "collect", "lives", "ordered", "sold", "sent",
                      "said", "told", "promised", "packed")
                for w in words[end : end + 4]
            )  # fmt: skip
        if then == "else" and word not in ("need", "want", "get"):
            return False
        if then in ("for", "of") and person in ("individual", "expert", "professional"):
            return False
    return not (word == "get" and _past(words, at) and not _wishes(words, at))


def _help_from(words: Sequence[str], at: int) -> bool:
    """*Help from a human*, *an answer from somebody*, *ask for a manager*."""
    end = _person_at(words, at + 1)
    if end < 0 or not _may_follow(words, end):
        return False
    before = words[max(0, at - 3) : at]
    if words[at] == "from":
        wanted = any(
            w in ("help", "answer", "reply", "response", "call", "callback", "assistance", "hear",
                  "message", "support", "attention") for w in before
        )  # fmt: skip
        strong = any(w in ("want", "need", "like", "demand", "hear", "can", "could", "expect")
                     for w in words[:at])  # fmt: skip
        return wanted and strong and not _denied(words, at - 1) and "got" not in words[:at]
    return False


def _asks_for(words: Sequence[str], at: int) -> bool:
    """*Ask for a manager*, *rather a person*, *get a human on the line*."""
    word = words[at]
    start = at + 1
    if word in _ASKING:
        if start < len(words) and words[start] in ("for", "to"):
            if words[start] == "for":
                start += 1
        elif word != "ask":
            return False
    elif word in ("prefer", "rather"):
        while start < len(words) and words[start] in ("to", "have", "a", "it", "be"):
            start += 1
            if start > at + 4:
                break
        start -= 0
    else:
        return False
    end = _person_at(words, start)
    if end < 0 or _denied(words, at) or _past(words, at):
        return False
    if word == "rather" and words[end : end + 1] in (["dealt"], ["handled"], ["looked"], ["did"]):
        return True
    if not _may_follow(words, end):
        return False
    if word == "ask":
        return words[end - 1] not in ("people", "man", "woman", "guy", "lady")
    if word in ("waiting", "looking") and words[end - 1] in ("someone", "somebody", "people"):
        return end < len(words) and words[end] in ("to", "who", "that") and _to_serve(words, end)
    return words[end - 1] not in ("people", "guy", "man", "woman", "lady")


def _puts_on(words: Sequence[str], at: int) -> bool:
    """*Put a human on*, *put somebody else on the line*."""
    end = _person_at(words, at + 1)
    if end < 0 or _denied(words, at):
        return False
    rest = list(words[end : end + 2])
    return rest[:1] == ["on"] or rest == ["else", "on"] or rest == ["through", "to"]


_HERE = _w(
    "there here real alive around available online awake home listening reading i who that to out "
    "else at can working on real-life human please now from human?"
)


def _exists(words: Sequence[str], at: int) -> bool:
    """*Is anyone there*, *is there a human I can talk to*, *do you have real people*."""
    word = words[at]
    after = at + 1
    if word in ("anyone", "anybody", "somebody", "someone"):
        if at > 1 or after >= len(words):
            return False
        if words[after] not in ("there", "here", "home", "alive", "available", "around", "human",
                                "real", "listening"):  # fmt: skip
            return False
        return len(words) <= after + 3
    if word == "where":
        end = _person_at(words, after + 1)
        named = end > 0 and words[end - 1] in ("human", "humans", "people", "agent", "agents")
        return named and words[after] in ("is", "are") and end >= len(words)
    if word.startswith(("is", "are")):
        if after < len(words) and words[after] in _ANYBODY:
            return _is_here(words, after + 1)
        if after >= len(words) or words[after] not in ("there", "any", "a", "an"):
            return False
        start = after + 1 if words[after] == "there" else after
        end = _person_at(words, start)
        if end < 0 or _denied(words, at):
            return False
        person = words[end - 1]
        if end >= len(words):
            return words[after] == "there" and person in PERSON
        return _is_here(words, end)
    if word == "any":
        end = _person_at(words, after)
        if end < 0 or words[end - 1] not in PERSON or at > 2:
            return False
        return end >= len(words) or _is_here(words, end)
    if word == "have" and any(w in ("do", "you") for w in words[:at]):
        end = _person_at(words, after)
        if end < 0:
            return False
        real = any(w in ("real", "actual", "live", "human", "humans", "people", "agents") or w in _ANYBODY
                   for w in words[after:end])  # fmt: skip
        return real and (end >= len(words) or _is_here(words, end))
    return False


def _is_here(words: Sequence[str], at: int) -> bool:
    """Return whether somebody's being here is asked for, not that of somebody elsewhere."""
    if at >= len(words) or words[at] not in _HERE:
        return False
    if words[at] in ("at", "from", "on", "out"):
        rest = words[at : at + 5]
        return any(
            w in ("your", "you", "line", "end", "side", "there", "team", "duty") for w in rest
        )
    if words[at] in ("who", "that", "i", "to", "can"):
        rest = words[at : at + 5]
        return any(w in _SERVE or w in _CONTACT for w in rest)
    return True


def _serves(words: Sequence[str], at: int) -> bool:
    """*Could someone call me*, *let a human handle it*, *have your manager ring me*."""
    word, start = words[at], at + 1
    while start < len(words) and words[start] in ("please", "pls", "just", "you", "have", "get", "ask",
                                                  "let", "maybe"):  # fmt: skip
        start += 1
    if start < len(words) and words[start] == "one" and words[start + 1 : start + 2] == ["of"]:
        start += 2
    end = _person_at(words, start)
    if end < 0 or end >= len(words):
        return False
    if word in ("will", "would", "like", "need", "want", "should") and words[end] not in (
        "please", "to", "call", "contact", "help", "take", "look",
    ):  # fmt: skip
        return False
    then = end
    while then < len(words) and words[then] in ("please", "pls", "plz", "just", "to", "actually", "be",
                                                "kindly", "now", "at", "least", "from", "your", "team",
                                                "else", "real", "there", "who", "can"):  # fmt: skip
        then += 1
        if then > end + 6:
            return False
    if then >= len(words) or words[then] not in _SERVE_BARE:
        return False
    verb, rest = words[then], words[then + 1 : then + 4]
    if verb == "look" and not any(w in _LOOK_ON for w in rest):
        return False
    if verb == "get" and rest[:1] not in (["back"], ["in"], ["on"]):
        return False
    if verb == "take" and not any(w in ("over", "look", "this", "care") for w in rest):
        return False
    if verb in ("come", "step", "join") and not any(w in ("here", "in", "to", "on", "the", "me", "us",
                                                          "chat", "this") for w in rest):  # fmt: skip
        return False
    if verb == "read" and not any(w in ("this", "my", "it", "what", "these") for w in rest):
        return False
    return not _denied(words, at) and not _other_speaks(words, at)


def _refuses(words: Sequence[str], at: int) -> bool:
    """*I don't want to talk to a bot*, *no more robots*, *get me out of this chatbot*."""
    word, after = words[at], at + 1
    if word in _AUTOMATED:
        if after >= len(words) or words[after] not in _AUTOMATIC_THING:
            return False
    elif after < len(words) and words[after] in _THINGS_AFTER_MACHINE:
        return False
    before = words[max(0, at - 8) : at]
    if any(w in ("i'm", "im", "am", "are", "you're", "youre", "r", "is") for w in before[-4:]):
        if not any(
            w in _HARD_REFUSE or w in ("not", "talking", "talk", "speaking") for w in before
        ):
            return False
        if before and before[-1] in ("a", "an") and before[-2:-1] == ["not"]:
            return False
        if any(w in ("are", "you're", "youre", "r") for w in before[-3:]) and "not" not in before:
            return False
    talks = any(w in _TALKING for w in before)
    if any(w in _REFUSE for w in before) and talks:
        return not (before and before[0] in ("was", "were"))
    if word not in _BOT and word not in _AUTOMATED:
        return False
    if any(w in _HARD_REFUSE for w in before):
        return True
    for back in range(at - 1, max(-1, at - 7), -1):
        near = words[back]
        if near in ("no", "not"):
            return _ends(words, after) and words[back - 1 if back else back] not in (
                "i'm",
                "im",
                "am",
            )
        if near in ("don't", "dont", "won't", "wont") and any(
            w in ("want", "need", "like", "trust", "help") for w in words[back:at]
        ):
            return _ends(words, after)
        if near == "out" and words[back + 1] == "of":
            return True
        if near == "off" and any(w in ("get", "me") for w in words[max(0, back - 2) : back]):
            return True
        if near in ("past", "around", "beyond") and _ends(words, after):
            return True
        if near in ("instead", "rather") and any(w in ("of", "than") for w in words[back:at]):
            return True
    return False


def _ends(words: Sequence[str], at: int) -> bool:
    return at >= len(words) or words[at] in _AFTER or words[at] in (
        "nonsense", "crap", "bullshit", "chat", "stuff", "replies", "answers", "responses",
    )  # fmt: skip


def _real(words: Sequence[str], at: int) -> bool:
    """*A real person*, said with a wish or as almost all that is said."""
    after = at + 1
    if after >= len(words):
        return words[at] == "human" and False
    then = words[after]
    if words[at] == "human":
        fits = then in ("agent", "agents", "help", "support", "representative", "rep", "operator",
                        "assistance", "contact", "interaction", "advisor", "adviser", "service",
                        "being", "colleague", "response", "reply", "attention", "staff")  # fmt: skip
    else:
        fits = then in _NAMED or then in ("one", "chat", "support", "help", "someone", "humans",
                                          "somebody", "staff", "employee", "operator")  # fmt: skip
    if not fits or (
        words[at] in ("real", "actual", "living") and then in ("chat", "support", "help")
    ):
        return False
    before = words[max(0, at - 7) : at]
    if any(
        w in ("are", "am", "is", "was", "were", "said", "told", "like", "by", "error")
        for w in before
    ):
        if not any(w in ("need", "want", "would", "i'd", "get", "give", "there") for w in before):
            return False
    if not _may_follow(words, after + 1) or _denied(words, at) or "not" in before or "no" in before:
        return False
    if any(w in _PAST for w in before):
        return False
    if any(w in _WISH for w in words[max(0, at - 8) : at + 6]):
        return True
    return len(words) <= 6


def _escalates(words: Sequence[str], at: int) -> bool:
    """*Escalate this*, *transfer me*, *I demand to be transferred*."""
    word, rest = words[at], words[at + 1 :]
    if _denied(words, at) or "without" in words[max(0, at - 3) : at]:
        return False
    if word in ("transferred", "connected", "escalated"):
        before = words[max(0, at - 3) : at]
        wish = any(w in _WISH or w in ("be", "get") for w in before)
        if not wish or "wasn't" in before or "not" in before or "never" in before:
            return False
        return not rest or rest[0] in ("please", "now", "asap", "immediately", "already", "instead")
    if word in ("transfer", "connect"):
        if not rest:
            return at <= 2
        if rest[0] in ("me", "us"):
            if len(rest) > 1 and rest[1] in ("to", "with") and len(rest) > 2:
                end = _person_at(words, at + 3)
                return end > 0 and _may_follow(words, end)
            return len(rest) == 1 or rest[1] not in ("the", "money", "my", "points", "a")
        return at <= 1 and all(w in _AFTER for w in rest) and rest[0] in (
            "please", "pls", "plz", "now", "asap",
        )  # fmt: skip
    return all(w in _CASE for w in rest[:8]) and all(w in _CASE for w in words[max(0, at - 6) : at])


def _calls(words: Sequence[str], at: int) -> bool:
    """*Please call me back*, *I'd like a callback*, *who can I call*."""
    before, rest = words[max(0, at - 6) : at], words[at + 1 : at + 6]
    if _denied(words, at) or any(w in _OTHERS for w in before):
        return False
    if words[at] in ("callback", "callbacks") or (words[at] == "call" and rest[:1] == ["back"]):
        if any(w in ("want", "need", "like", "request", "get", "give", "arrange", "schedule", "have")
               for w in before):  # fmt: skip
            return "got" not in before
    if words[at] == "call" and before[-1:] == ["a"] and any(w in ("give", "gimme") for w in before):
        return any(w in ("me", "us") for w in before)
    if before[-1:] in (["i"], ["we"]) and any(w in ("who", "whom") for w in before):
        return not any(w in ("told", "was", "did") for w in before)
    if words[at] in ("speak", "talk", "contact"):
        return False
    if rest[:1] not in (["me"], ["us"]):
        return False
    if any(
        w in ("when", "if", "before", "courier", "driver", "once", "until")
        for w in (*before, *rest)
    ):
        return False
    return all(w in _CALL_BEFORE or w in PERSON for w in before) and (
        len(rest) == 1 or rest[1] in _CALL_AFTER
    )
