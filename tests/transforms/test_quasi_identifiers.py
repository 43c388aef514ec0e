"""SHAs and times: what is replaced, what stays consistent, what is left."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from transforms.anonymize.notices import with_notices
from transforms.anonymize.quasi_identifiers import ShaPseudonyms, round_down

SHAS = ShaPseudonyms(b"k" * 32)
OTHER = ShaPseudonyms(b"o" * 32)
sha = st.text("0123456789abcdef", min_size=40, max_size=40)
moment = st.datetimes(datetime(1990, 1, 1), datetime(2040, 1, 1)).map(
    lambda naive: naive.replace(tzinfo=UTC)
)


@given(sha, st.integers(7, 40))
def test_an_abbreviation_stays_one(value: str, length: int) -> None:
    assert SHAS.sha(value).startswith(SHAS.sha(value[:length]))
    assert len(SHAS.sha(value[:length])) == length


@given(sha, sha)
def test_shas_are_keyed_and_told_apart(one: str, other: str) -> None:
    assert SHAS.sha(one) != OTHER.sha(one)
    assert (SHAS.sha(one) == SHAS.sha(other)) == (one == other)


@given(sha)
def test_shas_in_prose_agree_with_the_commit_list(value: str) -> None:
    text = f"Broken since {value[:9]}a1, see https://h.test/commit/{value}."
    fresh, count = SHAS.in_prose(text)
    assert value not in fresh
    assert SHAS.sha(value) in fresh
    assert count == 2


def test_words_numbers_colours_and_uuids_are_no_shas() -> None:
    text = "deadbeef 1234567 #a1b2c3d4 color=1a2b3c4d 5f3a9c1b-77d0-4a1c-8f2e-0123456789ab"
    assert SHAS.in_prose(text) == (text, 0)


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
