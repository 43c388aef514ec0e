"""Recognizers of shape: a pattern, a cheap trigger, a check. In: text. Out: Presidio results.

    Shape("MAC_ADDRESS", pattern=r"(?:[0-9a-f]{2}:){5}[0-9a-f]{2}", trigger=..., check=is_mac)

No pattern crosses a line end and no check looks past its own line, so that a line is replaced the
same way wherever it stands. `trigger` is a small pattern that every line with a finding matches:
lines that match none are never analysed. Patterns run on RE2, in linear time on hostile text.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import re2
from presidio_analyzer import EntityRecognizer, RecognizerResult

from transforms.anonymize.checks import Check, is_escaped

_MAX_RETRIED = 256


@dataclass(frozen=True, kw_only=True)
class Shape:
    """One pattern. Its group "v", or all of it, is what gets replaced."""

    entity: str
    rule: str = ""
    """What found it, as reports count it; the entity in lower case if empty."""
    pattern: str
    trigger: str
    check: Check
    """`check(text, start, end)`: is the span what its shape says?"""
    score: float = 0.9
    shrinks: bool = False
    """Groups joined by spaces: a match that fails its check is tried again without its last."""


class ShapeRecognizer(EntityRecognizer):
    """Shapes as one Presidio recognizer."""

    def __init__(self, name: str, shapes: Iterable[Shape]) -> None:
        self._shapes = [
            (shape, re2.compile(shape.pattern), re2.compile(shape.trigger)) for shape in shapes
        ]
        entities = sorted({shape.entity for shape, _, _ in self._shapes})
        super().__init__(supported_entities=entities, name=name)

    def load(self) -> None:
        """Nothing to load: the patterns are compiled in `__init__`."""

    def analyze(self, text: str, entities: list[str], nlp_artifacts: Any) -> list[RecognizerResult]:
        """Every span of every shape that passes its check."""
        results: list[RecognizerResult] = []
        encoded = text.encode("utf-8", "replace")
        for shape, pattern, trigger in self._shapes:
            if trigger.search(encoded):
                spans = _spans(text, encoded, shape, pattern)
                metadata = {"rule": shape.rule or shape.entity.lower()}
                results += [
                    RecognizerResult(
                        shape.entity, *span, shape.score, recognition_metadata=dict(metadata)
                    )
                    for span in spans
                ]
        return results


def _spans(text: str, encoded: bytes, shape: Shape, pattern: Any) -> Iterator[tuple[int, int]]:
    """Spans in characters; after a span that fails its check the search goes on at its next word.

    After a failed span over `_MAX_RETRIED` bytes it goes on at the end of the span: trying each
    word of it anew would take quadratic time on "sk-sk-sk-...".
    """
    at = chars = position = 0
    while match := pattern.search(encoded, position):
        # Offsets in bytes become offsets in characters; the text up to a match is decoded once.
        chars, at = chars + len(encoded[at : match.start()].decode()), match.start()
        is_retried = match.end() - at <= _MAX_RETRIED
        position = _next_word(encoded, at) if is_retried else match.end()
        for candidate in _candidates(encoded, shape, pattern, match):
            start, end = _chars(encoded, candidate, chars)
            # In "\njane@corp.test" of a source file the "n" belongs to the escape.
            start += bool(start and is_escaped(text, start))
            if start < end and shape.check(text, start, end):
                yield start, end
                position = candidate.end()
                break


def _candidates(encoded: bytes, shape: Shape, pattern: Any, match: Any) -> Iterator[Any]:
    """The match, then shorter ones from the same start where the shape shrinks."""
    yield match
    start, end = match.span()
    while shape.shrinks and (end := encoded.rfind(b" ", start, end)) > start:
        if shorter := pattern.match(encoded, start, end):
            yield shorter


def _chars(encoded: bytes, match: Any, chars_before: int) -> tuple[int, int]:
    """The span of the group "v", or of all, in characters; `chars_before` lie before the match."""
    group = match.re.groupindex.get("v", 0)
    first, last = match.span(group) if match.group(group) is not None else match.span()
    start = chars_before + len(encoded[match.start() : first].decode())
    return start, start + len(encoded[first:last].decode())


def _next_word(encoded: bytes, position: int) -> int:
    """The position after the character at `position` and the letters and digits that follow."""
    while position + 1 < len(encoded) and encoded[position : position + 1].isalnum():
        position += 1
    position += 1
    while position < len(encoded) and encoded[position] & 0xC0 == 0x80:
        position += 1
    return position


class LineFilter:
    """Numbers of the lines, from 0, that any of the triggers matches."""

    def __init__(self, triggers: Iterable[str]) -> None:
        options = re2.Options()
        options.max_mem = 64 << 20
        any_of = "|".join(f"(?:{trigger})" for trigger in triggers)
        self._pattern = re2.compile(rf"[^\n]*(?:{any_of})[^\n]*", options)

    def lines(self, text: str) -> set[int]:
        """One pass over the text's bytes."""
        encoded = text.encode("utf-8", "replace")
        found: set[int] = set()
        number = position = 0
        for match in self._pattern.finditer(encoded):
            number += encoded.count(b"\n", position, match.start())
            position = match.start()
            found.add(number)
        return found
