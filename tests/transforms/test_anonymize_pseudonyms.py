"""Pseudonyms of shaped values as properties: deterministic, own shape, reserved, keyed, stable."""

import base64
import ipaddress
import re
import string

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from transforms.anonymize.config import AnonymizeConfig
from transforms.anonymize.numbers import iban_remainder, luhn_digit
from transforms.anonymize.pseudonyms import Pseudonyms, is_issued_secret
from transforms.anonymize.recognizers import ShapeRecognizer
from transforms.anonymize.shaped_pseudonyms import ENTITIES, replacement
from transforms.anonymize.shapes import prose_shapes, value_shapes

KEY, OTHER = Pseudonyms(b"k" * 32), Pseudonyms(b"o" * 32)
CONFIG = AnonymizeConfig(keep_private_ips=False, ticket_key_pattern="[A-Z]{2,9}-[0-9]{1,9}")
RECOGNIZER = ShapeRecognizer("All", [*value_shapes(CONFIG), *prose_shapes(CONFIG)])

HEX = st.text("0123456789abcdef", min_size=12, max_size=12)
DIGITS = st.text(string.digits, min_size=9, max_size=9)
WORD = st.text(string.ascii_lowercase, min_size=3, max_size=9)
PUBLIC = st.integers(1 << 24, (224 << 24) - 1).map(lambda n: str(ipaddress.IPv4Address(n)))
VALUES = {
    "IP_ADDRESS": st.one_of(PUBLIC, st.integers(1 << 120, 1 << 127).map(ipaddress.IPv6Address)),
    "PRIVATE_IP": st.integers(0, 2**24 - 1).map(lambda n: ipaddress.IPv4Address((10 << 24) + n)),
    "MAC_ADDRESS": HEX.map(lambda text: ":".join(re.findall("..", text))),
    "CREDIT_CARD": DIGITS.map(lambda digits: f"4485{digits}12" + luhn_digit(f"4485{digits}12")),
    "IBAN_CODE": DIGITS.map(lambda digits: f"DE003704{digits}00000"),
    "PHONE_NUMBER": DIGITS.map(lambda digits: f"+49 30 {digits}"),
    "NATIONAL_ID": DIGITS.map(lambda digits: f"5{digits[:2]}-{digits[2:4]}-{digits[4:8]}"),
    "POSTAL_ADDRESS": WORD.map(lambda word: f"12 {word.title()} Street"),
    "INTERNAL_URL": st.tuples(WORD, WORD).map(lambda pair: f"https://{pair[0]}.corp:84/{pair[1]}"),
    "TICKET_KEY": st.integers(1, 99_999).map(lambda number: f"PAY-{number}"),
    "COMMIT_SHA": HEX,
    "UUID": st.uuids(),
    "SECRET": st.text(string.ascii_letters + string.digits, min_size=12, max_size=40).filter(
        lambda text: not is_issued_secret(text)
    ),
    "HOST": WORD.map(lambda word: f"{word}.corp"),
    "EMPLOYEE_ID": DIGITS,
}


def test_every_entity_has_values() -> None:
    assert sorted(VALUES) == sorted(ENTITIES)


@pytest.mark.parametrize("entity", sorted(VALUES))
def test_a_pseudonym_depends_on_value_and_key_alone(entity: str) -> None:
    @given(VALUES[entity].map(str))
    @settings(max_examples=60, deadline=None)
    def check(value: str) -> None:
        fresh = replacement(entity, value, KEY)
        assert fresh == replacement(entity, value, Pseudonyms(b"k" * 32))
        assert fresh != value
        assert fresh != replacement(entity, value, OTHER)

    check()


@pytest.mark.parametrize(
    "entity", sorted(set(VALUES) - {"COMMIT_SHA", "SECRET", "EMPLOYEE_ID", "UUID"})
)
def test_a_pseudonym_is_not_found_again(entity: str) -> None:
    @given(VALUES[entity].map(str))
    @settings(max_examples=60, deadline=None)
    def check(value: str) -> None:
        text = f"see phone card ssn host {replacement(entity, value, KEY)} there"
        again = RECOGNIZER.analyze(text, [], None)
        assert [text[one.start : one.end] for one in again if one.score >= CONFIG.min_score] == []

    check()


@given(st.uuids().map(str))
def test_a_uuid_keeps_dashes_version_and_variant(value: str) -> None:
    fresh = KEY.secret(value)
    assert [len(part) for part in fresh.split("-")] == [8, 4, 4, 4, 12]
    assert (fresh[14], fresh[19]) == (value[14], value[19])
    assert is_issued_secret(fresh)
    assert KEY.secret(fresh) == fresh
    assert KEY.secret(value.upper()) == fresh.upper()


@given(st.binary(min_size=9, max_size=60))
def test_base64_and_hexadecimal_stay_decodable(data: bytes) -> None:
    encoded = base64.b64encode(data).decode()
    fresh = KEY.secret(encoded)
    assert len(base64.b64decode(fresh, validate=True)) == len(data)
    assert len(bytes.fromhex(KEY.secret(data.hex()))) == len(data)
    assert KEY.secret(fresh) == fresh


@given(st.lists(PUBLIC, min_size=2, max_size=40, unique=True))
@settings(deadline=None)
def test_addresses_keep_their_common_prefix(values: list[str]) -> None:
    fresh = [replacement("IP_ADDRESS", value, KEY) for value in values]
    assert all(
        ipaddress.ip_address(value) in ipaddress.ip_network("240.0.0.0/4") for value in fresh
    )
    for (old, new), (old_next, new_next) in zip(
        zip(values, fresh, strict=True), zip(values[1:], fresh[1:], strict=True), strict=False
    ):
        shared = common_bits(old, old_next)
        if shared >= 8:
            assert common_bits(new, new_next) == shared


def common_bits(left: str, right: str) -> int:
    """The length of the prefix that two IPv4 addresses share."""
    return 32 - (int(ipaddress.ip_address(left)) ^ int(ipaddress.ip_address(right))).bit_length()


def test_no_two_private_addresses_meet() -> None:
    values = [f"10.{a}.{b}.{c}" for a in (0, 7, 255) for b in range(20) for c in range(0, 250, 7)]
    values += [f"192.168.{b}.{c}" for b in range(20) for c in range(0, 250, 7)]
    values += [f"172.{16 + a}.1.{c}" for a in range(16) for c in range(0, 250, 7)]
    fresh = {replacement("PRIVATE_IP", value, KEY) for value in values}
    assert len(fresh) == len(values)


def test_thousands_of_public_addresses_hardly_meet() -> None:
    values = [str(ipaddress.IPv4Address((37 << 24) + 7_919 * n)) for n in range(2_000)]
    assert len({replacement("IP_ADDRESS", value, KEY) for value in values}) == len(values)


@pytest.mark.parametrize("length", [8, 12, 20, 24, 28])
def test_a_network_stays_a_network(length: int) -> None:
    network = ipaddress.ip_network(f"37.201.123.77/{length}", strict=False)
    fresh = ipaddress.ip_network(replacement("IP_ADDRESS", str(network), KEY))
    inside = replacement("IP_ADDRESS", str(network[1]), KEY)
    assert fresh.prefixlen == length
    assert ipaddress.ip_address(inside) in fresh


@pytest.mark.parametrize(
    ("entity", "rule", "value", "shape"),
    [
        ("NATIONAL_ID", "us_ssn", "536-90-4399", r"9\d\d-0\d-\d{4}"),
        ("NATIONAL_ID", "uk_nino", "AB 12 34 56 C", r"QQ \d\d \d\d \d\d [A-Z]"),
        ("NATIONAL_ID", "de_vat_id", "DE129274202", r"DE000\d{6}"),
        ("NATIONAL_ID", "es_nif", "12345678Z", r"000\d{5}[A-Z]"),
        ("NATIONAL_ID", "pl_pesel", "44051401458", r"\d\d0000\d{5}"),
        (
            "NATIONAL_ID",
            "it_fiscal_code",
            "RSSMRA85T10A562S",
            r"[A-Z]{6}00[A-Z]0\d[A-Z]\d{3}[A-Z]",
        ),
        ("PHONE_NUMBER", "", "(212) 867-5309", r"\([2-9]\d\d\) 555-\d{4}"),
        ("PHONE_NUMBER", "", "001-212-867-5309x12", r"001-[2-9]\d\d-555-\d{4}x\d\d"),
        ("PHONE_NUMBER", "", "020 7946 0018", r"000 \d{4} \d{4}"),
        ("IP_ADDRESS", "", "::ffff:52.4.8.15", r"::ffff:24\d\.\d+\.\d+\.\d+"),
        ("COMMIT_SHA", "", "9F86D081884C7D659A2FEAA0C55AD015A3BF4F1B", "[0-9A-F]{40}"),
        ("TICKET_KEY", "", "pay-12", r"zz[a-z]{4}-\d{9}"),
        (
            "INTERNAL_URL",
            "",
            "https://jdoe@git.corp:8443/a/b.git?x=1#y",
            r"https://user_\w{16}@host-\w{16}\.example\.internal:8443(?:[/?#]segment-\w{16}){4}",
        ),
    ],
)
def test_shapes(entity: str, rule: str, value: str, shape: str) -> None:
    fresh = replacement(entity, value, KEY)
    assert re.fullmatch(shape, fresh)
    if entity != "COMMIT_SHA":
        assert RECOGNIZER.analyze(f"{rule} {fresh}", ["NATIONAL_ID"], None) == [] or "://" in fresh


def test_tickets_of_a_project_share_their_letters() -> None:
    first, second = (replacement("TICKET_KEY", f"PAY-{n}", KEY) for n in (1, 2))
    assert first.partition("-")[0] == second.partition("-")[0]
    assert first != second
    assert replacement("TICKET_KEY", "pay-1", KEY) == first.lower()


def test_cards_and_accounts_stay_valid() -> None:
    card = replacement("CREDIT_CARD", "4485-2759-4910-3307", KEY)
    digits = card.replace("-", "")
    assert luhn_digit(digits[:-1]) == digits[-1]
    assert iban_remainder(replacement("IBAN_CODE", "GB33NWBK21035034466379", KEY)) == 1
