"""Which findings count where several overlap. In: Presidio results. Out: disjoint spans.

    [LOGIN 5-9, EMAIL 5-23, SECRET 18-30]  ->  [EMAIL 5-30]

The longest finding names the kind; what it overlaps joins it, so that no end of a shorter finding
is left behind. Of equal spans a secret wins, then the higher score. A weak finding (score 0.5 or
less) that touches another is dropped, and so is any finding that touches an issued pseudonym:
that makes anonymizing anonymized text change nothing.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from presidio_analyzer import RecognizerResult

from transforms.anonymize.numbers import NUMBER_ENTITIES

WEAK_SCORE = 0.5


@dataclass(frozen=True)
class Span:
    """A stretch of text to replace, as an entity."""

    entity: str
    start: int
    end: int

    def touches(self, other: "Span") -> bool:
        """True when the two share a character."""
        return self.start < other.end and other.start < self.end


def resolve(results: Iterable[RecognizerResult], text: str, issued: re.Pattern[str]) -> list[Span]:
    """Disjoint spans in order of position."""
    fixed = [Span("", *match.span()) for match in issued.finditer(text)] if text else []
    ranked = sorted(results, key=_rank)
    chosen: list[Span] = []
    for result in ranked:
        span = Span(result.entity_type, result.start, result.end)
        hits = [other for other in chosen if span.touches(other)]
        if any(span.touches(other) for other in fixed) or (hits and result.score <= WEAK_SCORE):
            continue
        chosen = [other for other in chosen if other not in hits] + [_merge(span, hits)]
    return sorted(chosen, key=lambda span: span.start)


def _rank(result: RecognizerResult) -> tuple[bool, int, bool, float, int, str]:
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
