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


@dataclass(frozen=True, kw_only=True)
class Shape:
    """One pattern. Its group "v", or all of it, is what gets replaced."""

    entity: str
    pattern: str
    trigger: str
    check: Check
    """`check(text, start, end)`: is the span what its shape says?"""
    score: float = 0.9


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
                results += [RecognizerResult(shape.entity, *span, shape.score) for span in spans]
        return results


def _spans(text: str, encoded: bytes, shape: Shape, pattern: Any) -> Iterator[tuple[int, int]]:
    """Spans in characters; after a span that fails its check the search goes on inside it."""
    group = pattern.groupindex.get("v", 0)
    at = chars = position = 0
    while match := pattern.search(encoded, position):
        first, last = match.span(group) if match.group(group) is not None else match.span()
        # Offsets in bytes become offsets in characters, each byte decoded once.
        if first >= at:
            chars += len(encoded[at:first].decode())
            at = first
        start, end = chars, chars + len(encoded[first:last].decode())
        # In "\njane@corp.test" of a source file the "n" belongs to the escape.
        start += bool(start and is_escaped(text, start))
        is_hit = start < end and shape.check(text, start, end)
        if is_hit:
            yield start, end
        position = match.end() if is_hit else _after(encoded, match.start())


def _after(encoded: bytes, position: int) -> int:
    """The position of the next character."""
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
