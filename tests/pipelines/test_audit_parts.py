"""The parts of an audit: what counts as a hit, an explanation, a person, a change of syntax."""

import base64
import re
from collections import Counter
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipelines.audit.explained import Explanations, is_pseudonym
from pipelines.audit.kept import Kept
from pipelines.audit.metadata import count_metadata, describe_metadata
from pipelines.audit.needles import Needles
from pipelines.audit.originals import (
    Wanted,
    known_originals,
    merge,
    names_by_repository,
    origin_of_secret,
)
from pipelines.audit.parsing import compare
from pipelines.audit.persons import Persons
from pipelines.audit.planted import upper_bound
from pipelines.audit.residual import is_drawn
from pipelines.audit.strings import string_blocks
from pipelines.audit.tags import read_allowed, value_tag
from schemas.discussion import Identity
from schemas.errors import ConfigError
from transforms.anonymize.config import AnonymizeConfig
from transforms.anonymize.people import People
from transforms.anonymize.pseudonyms import Pseudonyms, is_issued
from transforms.anonymize.survey import Survey, is_unmistakable
from transforms.anonymize.text import TextAnonymizer

KEY = b"0123456789abcdef" * 4
EMAIL = "jane.doe@corp.test"
KEYS = st.binary(min_size=32, max_size=64)
WORDS = st.text(alphabet="abcdefgh ./", max_size=30)


@pytest.fixture(scope="module")
def needles() -> Needles:
    return Needles([EMAIL, "jroe1", "Zo\u00eb Brandt"])


@settings(deadline=None)
@given(before=WORDS, after=WORDS)
def test_a_value_is_found_in_every_encoding_and_case(before: str, after: str) -> None:
    needles = Needles([EMAIL])
    for data in (
        EMAIL.upper().encode(),
        base64.b64encode(f"{before}{EMAIL}{after}".encode()),
        EMAIL.encode().hex().encode(),
        EMAIL.encode("utf-16-le"),
        EMAIL.replace("@", "%40").encode(),
        "".join(f"\\u{ord(char):04x}" for char in EMAIL).encode(),
    ):
        hits = needles.find(before.encode() + b"\n" + data + b"\n" + after.encode())
        assert {hit.number for hit in hits} == {0}, data


def test_short_values_stand_alone_and_long_ones_anywhere(needles: Needles) -> None:
    assert [hit.number for hit in needles.find(b"by jroe1, my_jroe1_x, a\\njroe1")] == [1, 1, 1]
    assert needles.find(b"xjroe1 jroe12") == []
    assert [hit.number for hit in needles.find(b"xjane.doe@corp.testx")] == [0]
    assert [hit.number for hit in needles.find("ZO\u00cb BRANDT".encode())] == [2]


def test_a_hit_inside_a_pseudonym_is_none() -> None:
    person = Pseudonyms(KEY).person("Jane Doe", EMAIL)
    needles = Needles([person.split()[0], person[-8:]])
    assert needles.find(f"by {person}.".encode()) == []
    assert len(needles.find(f"by {person.split()[0]}.".encode())) == 1


@settings(deadline=None)
@given(st.lists(st.lists(st.text(max_size=8), max_size=3), min_size=1, max_size=6))
def test_every_string_of_a_batch_is_in_its_row(rows: list[list[str]]) -> None:
    values = [[{"name": text, "note": None} for text in row] for row in rows]
    kind = pa.list_(pa.struct([("name", pa.string()), ("note", pa.string())]))
    batch = pa.record_batch({"people": pa.array(values, kind)}).slice(1)
    found: list[list[str]] = [[] for _ in rows[1:]]
    for block in string_blocks(batch):
        assert block.column == "people[].name"
        for start, end in zip(block.offsets, block.offsets[1:], strict=False):
            if start < end:
                row = block.row_of(int(start), int(end))
                assert row is not None
                found[row].append(block.data[start:end].decode())
    assert found == [[text for text in row if text] for row in rows[1:]]


def test_what_crosses_from_one_string_into_the_next_is_in_no_row() -> None:
    (block,) = string_blocks(pa.record_batch({"text": pa.array(["jane.doe@", "corp.test"])}))
    (hit,) = Needles([EMAIL]).find(block.data)
    assert block.row_of(hit.start, hit.end) is None


def test_values_that_settings_and_sense_keep_are_told_with_a_reason() -> None:
    kept = Kept(AnonymizeConfig(keep_entities=("MAC_ADDRESS",)))
    reasons = {
        ("EMAIL_ADDRESS", "noreply@github.com"): "a shared or reserved address",
        ("EMAIL_ADDRESS", "a.b@example.com"): "kept by keep_emails",
        ("IP_ADDRESS", "192.168.4.7"): "no public address",
        ("MAC_ADDRESS", "5c:f3:70:8a:9d:2e"): "kept by keep_entities",
        ("EMAIL_ADDRESS", "jane.doe@corp.io"): "",
        ("IP_ADDRESS", "185.73.214.19"): "",
        ("PERSON", "Jane Hollowick"): "",
        ("SECRET", "Tide-88-wrack"): "",
    }
    assert {key: kept.reason(*key) for key in reasons} == reasons
    strict = Kept(AnonymizeConfig(keep_private_ips=False))
    assert strict.reason("IP_ADDRESS", "192.168.4.7") == ""
    assert strict.reason("IP_ADDRESS", "127.0.0.1") == "no public address"


@given(
    st.one_of(
        st.sampled_from(["func", "Atomic", "GENERATED", "cursor", "docker", "jroe77", "Wrackline"]),
        st.text(alphabet="abcdeot_-7", min_size=5, max_size=9),
    )
)
def test_a_login_is_searched_just_when_the_anonymizer_looks_for_it(login: str) -> None:
    people = People([Identity(name=login, email="")])
    is_sought = ("LOGIN", login.lower()) in {(entity, text) for entity, text, _ in people.seeds()}
    kept = Kept(AnonymizeConfig())
    wanted, left_out = merge([("LOGIN", login, "history")], kept)
    assert (login in wanted) is (is_sought and not kept.reason("LOGIN", login))
    if not is_sought and not is_issued(login):
        assert sum(left_out["LOGIN"].values()) == 1


def test_what_is_replaced_only_by_its_place_is_counted_and_not_searched() -> None:
    common = "a common word, replaced only as a mention, a trailer or an author"
    found = [
        ("LOGIN", "atomic", "history"),
        ("LOGIN", "Generated", "detected"),
        ("LOGIN", "jroe7-wrack", "detected"),
        ("PERSON", "cursor-1", "detected"),
        ("PERSON", "Ann Wrackline", "detected"),
        ("SECRET", "hunter2", "assigned"),
    ]
    wanted, left_out = merge(found, Kept(AnonymizeConfig()))
    assert set(wanted) == {"jroe7-wrack", "Ann Wrackline"}
    assert left_out["LOGIN"] == {common: 2}
    assert left_out["PERSON"] == {common: 1}
    assert left_out["SECRET"] == {"a weak secret, replaced only where it is assigned": 1}


def test_a_weak_secret_is_searched_only_when_its_own_form_tells_it() -> None:
    anonymizer = TextAnonymizer(AnonymizeConfig(), KEY, [])
    token = "eyJhbGciOiJIUzI1NiJ9." + "eyJzdWIiOiIxMjM0NTY3ODkwIn0" + ".dozjgNryP4J3jVmNHl0w5N"
    values = {
        "passw0rd": "assigned",
        "TLS_ECDHE_128": "assigned",
        "halyardmast": "assigned",
        "Tide-88-wrack": "detected",
        token: "detected",
    }
    assert not is_unmistakable(token)
    assert {value: origin_of_secret(value, anonymizer) for value in values} == values


def test_persons_are_of_the_history_before_they_are_of_files() -> None:
    jane, rob = (Identity(name=f"{name} Wrackline", email="") for name in ("Jane", "Rob"))
    found = known_originals({"shop": [jane]}, (), [Survey(repo="shop", people=(jane, rob))])
    wanted, _ = merge(found, Kept(AnonymizeConfig()))
    assert wanted == {
        "Jane Wrackline": Wanted("PERSON", "history"),
        "Rob Wrackline": Wanted("PERSON", "files"),
    }


def test_a_name_in_two_cases_is_one_name() -> None:
    surveys = [
        Survey(repo="shop", code_names=("Wrackline",)),
        Survey(repo="bank", code_names=("wrackline",)),
    ]
    both = {"shop", "bank"}
    assert names_by_repository(surveys) == {"Wrackline": both, "wrackline": both}


def test_pseudonyms_are_no_credentials_and_placeholders_are_counted_apart() -> None:
    anonymizer = TextAnonymizer(AnonymizeConfig(), KEY, [])
    passwords = ("kJ8s0wQz", "hunter-two.77", "Pa:ss9!x#k", "99887766", "supersecret", "REDACTED")
    raw = "\n".join(f"postgres://svc:{password}@db.corp.io/x" for password in passwords)
    counts: dict[str, Counter[str]] = {}
    for name, text in (("before", raw), ("after", anonymizer.text(raw))):
        row = {"path": "x.py", "text": text, "language": "text"}
        counts[name] = Counter()
        count_metadata("source_files", row, row, counts[name], re.compile("ZZ-1"))
    problems = [describe_metadata(count, AnonymizeConfig())[1] for count in counts.values()]
    assert problems == [["4 URLs hold credentials"], []]
    assert counts["after"]["placeholders for credentials in URLs"] == 2


@settings(deadline=None)
@given(
    value=st.text(min_size=8, max_size=40, alphabet="abcXYZ0189+/=."), key=st.binary(min_size=32)
)
def test_pseudonyms_are_explained_and_values_are_not(value: str, key: bytes) -> None:
    make = Pseudonyms(key)
    explanations = Explanations(Kept(AnonymizeConfig()))
    for fresh in (
        make.secret(value),
        make.email(value),
        f"postgres://{make.login('jane', value)}:{make.secret(value)}@db.corp.io/x",
    ):
        assert explanations.reason("generic-api-key", fresh, fresh) == "issued pseudonym"
    raw = "kJ8s" + value
    assert explanations.reason("generic-api-key", raw, f'token = "{raw}"') == ""


def test_a_password_beside_a_pseudonym_is_no_pseudonym() -> None:
    login = Pseudonyms(KEY).login("jane", EMAIL)
    assert not is_pseudonym(f"https://{login}:hunterTwo77@host-1.corp.io/")
    assert not is_pseudonym("-----BEGIN EC PRIVATE KEY-----\nMHcCAQEEIIGGBeiHRSx6oLLg78")
    assert is_pseudonym("sk_" + "live_ccbdbaccabacdcddcbbcabbd")
    assert not is_pseudonym("sk_" + "live_ccbdbaccabzcdcddcbbcabbd")
    assert is_pseudonym("-----BEGIN EC PRIVATE KEY-----\nabdccadabbcd\nddca==\n")


def test_one_person_is_one_pseudonym_over_repositories() -> None:
    make = Pseudonyms(KEY)
    persons = Persons(AnonymizeConfig())
    fresh = Identity(name=make.person("Jane Doe", EMAIL), email=make.email(EMAIL))
    for repo, name in (("shop", "Jane Doe"), ("bank", "J. M. Doe")):
        persons.add(repo, Identity(name=name, email=EMAIL), fresh)
    persons.add("shop", Identity(name="GitHub", email="noreply@github.com"), fresh)
    assert (persons.counts()["persons"], persons.counts()["pseudonyms"]) == (1, 1)
    other = Identity(name=make.person("Jane Doe", "x@y.z"), email=make.email("x@y.z"))
    persons.add("bank", Identity(name="Jane Roe", email=EMAIL), other)
    assert persons.counts()["one_to_many"] == 1
    persons.add("shop", Identity(name="Rob Bobson", email="rob@corp.test"), fresh)
    assert persons.counts()["many_to_one"] == 1


def test_a_change_of_syntax_is_counted() -> None:
    assert compare("python", "x = 1\n", "x = 1\n").changed == 0
    same = compare("python", "x = 'a'\n", "x = 'b'\n")
    assert (same.compared, same.parsed_before, same.parsed_after, same.new_errors) == (1, 1, 1, 0)
    broken = compare("python", "x = 'a'\n", "x = 'a\n\n")
    assert (broken.new_errors, broken.other_lines, broken.parsed_after) == (1, 1, 0)
    assert compare("python", "x = a\n", "x = a.b\n").other_nodes == 1
    assert compare("cobol", "x\n", "y\n").compared == 0


@settings(deadline=None)
@given(planted=st.integers(1, 10_000), data=st.data())
def test_the_bound_is_above_the_rate_and_below_one(planted: int, data: st.DataObject) -> None:
    survived = data.draw(st.integers(0, planted))
    assert survived / planted <= upper_bound(survived, planted) <= 1
    assert upper_bound(0, 3000) == 0.001


def test_a_tag_needs_the_key_and_an_allowed_one_a_reason(tmp_path: Path) -> None:
    tag = value_tag(KEY, EMAIL)
    assert tag == value_tag(KEY, EMAIL.upper())
    assert len({tag, value_tag(b"x" * 32, EMAIL), value_tag(KEY, "other")}) == 3
    path = tmp_path / "allow.toml"
    path.write_text(f'[[allow]]\ntag = "{tag}"\nreason = "a test"\n')
    assert read_allowed(path) == {tag: "a test"}
    for wrong in (f'[[allow]]\ntag = "{tag}"\n', "[[allow]]\ntag = 1\nreason = 'x'\n", "x = 1\n"):
        path.write_text(wrong)
        with pytest.raises(ConfigError):
            read_allowed(path)


@given(st.floats(0, 1), st.floats(0, 1))
def test_a_larger_sample_holds_the_smaller_one(one: float, other: float) -> None:
    rows = [f"{number:032x}" for number in range(200)]
    small, large = sorted((one, other))
    drawn = {row for row in rows if is_drawn(row, small)}
    assert drawn <= {row for row in rows if is_drawn(row, large)}
    assert all(is_drawn(row, 1.0) for row in rows)
    assert abs(len(drawn) / len(rows) - small) < 0.2
