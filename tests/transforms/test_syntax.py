"""Parse status: for each language a text that parses and one that does not."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from transforms.syntax import MAX_PARSE_BYTES, SUPPORTED, parse_status, parser_for

GOOD_AND_BAD = {
    "bash": ("for i in 1 2; do echo $i; done\n", "for i in; do (\n"),
    "c": ("int main(void) { return 0; }\n", "int main( { return\n"),
    "cpp": ("template <class T> T f(T a) { return a; }\n", "class { void f( }\n"),
    "csharp": ("class A { int X { get; set; } }\n", "class A { int X { get\n"),
    "css": ("a { color: red; }\n", "a { color: \n"),
    "go": ("package a\nfunc f() int { return 1 }\n", "package a\nfunc f( { return\n"),
    "html": ("<p>Hello <b>you</b></p>\n", "<p <b\n"),
    "java": ("class A { int f() { return 1; } }\n", "class A { int f( { return\n"),
    "javascript": ("const f = (a) => a ?? 1;\n", "const f = (a => {\n"),
    "json": ('{"a": [1, 2, null]}\n', '{"a": [1, 2\n'),
    "php": ("<?php function f($a) { return $a; }\n", "<?php function f($a { return\n"),
    "python": ("def f(x: int) -> int:\n    return x\n", "def f(:\n    return\n"),
    "ruby": ("def f(a)\n  a + 1\nend\n", "def f(a\n  a +\n"),
    "rust": ("fn f(a: u8) -> u8 { a + 1 }\n", "fn f(a: u8 -> { a +\n"),
    "sql": ("SELECT a, b FROM t WHERE a = 1;\n", "SELECT FROM WHERE (;\n"),
    "toml": ('[a]\nb = "c"\n', "[a\nb = \n"),
    "tsx": ("const a = <p title={b}>x</p>;\n", "const a = <p title={b>x</q\n"),
    "typescript": ("let a: number = <number>b;\n", "let a: = (;\n"),
    "yaml": ("a:\n  - b: 1\n", "a: [1, 2\nb: }\n"),
}


def test_every_grammar_is_tried() -> None:
    assert set(GOOD_AND_BAD) == SUPPORTED


@pytest.mark.parametrize("language", sorted(GOOD_AND_BAD))
def test_status_of_good_and_bad_text(language: str) -> None:
    good, bad = GOOD_AND_BAD[language]
    assert parse_status(language, good) == "ok"
    assert parse_status(language, bad) == "errors"


def test_a_language_without_grammar_is_unsupported() -> None:
    assert parse_status("cobol", "MOVE A TO B.") == "unsupported"
    assert parser_for("cobol") is None


def test_large_text_is_skipped_by_its_bytes() -> None:
    line = "\u00e9 = 1\n"
    count = MAX_PARSE_BYTES // len(line.encode())
    assert parse_status("python", line * count) == "ok"
    assert parse_status("python", line * (count + 1)) == "skipped"


@settings(max_examples=50, deadline=None)
@given(text=st.text(max_size=60), language=st.sampled_from(sorted(SUPPORTED)))
def test_any_text_has_a_status_and_keeps_it(text: str, language: str) -> None:
    status = parse_status(language, text)
    assert status in ("ok", "errors")
    assert parse_status(language, text) == status


@pytest.mark.parametrize("language", sorted(SUPPORTED))
@pytest.mark.parametrize("unit", ["a<", "<a>"])
def test_hostile_text_costs_seconds_at_most(language: str, unit: str) -> None:
    start = time.process_time()
    assert parse_status(language, unit * (40_000 // len(unit))) in ("ok", "errors", "skipped")
    assert time.process_time() - start < 2
