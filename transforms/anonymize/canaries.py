"""Planted values that must not survive. In: a seed, a number. Out: canaries, files, persons.

    canaries = make_canaries(seed=7, num=3000)
    canaries[0]  ->  Canary(id="0000-PERSON-python-plain", value="Dagmar Trombowicz", ...)
    files_of(canaries)  ->  {"app/python_000.py": "...", ...}

Every entity stands in every place as plain text; then every encoding in the places of code and
settings in turn. Names of persons and logins in code are those of committers (`is_seeded`); in
prose half of them are not, and their own shape or what stands around them must tell.
"""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import count

from transforms.anonymize.canary_encodings import CASES, ENCODINGS, PLACES_OF
from transforms.anonymize.canary_places import MESSAGES, PLACES
from transforms.anonymize.canary_values import ENTITIES, Planted, Values

_PER_FILE = 12
_FORMS = ("assign", "sentence", "call")
# (name of a variable, a sentence around the value) of each entity.
_CONTEXTS = {
    "PERSON": ("owner name", "Thanks to {} for the review."),
    "EMAIL_ADDRESS": ("contact", "Mail {} about this."),
    "LOGIN": ("assignee", "cc @{} please"),
    "PHONE_NUMBER": ("phone", "Call {} when it fails."),
    "POSTAL_ADDRESS": ("office address", "Ship it to {}."),
    "IBAN_CODE": ("iban", "Refund to {} please."),
    "CREDIT_CARD": ("card number", "Paid with {} twice."),
    "NATIONAL_ID": ("number", "The file has {} in it."),
    "IP_ADDRESS": ("server", "It runs on {} now."),
    "IPV6": ("server", "It runs on {} now."),
    "MAC_ADDRESS": ("mac", "The card {} drops frames."),
    "HOST": ("db host", "Log in to {} first."),
    "INTERNAL_URL": ("wiki url", "See {} for details."),
    "EMPLOYEE_ID": ("employee", "Asked for by {}."),
    "TICKET_KEY": ("ticket", "Fixes {} at last."),
    "PASSWORD": ("db password", "password: {}"),
    "API_KEY": ("api key", "Use {} for staging."),
    "PRIVATE_KEY": ("private key", "{}"),
    "CERTIFICATE": ("certificate", "{}"),
    "CONNECTION_STRING": ("database url", "Connect to {} instead."),
    "COOKIE": ("header", "curl -H '{}' shop"),
    "JWT": ("token", "Send Bearer {} along."),
    "CODE_NAME": ("product", "Part of {} since spring."),
}
_CASED = ("PERSON", "EMAIL_ADDRESS", "LOGIN", "HOST", "INTERNAL_URL", "MAC_ADDRESS", "CODE_NAME")
# A value that only its name tells is encoded together with it.
_TOLD = ("PASSWORD", "CREDIT_CARD", "NATIONAL_ID", "POSTAL_ADDRESS")
_IN_PATHS = ("EMAIL_ADDRESS", "LOGIN", "HOST", "TICKET_KEY", "CODE_NAME", "IP_ADDRESS", "PERSON")
_BLOCKS = ("PRIVATE_KEY", "CERTIFICATE")


@dataclass(frozen=True, kw_only=True)
class Canary:
    """One planted value."""

    id: str
    entity: str
    value: str
    """What must be in no output, in none of its `spellings`."""
    text: str
    """The lines that hold it."""
    path: str
    """The file that holds it; "" for messages and for canaries that stand in a path."""
    language: str
    """Its place: a language, a kind of file or of message, or "path"."""
    encoding: str
    is_seeded: bool = False
    """True for persons and logins that are a committer's."""
    planted: str = ""
    """The value as it was made, before its case or encoding was changed."""
    shown: str = ""
    """The value as it stands in `text`."""


def make_canaries(seed: int, num: int) -> list[Canary]:
    """So many; the same for the same seed. 900 or more hold every entity in every place."""
    chance = random.Random(seed)
    values = Values(chance)
    plans = _plans()
    return [_canary(index, *next(plans), values, chance) for index in range(num)]


def identities_of(canaries: Sequence[Canary]) -> list[tuple[str, str]]:
    """(name, e-mail) of the committers among them, each once."""
    found: dict[tuple[str, str], None] = {}
    for canary in canaries:
        if canary.is_seeded and canary.entity == "PERSON":
            local = canary.planted.lower().replace(" ", "") + canary.id[:4]
            found[canary.planted, f"{local.encode('ascii', 'ignore').decode()}@example.com"] = None
        elif canary.is_seeded:
            email = f"{canary.id[:4]}+{canary.planted}@users.noreply.github.com"
            found[f"Account {canary.id[:4]}", email] = None
    return list(found)


def code_names_of(canaries: Sequence[Canary]) -> list[str]:
    """What a deny-list must name."""
    return sorted({canary.planted for canary in canaries if canary.entity == "CODE_NAME"})


def files_of(canaries: Sequence[Canary]) -> dict[str, str]:
    """Text of each file by path."""
    texts: dict[str, list[str]] = {}
    places = {canary.path: canary.language for canary in canaries if canary.path}
    for canary in canaries:
        if canary.path:
            texts.setdefault(canary.path, []).append(canary.text)
    return {
        path: f"{place.head}{place.joint.join(lines)}{place.foot}\n"
        for path, lines in texts.items()
        for place in [PLACES.get(places[path], PLACES["text"])]
    }


def _plans() -> Iterator[tuple[str, str, str, int]]:
    """(entity, place, encoding, serial number in its place) without end."""
    serials = dict.fromkeys([*PLACES, "path"], 0)
    for entity, place, encoding in _combinations():
        yield entity, place, encoding, serials[place]
        serials[place] += 1


def _combinations() -> Iterator[tuple[str, str, str]]:
    for entity in ENTITIES:
        for place in PLACES:
            if entity != "LOGIN" or place != "json":
                yield entity, place, "plain"
        if entity in _IN_PATHS:
            yield entity, "path", "plain"
    coded = [place for place in PLACES if place not in MESSAGES and place != "patch"]
    for turn in count():
        for encoding in ENCODINGS:
            places = PLACES_OF.get(encoding, coded)
            for offset, entity in enumerate(ENTITIES):
                if encoding not in CASES or entity in _CASED:
                    # Another place in each turn, whatever the two lengths have in common.
                    yield entity, places[(offset + 5 * turn) % len(places)], encoding
        for entity in ENTITIES:
            yield from ((entity, place, "plain") for place in MESSAGES)
        yield from ((entity, "path", "plain") for entity in _IN_PATHS)


def _canary(
    index: int,
    entity: str,
    place: str,
    encoding: str,
    serial: int,
    values: Values,
    chance: random.Random,
) -> Canary:
    made = values.make(entity)
    shown, secret = _shown(entity, encoding, made, chance)
    words, sentence = _CONTEXTS[entity]
    words = f"{made.clue.strip()} {words}" if entity == "NATIONAL_ID" else words
    words = words if encoding in ("plain", *CASES) else "payload"
    name = f"app/{place}_{serial // _PER_FILE:03}"
    is_prose = place in PLACES and PLACES[place].is_prose
    form = _form(entity, place, encoding, serial)
    told = made.clue + shown if encoding == "plain" else shown
    text = (
        PLACES[place].render(form, words, shown, sentence.format(told))
        if place in PLACES
        else f"docs/{shown.replace('/', '-')}/notes.md"
    )
    is_plain_prose = is_prose and encoding == "plain" and form != "assign"
    return Canary(
        id=f"{index:04}-{entity}-{place}-{encoding}",
        entity=entity,
        value=secret,
        text=text,
        path="" if place in (*MESSAGES, "path") else f"{name}.{PLACES[place].extension}",
        language=place,
        encoding=encoding,
        is_seeded=entity in ("PERSON", "LOGIN") and not is_plain_prose,
        planted=made.value,
        shown=shown,
    )


def _form(entity: str, place: str, encoding: str, serial: int) -> str:
    if encoding != "plain" or entity in _BLOCKS or entity in ("PASSWORD", "NATIONAL_ID"):
        return "assign"
    return _FORMS[serial % 3]


def _shown(entity: str, encoding: str, made: Planted, chance: random.Random) -> tuple[str, str]:
    """The value as it stands in the text, and the part of it to search for."""
    if encoding in CASES:
        change = ENCODINGS[encoding]
        return change(made.value), change(made.secret)
    clue = {"PASSWORD": "password=", "POSTAL_ADDRESS": "address: "}.get(entity, made.clue)
    plain = clue + made.value if encoding != "plain" and entity in _TOLD else made.value
    return ENCODINGS[encoding](plain), made.secret
