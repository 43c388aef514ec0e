"""Which findings count where several overlap. In: findings. Out: disjoint spans.

    [LOGIN 5-9, EMAIL 5-23, SECRET 18-30]  ->  [EMAIL 5-30]

The longest finding names the kind; what it overlaps joins it, so that no end of a shorter finding
is left behind. Of equal spans a secret wins, then the higher score. A weak finding (score 0.5 or
less) that touches another is dropped, and so is any finding that touches an issued pseudonym:
that makes anonymizing anonymized text change nothing.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from transforms.anonymize.linear_patterns import compile_linear
from transforms.anonymize.numbers import NUMBER_ENTITIES
from transforms.anonymize.offsets import Chars
from transforms.anonymize.pseudonyms import ISSUED

WEAK_SCORE = 0.5
_MAX_MARK = 40
_MIN_BODY = 16
_MAX_ISSUED = 10_000
# Sixteen letters of one kind in a row: by chance in one of 10^18 random secrets.
_ISSUED_LETTERS = ("abcd.", "ABCD.")
# RE2 reads it a hundred times faster than `re`.
_ISSUED = compile_linear(ISSUED.pattern)


class Found(NamedTuple):
    """What a recognizer says; findings may overlap."""

    start: int
    end: int
    entity: str
    score: float
    rule: str


@dataclass(frozen=True)
class Span:
    """A stretch of text to replace, as an entity; `rule` found it."""

    entity: str
    start: int
    end: int
    rule: str = ""


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


def resolve(findings: Iterable[Found], text: str) -> list[Span]:
    """Disjoint spans in order of position."""
    ordered = sorted(without_marks(set(findings)))
    if not ordered:
        return []
    fresh = _without_issued(ordered, text)
    # Groups are settled one by one: a list of all spans would be moved for each that is added.
    return [span for group in _overlapping(fresh) for span in _settle(group)]


def without_marks(findings: Iterable[Found]) -> list[Found]:
    """Without secrets that end as a surer one does: they are that one and the mark before it.

    Of `token = "ghp_a1B2..."` the format's rule finds "a1B2...", and "ghp_" tells nothing of it.
    """
    found = list(findings)
    surest: dict[int, tuple[float, int]] = {}
    for one in found:
        if one.entity == "SECRET":
            surest[one.end] = max(surest.get(one.end, (0.0, 0)), (one.score, one.start))
    return [
        one
        for one in found
        if one.entity != "SECRET"
        or one.start >= surest[one.end][1]
        or one.score > surest[one.end][0]
    ]


def _without_issued(ordered: Iterable[Found], text: str) -> Iterator[Found]:
    """The findings, by start, that share no character with a pseudonym."""
    encoded = text.encode("utf-8", "replace")
    chars = Chars(encoded)
    issued = [tuple(map(chars.at, match.span())) for match in _ISSUED.finditer(encoded)]
    starts = [start for start, _ in issued]
    for found in ordered:
        # Pseudonyms are disjoint: only the last that starts before the finding's end may touch it.
        before = bisect_left(starts, found.end)
        touches = before and issued[before - 1][1] > found.start
        if not touches and not _is_mark_and_issued(found, text):
            yield found


def _is_mark_and_issued(found: Found, text: str) -> bool:
    """True for a secret that was replaced behind its mark before: "ghp_" + "dcabbcda..."."""
    if found.entity != "SECRET" or found.end - found.start > _MAX_ISSUED:
        return False
    value = text[found.start : found.end].rstrip("=")
    for letters in _ISSUED_LETTERS:
        mark = value.rstrip(letters)
        body = value[len(mark) :]
        if len(body) >= _MIN_BODY and len(set(body)) > 2 and len(mark) <= _MAX_MARK:
            return not any(map(str.isspace, mark))
    return False


def _overlapping(ordered: Iterable[Found]) -> Iterator[list[Found]]:
    """Findings in groups that share no character."""
    group: list[Found] = []
    end = 0
    for found in ordered:
        if group and found.start >= end:
            yield group
            group = []
        end = max(end, found.end) if group else found.end
        group.append(found)
    if group:
        yield group


def _settle(group: list[Found]) -> list[Span]:
    chosen = Spans()
    for found in sorted(group, key=_rank):
        span = Span(found.entity, found.start, found.end, found.rule)
        where = chosen.touching(span)
        hits = chosen.at(where)
        if not hits or found.score > WEAK_SCORE:
            chosen.put(_merge(span, hits), where)
    return chosen.all()


def _rank(found: Found) -> tuple[bool, int, bool, float, int, str, str]:
    length = found.end - found.start
    is_secret = found.entity == "SECRET"
    weak = found.score <= WEAK_SCORE
    return (weak, -length, not is_secret, -found.score, found.start, found.entity, found.rule)


def _merge(span: Span, hits: list[Span]) -> Span:
    """The longest hit keeps its kind and grows over the rest; a number that grew is no number."""
    if not hits:
        return span
    group = [*hits, span]
    start, end = min(part.start for part in group), max(part.end for part in group)
    longest = max(hits, key=lambda hit: hit.end - hit.start)
    grew = (start, end) != (longest.start, longest.end)
    entity = "SECRET" if grew and longest.entity in NUMBER_ENTITIES else longest.entity
    return Span(entity, start, end, longest.rule)
