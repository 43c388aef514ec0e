r"""National and bank numbers: ids, tax, health, passports. In: config. Out: shapes.

    national_shapes(config, prose=False)    those that code may hold: told by a word, or strong
    national_shapes(config, prose=True)     the others that prose adds

The patterns and checks of Presidio's recognizers are used (MIT), and some of our own; the table is
national_ids.toml. RE2 finds candidates by the pattern without what it lacks (lookarounds, back
references); the pattern as Presidio has it then has to match the candidate itself.

A number that only a word tells from any other ("NHS 943 476 5919") scores `ALONE` where the word is
missing: below the default `min_score`, as Presidio's own scores are.
"""

import re
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import presidio_analyzer.predefined_recognizers as predefined

from transforms.anonymize.checks import line_start
from transforms.anonymize.config import AnonymizeConfig
from transforms.anonymize.national_checks import CHECKS
from transforms.anonymize.numbers import is_reserved_id
from transforms.anonymize.recognizers import Shape

_TABLE = Path(__file__).with_name("national_ids.toml")
FOUND = 0.85
ALONE = 0.1
"""Score of a number that its shape alone does not tell from any other number."""
_PART_BEFORE = re.compile(r"[0-9][ ./:-]\Z|[A-Za-z+]-\Z|\+\Z")
_PART_AFTER = re.compile("[./:-][0-9A-Za-z]")
_CLEAR = 0.3
_NEAR = 60
_CN_LENGTH = 18
# "ssn", "ssn_number", "ssnNumber".
_TELLING = "(?i)(?:^|[^a-z])(?:{words})(?:[^a-z]|s[^a-z]|(?-i:[A-Z]))"
# What RE2 lacks, and what its candidates may do without.
_REWRITES = (
    (re.compile(r"\(\?<[!=](?:[^()]|\([^()]*\))*\)"), ""),
    (re.compile(r"\(\?[!=](?:[^()]|\([^()]*\))*\)"), ""),
    (re.compile(r"\\1"), "[- ]?"),
    (re.compile(r"\(\?i\)"), ""),
)
_MAX_CHARS = 64


@dataclass(frozen=True, kw_only=True)
class NationalId:
    """A row of the table, with its patterns for RE2 and for the confirmation."""

    rule: str
    patterns: tuple[tuple[str, bool], ...]
    """For RE2; whether Presidio's score calls the pattern more than a weak one."""
    confirm: Callable[[str, int, int], bool]
    words: str
    alone: str


def national_shapes(config: AnonymizeConfig, *, prose: bool) -> list[Shape]:
    """The shapes of one kind of text; prose has both kinds."""
    shapes: list[Shape] = []
    for number in _table():
        is_bare = number.alone != "code" if prose else number.alone == "code"
        if is_bare:
            shapes += _bare(number, config)
        if not prose:
            shapes += _told(number, config)
    return shapes


def _bare(number: NationalId, config: AnonymizeConfig) -> Iterator[Shape]:
    """Without a word; at the default threshold digits alone and small letters need one anyway.

    Small letters are hexadecimal: "74958567a" is a Spanish number and the start of a commit's SHA.
    """
    takes_all = config.min_score <= ALONE

    def check(text: str, start: int, end: int) -> bool:
        value = text[start:end]
        is_plain = value.isdigit() and end - start != _CN_LENGTH
        is_number = takes_all or not (is_plain or value != value.upper())
        return is_number and _is_id(number, config, text, start, end)

    for pattern, is_clear in number.patterns:
        score = FOUND if number.alone and is_clear else ALONE
        if score >= config.min_score:
            yield Shape(
                entity="NATIONAL_ID",
                rule=number.rule,
                pattern=pattern,
                trigger=pattern,
                check=check,
                score=score,
            )


def _told(number: NationalId, config: AnonymizeConfig) -> Iterator[Shape]:
    """With a word before it, on its line."""
    word = re.compile("(?m)" + _TELLING.format(words=number.words))

    def check(text: str, start: int, end: int) -> bool:
        is_told = word.search(text, line_start(text, start, _NEAR), start) is not None
        return is_told and _is_id(number, config, text, start, end)

    for pattern, _ in number.patterns:
        yield Shape(
            entity="NATIONAL_ID",
            rule=number.rule,
            pattern=pattern,
            trigger=_TELLING.format(words=number.words),
            check=check,
            score=FOUND,
        )


def _is_id(number: NationalId, config: AnonymizeConfig, text: str, start: int, end: int) -> bool:
    is_kept = config.keep_reserved and is_reserved_id(text[start:end])
    is_part = config.min_score > ALONE and _is_part(text, start, end)
    return not (is_kept or is_part) and number.confirm(text, start, end)


def _is_part(text: str, start: int, end: int) -> bool:
    """True inside of a longer number or identifier."""
    before = _PART_BEFORE.search(text, max(0, start - 2), start)
    return before is not None or _PART_AFTER.match(text, end) is not None


@cache
def _table() -> tuple[NationalId, ...]:
    rows = tomllib.loads(_TABLE.read_text(encoding="utf-8"))["id"]
    return tuple(_from_presidio(row) if "presidio" in row else _own(row) for row in rows)


def _own(row: dict[str, Any]) -> NationalId:
    pattern, is_valid = rf"(?i)\b(?:{row['pattern']})\b", CHECKS[row["check"]]
    exact = re.compile(pattern)

    def confirm(text: str, start: int, end: int) -> bool:
        return _matches(exact, text, start, end) and is_valid(text[start:end])

    return _number(row, row["rule"], [(pattern, True)], confirm)


def _from_presidio(row: dict[str, Any]) -> NationalId:
    recognizer = getattr(predefined, row["presidio"])()
    exact = [re.compile(_hoisted(pattern.regex)) for pattern in recognizer.patterns]

    def confirm(text: str, start: int, end: int) -> bool:
        value = text[start:end]
        return (
            any(_matches(pattern, text, start, end) for pattern in exact)
            and recognizer.validate_result(value) is not False
            and not recognizer.invalidate_result(value)
        )

    patterns = [(_for_re2(one.regex), one.score >= _CLEAR) for one in recognizer.patterns]
    return _number(row, recognizer.supported_entities[0].lower(), patterns, confirm)


def _number(
    row: dict[str, Any],
    rule: str,
    patterns: list[tuple[str, bool]],
    confirm: Callable[[str, int, int], bool],
) -> NationalId:
    return NationalId(
        rule=rule,
        patterns=tuple(patterns),
        confirm=confirm,
        words=re.sub(r" (?!\?)", "[ ._-]?", row["words"]),
        alone=row.get("alone", ""),
    )


def _matches(pattern: re.Pattern[str], text: str, start: int, end: int) -> bool:
    """The pattern matches exactly the span, in a window that bounds what it may cost."""
    if end - start > _MAX_CHARS:
        return False
    match = pattern.match(text, start, min(len(text), end + 2))
    return match is not None and match.end() == end


def _hoisted(regex: str) -> str:
    """Python wants the flag in front; Presidio matches in any case."""
    return "(?i)" + regex.replace("(?i)", "")


def _for_re2(regex: str) -> str:
    for what, instead in _REWRITES:
        regex = what.sub(instead, regex)
    return f"(?i){regex}"
