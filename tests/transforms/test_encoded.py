"""Values in every encoding: found, replaced, encoded again the same way; linear on hostile text.

Literals that look like secrets are put together at run time, so that scanners do not stop here.
"""

import base64
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from transforms.anonymize.canary_encodings import CASES, ENCODINGS
from transforms.anonymize.config import AnonymizeConfig
from transforms.anonymize.encoded import replace_encoded
from transforms.anonymize.spellings import spellings
from transforms.anonymize.syntax import keeps_syntax
from transforms.anonymize.text import TextAnonymizer

VALUE, FRESH = "jane@corp.test", "user-3f2a@example.com"
NAME, OTHER = "J\u00f6rg Doe", "Birch Dunmarrow-3f2a"


def clean(text: str, depth: int = 2) -> str:
    """What an anonymizer does, for two values."""
    if depth:
        text = replace_encoded(text, lambda plain: clean(plain, depth - 1))
    return text.replace(VALUE, FRESH).replace(NAME, OTHER)


def b64(text: str, codec: str = "utf-8") -> str:
    return base64.b64encode(text.encode(codec)).decode()


@pytest.mark.parametrize(
    ("line", "fresh"),
    [
        (b64(VALUE), b64(FRESH)),
        (b64(VALUE).rstrip("="), b64(FRESH).rstrip("=")),
        (f"path/blob/{b64(VALUE)}", f"path/blob/{b64(FRESH)}"),
        (f"id_{b64(VALUE)}", f"id_{b64(FRESH)}"),
        (b64(VALUE, "utf-16-le"), b64(FRESH, "utf-16-le")),
        (b64(b64(f"to={VALUE}")), b64(b64(f"to={FRESH}"))),
        (b64(NAME), b64(OTHER)),
        (VALUE.encode().hex(), FRESH.encode().hex()),
        (f"0x{VALUE.encode().hex().upper()}", f"0x{FRESH.encode().hex().upper()}"),
        ("to=jane%40corp.test&x=1", "to=user-3f2a%40example.com&x=1"),
        ("https%3A%2F%2Fjane%40corp.test%2Fx", "https%3A%2F%2Fuser-3f2a%40example.com%2Fx"),
        ("jane%2540corp.test", "user-3f2a%2540example.com"),
        ("jane&#64;corp.test", "user-3f2a&#64;example.com"),
        ("jane&#x40;corp.test", "user-3f2a&#x40;example.com"),
        ("&lt;jane&commat;corp.test&gt;", "&lt;user-3f2a&commat;example.com&gt;"),
        ("<a>J&ouml;rg Doe</a> <b>", f"<a>{OTHER}</a> <b>"),
        ("jane&amp;#64;corp.test", "user-3f2a&amp;#64;example.com"),
        (r'"jane\u0040corp.test"', r'"user-3f2a\u0040example.com"'),
        (r'"J\u00f6rg Doe: \u003cb\u003e"', rf'"{OTHER}: \u003cb\u003e"'),
        (r"'jane\x40corp.test'", r"'user-3f2a\x40\x65xample.com'"),
        (r'"J\303\266rg Doe"', f'"{OTHER}"'),
        (r'"J\xc3\xb6rg Doe"', f'"{OTHER}"'),
        (r'"{\"to\": \"jane\\u0040corp.test\"}"', r'"{\"to\": \"user-3f2a\\u0040example.com\"}"'),
        (r"'jane\N{COMMERCIAL AT}corp.test'", r"'user-3f2a\N{COMMERCIAL AT}example.com'"),
        (r'"jane\u{40}corp.test"', r'"user-3f2a\u{40}example.com"'),
        ("From: =?UTF-8?q?J=C3=B6rg_Doe?= <x>", "From: =?UTF-8?q?Birch_Dunmarrow-3f2a?= <x>"),
        ('"jane" + "@corp.test"', '"user" + "-3f2a@example.com"'),
        ("'jane@' 'corp.test'", "'user-' '3f2a@example.com'"),
    ],
)
def test_a_value_is_replaced_inside_its_encoding(line: str, fresh: str) -> None:
    assert clean(line) == fresh
    assert clean(fresh) == fresh
    assert clean(f"x = 1\n  y({line})\nz") == f"x = 1\n  y({fresh})\nz"


@pytest.mark.parametrize("separator", ["\n", "\n    ", "\\n", "\r\n"])
@pytest.mark.parametrize("width", [64, 76])
def test_a_wrapped_block_keeps_its_lines(separator: str, width: int) -> None:
    block = b64("hello world " * 5 + VALUE + " goodbye" * 20)
    lines = [block[at : at + width] for at in range(0, len(block), width)]
    text = f'x: "{separator.join(lines)}"\npayload: 1'
    fresh = clean(text)
    assert fresh.count(separator) == text.count(separator)
    assert fresh.endswith('"\npayload: 1')
    body = fresh.removeprefix('x: "').removesuffix('"\npayload: 1').replace(separator, "")
    assert base64.b64decode(body).decode() == base64.b64decode(block).decode().replace(VALUE, FRESH)


def test_what_follows_a_block_on_other_lines_is_no_part_of_it() -> None:
    text = f"one={b64('https://' + 'a' * 40)}\npayload={b64(VALUE)}\nx=1"
    assert clean(text) == text.replace(b64(VALUE), b64(FRESH))


@pytest.mark.parametrize(
    "text",
    [
        "assertRaisesRegexMessage 9f86d081884c7d659a2feaa0c55ad015 sha256-" + "Zm9v" * 8,
        "printf('%20s %3d %2x', 100%40)",
        "data:image/png;base64," + base64.b64encode(bytes(range(256)) * 9).decode(),
        r"re.sub(r'\1\x00\n', '\\u12', x) && y &nosuch; &#xffffff;",
        '"""docs "a" "b" """ + "x" "" \'"\'',
        "=?utf-8?q?not closed",
        r"C:\users\x41\u004",
    ],
)
def test_what_holds_no_value_stays(text: str) -> None:
    assert clean(text) == text
    assert replace_encoded(text, lambda plain: plain) == text


@given(st.text(max_size=200))
def test_any_text_stays_when_nothing_is_replaced(text: str) -> None:
    assert replace_encoded(text, lambda plain: plain) == text


@given(st.text(max_size=200), st.sampled_from(sorted(ENCODINGS.keys() - set(CASES))))
def test_lines_are_kept_and_a_second_time_changes_nothing(text: str, encoding: str) -> None:
    encoded = ENCODINGS[encoding](f"{text} {VALUE} {text}".encode("utf-8", "replace").decode())
    once = clean(f"first\n{encoded}\nlast")
    assert once.count("\n") == encoded.count("\n") + 2
    assert clean(once) == once


@pytest.mark.parametrize("encoding", sorted(ENCODINGS.keys() - set(CASES)))
def test_no_spelling_of_a_value_is_left(encoding: str) -> None:
    """The search side finds what the other side writes, and nothing after."""
    text = f'x = "{ENCODINGS[encoding](f"mail {VALUE} now")}"'
    once = 2 if encoding in ("base64-twice", "in-json-in-base64") else 1
    if once == 1:
        assert any(spelling in text.encode() for spelling in spellings(VALUE))
    assert not any(spelling in clean(text).encode() for spelling in spellings(VALUE))


@given(st.binary(max_size=9), st.binary(max_size=9), st.binary(min_size=8, max_size=20))
def test_base64_is_searched_whatever_its_neighbours(
    before: bytes, after: bytes, value: bytes
) -> None:
    text = value.hex()
    whole = base64.b64encode(before + text.encode() + after)
    assert any(spelling in whole for spelling in spellings(text))


def test_the_anonymizer_looks_into_encodings_and_code_still_parses() -> None:
    anonymizer = TextAnonymizer(AnonymizeConfig(), b"k" * 32, [])
    text = 'x = "bob\\u0040hooli.io"\ny = "\\x62\\x6f\\x62@hooli.io"\nz = "Ym9iQGhvb2xpLmlv"\n'
    fresh = anonymizer.text(text, language="python")
    assert keeps_syntax("python", text, fresh)
    values: dict[str, str] = {}
    exec(fresh, {}, values)  # What a program would read.
    plain = {values["x"], values["y"], base64.b64decode(values["z"]).decode()}
    assert len(plain) == 1
    assert re.fullmatch(r"user-[0-9a-f]{16}@example\.com", plain.pop())
    assert anonymizer.text(fresh, language="python") == fresh
    kept = TextAnonymizer(AnonymizeConfig(decode=False), b"k" * 32, [])
    assert "Ym9iQGhvb2xpLmlv" in kept.text(text)


HOSTILE = {
    "base64 of noise": base64.b64encode(bytes(range(256)) * 6000).decode(),
    "base64 of text": b64("jane@x.test hello " * 60_000),
    "percent signs": "%" * 2_000_000,
    "percent escapes": "%41" * 400_000,
    "entities": "&#64;" * 250_000,
    "hexadecimal": "6a" * 500_000,
    "escapes": r"\u0041" * 200_000,
    "backslashes": "\\" * 2_000_000,
    "joins": '"a" + ' * 200_000,
    "words": "=?u?q?" * 200_000,
}


@pytest.mark.parametrize("name", sorted(HOSTILE))
def test_hostile_text_stays_where_nothing_is_cleaned(name: str) -> None:
    assert replace_encoded(HOSTILE[name], lambda plain: plain) == HOSTILE[name]


def test_fifty_encodings_inside_each_other_end() -> None:
    text = VALUE
    for _ in range(30):
        text = b64(text)
    assert clean(text) == text
