"""What is planted: of every class, in every place, in every encoding, valid, and the same again."""

import ipaddress
import random
from collections import Counter

import pytest
from canary_search import survivors

from schemas.discussion import Identity
from transforms.anonymize.canaries import (
    Canary,
    code_names_of,
    files_of,
    identities_of,
    make_canaries,
)
from transforms.anonymize.canary_encodings import CASES, ENCODINGS
from transforms.anonymize.canary_keys import FORMATS
from transforms.anonymize.canary_places import LANGUAGES, MESSAGES, PLACES
from transforms.anonymize.canary_values import (
    EMPLOYEE_ID_PATTERN,
    ENTITIES,
    TICKET_KEY_PATTERN,
    Values,
)
from transforms.anonymize.config import AnonymizeConfig
from transforms.anonymize.numbers import iban_remainder, luhn_digit
from transforms.anonymize.syntax import anonymize_code
from transforms.anonymize.text import TextAnonymizer
from transforms.languages import language_of

SEED = 11
NUM = 1500


@pytest.fixture(scope="module")
def canaries() -> list[Canary]:
    return make_canaries(SEED, NUM)


def test_a_seed_gives_the_same_and_another_gives_others(canaries: list[Canary]) -> None:
    assert make_canaries(SEED, NUM) == canaries
    others = {canary.value for canary in make_canaries(SEED + 1, NUM)}
    assert not others & {canary.value for canary in canaries}
    assert len({canary.value for canary in canaries}) == NUM


def test_every_class_stands_in_every_place(canaries: list[Canary]) -> None:
    pairs = {(canary.entity, canary.language) for canary in canaries}
    left_out = {(entity, place) for entity in ENTITIES for place in PLACES} - pairs
    assert left_out == {("LOGIN", "json")}
    assert len(LANGUAGES) == 12
    assert len(FORMATS) >= 20
    assert any(canary.language == "path" for canary in canaries)


def test_every_class_is_in_every_encoding() -> None:
    every = {(canary.entity, canary.encoding) for canary in make_canaries(SEED, 3000)}
    missing = {(entity, encoding) for entity in ENTITIES for encoding in ENCODINGS} - every
    assert {encoding for _, encoding in missing} <= set(CASES)


def test_most_persons_are_committers_and_some_are_not(canaries: list[Canary]) -> None:
    shares = Counter(c.is_seeded for c in canaries if c.entity in ("PERSON", "LOGIN"))
    assert 0.05 < shares[False] / shares.total() < 0.5
    assert len(identities_of(canaries)) == shares[True]


def test_a_text_holds_its_value_and_a_file_its_texts(canaries: list[Canary]) -> None:
    files = files_of(canaries)
    for canary in canaries:
        assert not canary.path or canary.text in files[canary.path]
        assert canary.path or canary.language in (*MESSAGES, "path")
        if canary.encoding == "plain" and "\n" not in canary.planted:
            assert canary.value in canary.text
    assert [name for name, _ in survivors(canaries, {"all": "\n".join(c.text for c in canaries)})]


def test_numbers_are_valid_and_of_no_reserved_range() -> None:
    values = Values(random.Random(SEED))
    for _ in range(50):
        card = "".join(filter(str.isdigit, values.card().value))
        assert luhn_digit(card[:-1]) == card[-1]
        assert iban_remainder(values.iban().replace(" ", "")) == 1
        assert ipaddress.ip_address(values.ip()).is_global
        assert ipaddress.ip_address(values.ip6()).is_global
        assert not values.email().endswith(("example.com", ".test"))


def test_none_survives_text_by_text(canaries: list[Canary]) -> None:
    config = AnonymizeConfig(
        deny_list=tuple(code_names_of(canaries)),
        employee_id_pattern=EMPLOYEE_ID_PATTERN,
        ticket_key_pattern=TICKET_KEY_PATTERN,
    )
    people = [Identity(name=name, email=email) for name, email in identities_of(canaries)]
    anonymizer = TextAnonymizer(config, b"k" * 32, people)
    fresh = {
        path: anonymize_code(anonymizer, [text], language_of(path, text))[0]
        for path, text in files_of(canaries).items()
    }
    paths = {c.id: anonymizer.path(c.text) for c in canaries if c.language == "path"}
    words = {c.id: anonymizer.text(c.text, prose=True) for c in canaries if c.language in MESSAGES}
    texts = fresh | paths | words
    assert len(texts) > 150
    assert survivors(canaries, texts) == []
