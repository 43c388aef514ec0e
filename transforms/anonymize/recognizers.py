"""Recognizers of shape: a pattern, a cheap trigger, a check. In: text. Out: Presidio results.

    Shape("MAC_ADDRESS", pattern=r"(?:[0-9a-f]{2}:){5}[0-9a-f]{2}", trigger=..., check=is_mac)

No pattern crosses a line end, and few checks look far past their own line: a line of code is
replaced the same way nearly wherever it stands, a telephone number in prose may be told by a word
in the line before. `trigger` is a small pattern that every line with a finding matches: one
Hyperscan pass tells which triggers fire and in which lines, and only there the patterns of these
run, on RE2, in linear time on hostile text.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from presidio_analyzer import EntityRecognizer, RecognizerResult

from transforms.anonymize.checks import Check, is_escaped
from transforms.anonymize.linear_patterns import compile_linear
from transforms.anonymize.multi_pattern import (
    MAX_REACH,
    MultiPattern,
    is_line_end,
    line_end,
    windows,
)
from transforms.anonymize.offsets import Chars
from transforms.anonymize.spans import Found, without_marks

# The rest of a word and the character after it.
_NEXT_WORD = compile_linear(r"(?s)[A-Za-z0-9]*.?[\x80-\xbf]*", is_binary=True)
_MAX_RETRIED = 256
_MAX_CHAINED = 32


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
    """Shapes as one Presidio recognizer. Raises ConfigError for a pattern that does not compile."""

    def __init__(self, name: str, shapes: Iterable[Shape]) -> None:
        self._by_trigger: dict[str, list[tuple[Shape, Any]]] = {}
        for shape in shapes:
            compiled = (shape, compile_linear(shape.pattern))
            self._by_trigger.setdefault(shape.trigger, []).append(compiled)
        groups = list(self._by_trigger.values())
        names = [group[0][0].rule or group[0][0].entity for group in groups]
        self._triggers = MultiPattern(list(zip(names, self._by_trigger, strict=True)))
        self._groups = groups
        entities = sorted({shape.entity for group in groups for shape, _ in group})
        super().__init__(supported_entities=entities, name=name)

    def load(self) -> None:
        """Nothing to load: the patterns are compiled in `__init__`."""

    def analyze(self, text: str, entities: list[str], nlp_artifacts: Any) -> list[RecognizerResult]:
        """Every span of every shape that passes its check."""
        encoded = text.encode("utf-8", "replace")
        fired = self._triggers.ends(encoded)
        spans = _Spans(text, encoded)
        found: list[Found] = []
        for number in sorted(fired):
            stretches = list(windows(encoded, fired[number]))
            for shape, pattern in self._groups[number]:
                rule = shape.rule or shape.entity.lower()
                found += [
                    Found(*span, shape.entity, shape.score, rule)
                    for span in spans.of(shape, pattern, stretches)
                ]
        # Presidio would keep the longer of two secrets, with the mark before it.
        return [
            RecognizerResult(
                one.entity, one.start, one.end, one.score, recognition_metadata={"rule": one.rule}
            )
            for one in without_marks(found)
        ]


class _Spans:
    """Finds spans in one text, in stretches of one line each that a trigger marked."""

    def __init__(self, text: str, data: bytes) -> None:
        self._text, self._data, self._chars = text, data, Chars(data)

    def of(
        self, shape: Shape, pattern: Any, stretches: Iterable[tuple[int, int]]
    ) -> Iterator[tuple[int, int]]:
        """Spans in characters; after a span that fails its check it goes on at its next word.

        After a failed span over `_MAX_RETRIED` bytes, or many in a row, it goes on at the end
        of the span: trying each word of it anew would take quadratic time on "sk-sk-sk-...".
        """
        group = pattern.groupindex.get("v", 0)
        position = chained = previous = 0
        for first, last in stretches:
            position = max(position, first)
            while match := self._search(pattern, position, last):
                at, end = match.span()
                chained, previous = (chained + 1 if at <= previous + 1 else 0), end
                for candidate in self._candidates(shape, pattern, match):
                    span = self._span(candidate, group)
                    if span[0] < span[1] and shape.check(self._text, *span):
                        yield span
                        position, chained = candidate.end(), 0
                        break
                else:
                    is_retried = end - at <= _MAX_RETRIED and chained < _MAX_CHAINED
                    position = _NEXT_WORD.match(self._data, at).end() if is_retried else end

    def _search(self, pattern: Any, position: int, last: int) -> Any:
        """The next match; one that ends where a line was cut off is sought in more of the line."""
        match = pattern.search(self._data, position, last)
        while match and match.end() == last and not is_line_end(self._data, last):
            last = line_end(self._data, last, reach=len(match.group()) + MAX_REACH)
            match = pattern.search(self._data, match.start(), last)
        return match

    def _candidates(self, shape: Shape, pattern: Any, match: Any) -> Iterator[Any]:
        """The match, then shorter ones from the same start where the shape shrinks."""
        yield match
        start, end = match.span()
        while shape.shrinks and (end := self._data.rfind(b" ", start, end)) > start:
            if shorter := pattern.match(self._data, start, end):
                yield shorter

    def _span(self, match: Any, group: int) -> tuple[int, int]:
        """The span of a group, or of all where it has no part in the match, in characters."""
        start, end = match.span(group)
        if start < 0:
            start, end = match.span()
        first, last = self._chars.at(start), self._chars.at(end)
        # In "\njane@corp.test" of a source file the "n" belongs to the escape.
        return first + bool(first and is_escaped(self._text, first)), last
