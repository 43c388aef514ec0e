"""SHAs and times: what is replaced, what stays consistent, what is left."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from schemas.discussion import Identity
from transforms.anonymize.config import AnonymizeConfig
from transforms.anonymize.notices import with_notices
from transforms.anonymize.pseudonyms import Pseudonyms
from transforms.anonymize.quasi_identifiers import round_down, sha_spans
from transforms.anonymize.shaped_pseudonyms import commit_sha
from transforms.anonymize.syntax import anonymize_code
from transforms.anonymize.text import TextAnonymizer

KEY = b"k" * 32
OURS, OTHERS = Pseudonyms(KEY), Pseudonyms(b"o" * 32)
KEYED = AnonymizeConfig(commit_shas="pseudonym")
JANE = Identity(name="Jane Northwind", email="jane.northwind@corp.test")
SHA = "3f2a9c1b77" * 4
sha = st.text("0123456789abcdef", min_size=40, max_size=40)
moment = st.datetimes(datetime(1990, 1, 1), datetime(2040, 1, 1)).map(
    lambda naive: naive.replace(tzinfo=UTC)
)


@given(sha, st.integers(7, 40))
def test_an_abbreviation_stays_one(value: str, length: int) -> None:
    short = commit_sha(value[:length], OURS)
    assert commit_sha(value, OURS).startswith(short)
    assert len(short) == length


@given(sha, sha)
def test_shas_are_keyed_and_told_apart(one: str, other: str) -> None:
    assert commit_sha(one, OURS) != commit_sha(one, OTHERS)
    assert (commit_sha(one, OURS) == commit_sha(other, OURS)) == (one == other)


def test_what_is_no_sha_stays() -> None:
    assert [commit_sha(value, OURS) for value in ("", "#12", "abc")] == ["", "#12", "abc"]


def test_shas_in_prose_and_in_documents_agree_with_the_commit_list() -> None:
    anonymizer = TextAnonymizer(KEYED, KEY, [JANE])
    text = f"Broken since {SHA[:9]}, see https://h.test/commit/{SHA}. jane.northwind did."
    fresh = anonymizer.text(text, prose=True)
    assert SHA[:9] not in fresh
    assert f"since {commit_sha(SHA[:9], OURS)}," in fresh
    assert commit_sha(SHA, OURS) in fresh
    assert anonymizer.take_findings()["COMMIT_SHA", "commit-sha"] == 2
    assert anonymize_code(anonymizer, [text], "markdown") == [fresh]
    # Nothing takes the tag of a person's pseudonym for a SHA.
    only_jane = anonymizer.text("jane.northwind did.", prose=True)
    assert fresh.endswith(only_jane)


def test_shas_stay_where_the_profile_says_so() -> None:
    text = f"Broken since {SHA}."
    assert TextAnonymizer(AnonymizeConfig(), KEY, []).text(text, prose=True) == text


def test_words_numbers_colours_and_uuids_are_no_shas() -> None:
    text = "deadbeef 1234567 #a1b2c3d4 color=1a2b3c4d 5f3a9c1b-77d0-4a1c-8f2e-0123456789ab"
    assert sha_spans(text) == []


@given(moment, st.sampled_from(["day", "week"]))
def test_times_are_rounded_down_and_keep_their_order(when: datetime, to: str) -> None:
    rounded = round_down(when, to)
    assert timedelta(0) <= when - rounded < timedelta(days=7 if to == "week" else 1)
    assert round_down(rounded, to) == rounded
    assert to == "day" or rounded.weekday() == 0
    assert round_down(when + timedelta(hours=30), to) >= rounded
    assert round_down(when, "keep") == when


def test_notices_stay_where_they_stood_and_nothing_else() -> None:
    before = "# Copyright 2019 A\nx = 'A'\n# (c) 2020 A"
    after = "# Copyright 2019 B\nx = 'B'\n# (c) 2020 B"
    assert with_notices(before, after) == "# Copyright 2019 A\nx = 'B'\n# (c) 2020 A"
