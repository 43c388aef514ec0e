"""Which findings count where several overlap. In: Presidio results. Out: disjoint spans.

    [LOGIN 5-9, EMAIL 5-23, SECRET 18-30]  ->  [EMAIL 5-30]

The longest finding names the kind; what it overlaps joins it, so that no end of a shorter finding
is left behind. Of equal spans a secret wins, then the higher score. A weak finding (score 0.5 or
less) that touches another is dropped, and so is any finding that touches an issued pseudonym:
that makes anonymizing anonymized text change nothing.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from transforms.anonymize.numbers import NUMBER_ENTITIES

if TYPE_CHECKING:
    from presidio_analyzer import RecognizerResult

WEAK_SCORE = 0.5


@dataclass(frozen=True)
class Span:
    """A stretch of text to replace, as an entity."""

    entity: str
    start: int
    end: int


class Spans:
    """Disjoint spans in order of position; looking up and adding one takes a bisection."""

    def __init__(self) -> None:
        self._starts: list[int] = []
        self._spans: list[Span] = []

    def touching(self, span: Span) -> slice:
        """Where the spans lie that share a character with one, possibly an empty stretch."""
        first = bisect_right(self._starts, span.start)
        if first and self._spans[first - 1].end > span.start:
            first -= 1
        return slice(first, max(first, bisect_left(self._starts, span.end)))

    def at(self, where: slice) -> list[Span]:
        """The spans of a stretch that `touching` gave."""
        return self._spans[where]

    def put(self, span: Span, where: slice) -> None:
        """Put a span in place of the stretch."""
        self._starts[where], self._spans[where] = [span.start], [span]

    def all(self) -> list[Span]:
        """Every span, in order."""
        return list(self._spans)


def resolve(
    results: "Iterable[RecognizerResult]", text: str, issued: re.Pattern[str]
) -> list[Span]:
    """Disjoint spans in order of position."""
    fixed, chosen = Spans(), Spans()
    for match in issued.finditer(text):
        span = Span("", *match.span())
        fixed.put(span, fixed.touching(span))
    for result in sorted(results, key=_rank):
        span = Span(result.entity_type, result.start, result.end)
        where = chosen.touching(span)
        hits = chosen.at(where)
        if fixed.at(fixed.touching(span)) or (hits and result.score <= WEAK_SCORE):
            continue
        chosen.put(_merge(span, hits), where)
    return chosen.all()


def _rank(result: "RecognizerResult") -> tuple[bool, int, bool, float, int, str]:
    length = result.end - result.start
    is_secret = result.entity_type == "SECRET"
    weak = result.score <= WEAK_SCORE
    return (weak, -length, not is_secret, -result.score, result.start, result.entity_type)


def _merge(span: Span, hits: list[Span]) -> Span:
    """The longest hit keeps its kind and grows over the rest; a number that grew is no number."""
    if not hits:
        return span
    group = [*hits, span]
    start, end = min(part.start for part in group), max(part.end for part in group)
    longest = max(hits, key=lambda hit: hit.end - hit.start)
    grew = (start, end) != (longest.start, longest.end)
    entity = "SECRET" if grew and longest.entity in NUMBER_ENTITIES else longest.entity
    return Span(entity, start, end)
