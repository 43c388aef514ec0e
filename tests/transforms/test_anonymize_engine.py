"""One pass over all patterns says where to look: it misses nothing, and long lines cost no more."""

from itertools import pairwise

import pytest
import re2
from hypothesis import example, given, settings
from hypothesis import strategies as st

from schemas.errors import ConfigError
from transforms.anonymize.checks import always
from transforms.anonymize.config import AnonymizeConfig
from transforms.anonymize.multi_pattern import MAX_REACH, MultiPattern, windows
from transforms.anonymize.offsets import Chars, byte_starts
from transforms.anonymize.recognizers import Shape, ShapeRecognizer
from transforms.anonymize.secrets import secret_shapes
from transforms.anonymize.shapes import prose_shapes, value_shapes
from transforms.anonymize.spans import Found, Span, resolve

CONFIG = AnonymizeConfig(
    employee_id_pattern="EMP-[0-9]{6}",
    ticket_key_pattern="[A-Z]{2,9}-[0-9]{1,6}",
    internal_domains=("northwind.io",),
    keep_private_ips=False,
)
SHAPES = [*value_shapes(CONFIG), *secret_shapes(), *prose_shapes(CONFIG)]
LETTERS = "abz09AZ@.:-_/=+'\"<>( \t\r\v\x0c\\,;{}[]#%$"
ODD = ["\u00e9", "\u212a", "\u017f", "\u4e2d", "\U0001f642", "\u2028", "\x00", "\ud800"]
TOKEN = "gh" + "p_" + "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8"
NEAR = [
    "jane@corp.io", "52.4.8.15", "aa:bb:cc:dd:ee:ff", "4485 2759 4910 3307", "+49 30 1234 5678",
    "password = 'x'", "api_key: y", TOKEN, "AK" + "IAIQ3TYUIOPASDFGHJ", "EMP-482913", "://u:p@h",
    "Signed-off-by: A B <a@b.io>", "eyJhbGciOiJIUzI1.eyJzdWIiOiIx.abc", "-u me:secret9",
    "DE89 3704 0044 0532 0130 00", "Authorization: Bearer abcdef123456", "a1B2c3D4e5F6g7H8i9J0",
    "0123456789abcdef0123456789abcdef", "secret", "token", "key", "https://", "/home/jdoe/x",
]  # fmt: skip


@st.composite
def lines(draw: st.DrawFn) -> str:
    pieces = st.one_of(
        st.sampled_from(NEAR), st.text(LETTERS, max_size=8), st.sampled_from([*ODD, *LETTERS])
    )
    return "".join(draw(st.lists(pieces, max_size=8)))


RECOGNIZER = ShapeRecognizer("All", SHAPES)
TRIGGERS = sorted({shape.trigger for shape in SHAPES})
ONE_PASS = MultiPattern([(trigger, trigger) for trigger in TRIGGERS])
BY_RE2 = [re2.compile(trigger) for trigger in TRIGGERS]


@given(text=st.lists(lines(), max_size=3).map("\n".join))
@example(text="x\v@corp.io")
@example(text="\u212aEY=a secret9\n52.4.8.15")
@settings(deadline=None, max_examples=300)
def test_the_one_pass_fires_where_re2_matches_and_nowhere_else(text: str) -> None:
    data = text.encode("utf-8", "replace")
    fired = {
        (number, data.count(b"\n", 0, max(0, end - 1)))
        for number, ends in ONE_PASS.ends(data).items()
        for end in ends
    }
    assert fired == {
        (number, row)
        for row, line in enumerate(data.split(b"\n"))
        for number, trigger in enumerate(BY_RE2)
        if trigger.search(line)
    }


@pytest.mark.parametrize("pattern", ["(?<=a)b", "a*", "("])
def test_a_pattern_that_does_not_compile_is_named(pattern: str) -> None:
    with pytest.raises(ConfigError, match="'odd'"):
        MultiPattern([("good", "a"), ("odd", pattern)])


@given(
    parts=st.lists(st.integers(0, 3 * MAX_REACH), min_size=1, max_size=6),
    ends=st.lists(st.integers(1, 3 * MAX_REACH), min_size=1, max_size=12),
)
@settings(deadline=None)
def test_windows_hold_the_line_of_each_end_as_far_as_they_reach(
    parts: list[int], ends: list[int]
) -> None:
    data = b"\n".join(b"x" * part for part in parts) + b"\n"
    ends = sorted(min(end, len(data)) for end in ends)
    found = list(windows(data, ends))
    assert found == sorted(found)
    assert all(b"\n" not in data[first:last] for first, last in found)
    for end in ends:
        start = data.rfind(b"\n", 0, end - 1) + 1
        stop = data.find(b"\n", end - 1)
        first, last = next(one for one in found if one[0] <= end - 1 <= one[1])
        assert first <= max(start, end - 1 - MAX_REACH)
        assert last >= min(stop, end - 1 + MAX_REACH)


@given(text=st.text(), position=st.integers(0, 40))
def test_positions_in_characters_are_those_of_the_decoded_text(text: str, position: int) -> None:
    data = text.encode("utf-8", "replace")
    before = text.encode("utf-8", "replace").decode()[:position]
    assert Chars(data).at(len(before.encode())) == len(before)


@given(text=st.text(), starts=st.lists(st.integers(0, 40)).map(sorted))
def test_positions_in_bytes_are_those_of_the_encoded_text(text: str, starts: list[int]) -> None:
    expected = [len(text[:start].encode("utf-8", "replace")) for start in starts]
    assert list(byte_starts(text, starts)) == expected


def test_positions_are_right_far_into_a_text() -> None:
    text = "\u00e9x\u4e2d" * 5_000
    data = text.encode()
    chars = Chars(data)
    assert [chars.at(len(text[:at].encode())) for at in range(0, 15_000, 777)] == list(
        range(0, 15_000, 777)
    )


def secrets_of(text: str) -> set[str]:
    return {
        text[one.start : one.end]
        for one in RECOGNIZER.analyze(text, [], None)
        if one.entity_type == "SECRET"
    }


@pytest.mark.parametrize("filler", ["x=1;", "\u00e9t\u00e9;"])
@pytest.mark.parametrize("at", [0, 1, MAX_REACH, 100_000])
def test_a_value_deep_in_a_long_line_is_found(filler: str, at: int) -> None:
    line = filler * at + " " + TOKEN + " " + filler * at
    assert TOKEN[4:] in secrets_of(line)
    assert TOKEN[4:] in secrets_of(f"a\n{line}\nb")


@pytest.mark.parametrize("num_chars", [10, MAX_REACH, 10 * MAX_REACH])
def test_a_value_longer_than_a_window_is_found_whole(num_chars: int) -> None:
    shape = Shape(entity="SECRET", pattern="sk-[a-z]{8,}", trigger="sk-[a-z]{8}", check=always)
    token, filler = "sk-" + "b" * num_chars, "x;" * MAX_REACH
    text = f"{filler} {token} {filler}"
    (found,) = ShapeRecognizer("One", [shape]).analyze(text, [], None)
    assert text[found.start : found.end] == token


FOUND = st.builds(
    Found,
    start=st.integers(0, 20),
    end=st.integers(21, 40),
    entity=st.sampled_from(["SECRET", "PERSON", "IP_ADDRESS", "LOGIN"]),
    score=st.sampled_from([0.5, 0.6, 0.9]),
    rule=st.sampled_from(["a", "b"]),
)


@given(found=st.lists(FOUND, max_size=6), data=st.data())
def test_the_order_of_findings_does_not_matter(found: list[Found], data: st.DataObject) -> None:
    shuffled = data.draw(st.permutations(found))
    assert resolve(shuffled, "x" * 50) == resolve(found, "x" * 50)


@given(
    found=st.lists(
        st.tuples(st.integers(0, 60), st.integers(1, 9)).map(
            lambda one: Found(one[0], one[0] + one[1], "LOGIN", 0.9, "")
        ),
        max_size=12,
    )
)
def test_spans_are_disjoint_and_cover_every_strong_finding(found: list[Found]) -> None:
    spans = resolve(found, "x" * 80)
    assert all(one.end <= two.start for one, two in pairwise(spans))
    covered = {at for span in spans for at in range(span.start, span.end)}
    assert covered == {at for one in found for at in range(one.start, one.end)}


def test_the_mark_of_a_format_stays_when_a_weaker_rule_found_the_whole() -> None:
    text = f'token = "{TOKEN}"'
    whole = Found(9, 49, "SECRET", 0.6, "assigned-token")
    body = Found(13, 49, "SECRET", 0.9, "github-token")
    assert resolve([whole, body], text) == [Span("SECRET", 13, 49, "github-token")]
    longer = Found(9, 50, "SECRET", 0.6, "assigned-token")
    assert resolve([longer, body], text) == [Span("SECRET", 9, 50, "assigned-token")]
