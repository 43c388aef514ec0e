"""One person is one key in a whole delivery: a bijection, whatever the order and the company."""

import itertools
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.discussion import Identity
from transforms.anonymize.people import People
from transforms.anonymize.persons import Persons
from transforms.anonymize.pseudonyms import CONTRIBUTOR_OTHER, Pseudonyms, is_issued
from transforms.anonymize.seeds import Seeds

KEY = b"k" * 32
GIVEN = ("Ottilie", "Zo\u00eb", "J\u00f8rgen", "Bartholomew", "Xiulan", "M\u00fcge", "Ignatius")
FAMILY = ("Vandermeulen", "Br\u00e4nnstrup", "Katzenbuckel", "Nyqvist", "\u00d6zkoparan")


def person(name: str, email: str) -> Identity:
    return Identity(name=name, email=email)


def spellings(given: str, family: str, number: int) -> list[Identity]:
    """One person as they may stand in the histories of several repositories."""
    name, shout = f"{given} {family}", f"{given} {family}".upper()
    work, home = f"p{number}.{number}@corp.test", f"someone{number}@home{number}.test"
    login = f"login{number}qx"
    return [
        person(name, work),
        person(shout, work.upper()),
        person(f"{family}, {given}", home),
        person(name, f"{number}+{login}@users.noreply.github.com"),
        person(f"{given} Q. {family}", home.replace("@", "+git@")),
        person(login, f"{login}@users.noreply.github.com"),
    ]


PERSONS = [
    spellings(given, family, number)
    for number, (given, family) in enumerate(itertools.product(GIVEN, FAMILY))
]
crowds = st.lists(st.sampled_from(PERSONS), min_size=1, max_size=8, unique_by=id)


def keys(persons: Persons, rows: Sequence[Identity]) -> set[str]:
    return {persons.of_identity(row.name, row.email) for row in rows}


@given(crowds)
@settings(deadline=None)
def test_persons_and_keys_are_a_bijection(crowd: list[list[Identity]]) -> None:
    persons = Persons(row for rows in crowd for row in rows)
    found = [keys(persons, rows) for rows in crowd]
    assert all(len(one) == 1 for one in found)
    assert len(set().union(*found)) == len(crowd)


@given(crowds, st.randoms())
@settings(deadline=None)
def test_the_order_of_rows_changes_no_key(crowd: list[list[Identity]], random: object) -> None:
    rows = [row for one in crowd for row in one]
    shuffled = list(rows)
    random.shuffle(shuffled)  # type: ignore[attr-defined]  # hypothesis types it as object
    one, other = Persons(rows), Persons(shuffled)
    assert [keys(one, [row]) for row in rows] == [keys(other, [row]) for row in rows]


@given(crowds, st.sampled_from(PERSONS))
@settings(deadline=None)
def test_somebody_else_changes_no_key(crowd: list[list[Identity]], other: list[Identity]) -> None:
    rows = [row for one in crowd if one is not other for row in one]
    before, after = Persons(rows), Persons([*rows, *other])
    assert [keys(before, [row]) for row in rows] == [keys(after, [row]) for row in rows]


@given(st.lists(st.sampled_from([row for rows in PERSONS[:6] for row in rows]), max_size=12))
@settings(deadline=None)
def test_repositories_that_see_parts_of_a_person_agree(rows: list[Identity]) -> None:
    everyone = Persons(row for person_rows in PERSONS for row in person_rows)
    one, other = People(rows[::2], everyone=everyone), People(rows[1::2], everyone=everyone)
    for row in rows[::2]:
        key = one.of_identity(row.name, row.email)
        assert key == everyone.of_identity(row.name, row.email)
        if row in rows[1::2]:
            assert other.of_identity(row.name, row.email) == key


@given(st.integers(3, 60))
@settings(deadline=None)
def test_an_address_of_many_glues_nobody_together(count: int) -> None:
    names = [f"Aq{number}a Zq{number}o" for number in range(count)]
    rows = [person(name, "packages@corp.test") for name in names]
    rows += [person(name, f"own{number}@corp.test") for number, name in enumerate(names)]
    persons = Persons(rows)
    assert len(keys(persons, rows[count:])) == count
    assert [persons.of_identity(row.name, row.email) for row in rows[:count]] == [
        persons.of_identity(row.name, row.email) for row in rows[count:]
    ]
    assert persons.of_email("packages@corp.test") == "packages@corp.test"


@pytest.mark.parametrize("local", ["build", "dev", "team", "root"])
def test_two_names_are_too_many_for_an_account(local: str) -> None:
    rows = [person("Ada Pqrst", f"{local}@corp.test"), person("Bea Uvwxy", f"{local}@corp.test")]
    assert len(keys(Persons(rows), rows)) == 2
    assert len(keys(Persons(rows[:1]), rows[:1])) == 1


def test_a_name_of_many_glues_nobody_together() -> None:
    rows = [person("Jon Smithers", f"js{number}@corp.test") for number in range(40)]
    rows += [person(f"Aq{n}a Zq{n}o", f"js{n}@corp.test") for n in range(40)]
    assert len(keys(Persons(rows), rows)) == 40


def test_a_first_name_of_several_is_nobodys() -> None:
    rows = [
        person("Kristoffer", "kh@corp.test"),
        person("Kristoffer Holmqvist", "kh@corp.test"),
        person("Kristoffer", "kb@corp.test"),
        person("Kristoffer Bjornsen", "kb@corp.test"),
    ]
    assert len(keys(Persons(rows), rows)) == 2
    own = People(rows[:2], everyone=Persons(rows))
    assert own.of_name("Kristoffer") == own.of_email("kh@corp.test")


def test_logins_and_written_out_umlauts_are_the_same_person() -> None:
    rows = [
        person("J\u00fcrgen Oetzm\u00fcller", "jo@corp.test"),
        person("Juergen Oetzmueller", "juergen@home.test"),
        person("qxlogin9", "qxlogin9@users.noreply.github.com"),
        person("Jurgen Oetzmuller", "9+qxlogin9@users.noreply.github.com"),
    ]
    assert len(keys(Persons(rows), rows)) == 1


def test_only_the_repositorys_own_people_are_looked_for() -> None:
    everyone = Persons(row for rows in PERSONS for row in rows)
    people = People(PERSONS[0], everyone=everyone)
    other = People(PERSONS[1], everyone=everyone)
    assert {key for _, _, key in people.seeds()} == keys(everyone, PERSONS[0])
    assert people.digest(KEY) != other.digest(KEY)


@given(crowds)
@settings(deadline=None, max_examples=30)
def test_a_digest_changes_with_the_keys_alone(crowd: list[list[Identity]]) -> None:
    first = crowd[0]
    alone = People(first, everyone=Persons(first))
    among = People(first, everyone=Persons(row for rows in crowd for row in rows))
    assert alone.digest(KEY) == among.digest(KEY)
    glued = [*first, person(first[0].name, "aaa@first.test")]
    assert People(first, everyone=Persons(glued)).digest(KEY) != alone.digest(KEY)
    assert alone.digest(b"o" * 32) != alone.digest(KEY)


def test_who_has_few_commits_shares_a_pseudonym() -> None:
    often, seldom, never = PERSONS[0], PERSONS[1], PERSONS[2]
    counts = {(row.name, row.email): 2 for row in often}
    counts |= {(row.name, row.email): 1 for row in seldom[:2]}
    people = People([*often, *seldom, *never], min_commits=5, num_commits=counts)
    of = people.of_identity
    assert {of(row.name, row.email) for row in (*seldom, *never)} == {CONTRIBUTOR_OTHER}
    assert {of(row.name, row.email) for row in often} == keys(Persons(often), often)
    assert people.of_login("login1qx") == CONTRIBUTOR_OTHER
    make = Pseudonyms(KEY)
    forms = [make.person("Ada Byte", of(seldom[0].name, seldom[0].email))]
    forms += [make.login("ADA-B", CONTRIBUTOR_OTHER), make.email(CONTRIBUTOR_OTHER)]
    assert forms == ["Contributor Other", "CONTRIBUTOR-OTHER", "contributor-other@example.com"]
    assert all(map(is_issued, forms))
    assert CONTRIBUTOR_OTHER in {key for _, _, key in people.seeds()}
    assert people.of_email("stranger@elsewhere.test") == "stranger@elsewhere.test"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("Max Green", "thanks Max Green!"),
        ("\u5f20\u4f1f", "by \u5f20\u4f1f."),
        ("\u738b\u5c0f\u660e", "\u4f5c\u8005\u738b\u5c0f\u660e\u662f"),
        ("Zo\u00eb Br\u00e4nnstrup", "ZOE BRAENNSTRUP"),
        ("Vandermeulen, Ottilie", "see ottilie_vandermeulen"),
        ("Ottilie Q. Vandermeulen", "Ottilie Vandermeulen"),
    ],
)
def test_names_are_found_in_texts(name: str, text: str) -> None:
    people = People([person(name, "one@corp.test")])
    assert [seed.key for seed in Seeds(people, ()).find(text)][:1] == ["one@corp.test"]


@pytest.mark.parametrize("text", ["max green", "max_green", "maxgreen", "MaxGreen"])
def test_everyday_words_are_names_in_capitals_only(text: str) -> None:
    people = People([person("Max Green", "one@corp.test")])
    assert list(Seeds(people, ()).find(text)) == []


def test_a_hundred_thousand_identities_are_told_apart() -> None:
    rows = [
        person(f"Aq{n % 70_001}a Zq{n % 50_021}o", f"p{n % 90_017}@corp.test")
        for n in range(100_000)
    ]
    persons = Persons(rows)
    assert len(keys(persons, rows[:1000])) > 1
