"""How likely a run of capitalised words is a person. In: text, words. Out: a score, the words.

The score adds up like log odds; the weights are set by hand on the development half of
`tests/benchmarks/prose.py`, 0 being undecided.
"""

from dataclasses import dataclass

from transforms.anonymize.name_cues import left_cue, right_cue, unlisted_beside
from transforms.anonymize.name_frames import has_pronoun, is_framed, is_placed
from transforms.anonymize.name_lists import (
    FAMILY,
    GIVEN,
    GUESSED,
    INITIAL,
    NAME,
    SHOUTED,
    WORD,
    WORDLIKE,
)

IMPOSSIBLE = -4.0
"""No context makes a name of what has this score or less."""
_MIN_SHOUTED = 3


@dataclass(frozen=True, slots=True)
class Word:
    """A capitalised word in a text, and what the lists say of it."""

    start: int
    end: int
    kinds: int


def score(text: str, run: list[Word]) -> tuple[float, list[Word]]:
    """The score of the run, less words at its ends that do not belong to the name."""
    run = _trim(run)
    value = _of_words(run)
    if value <= IMPOSSIBLE:
        return value, run
    start, end, size = run[0].start, run[-1].end, len(run)
    value += _of_sides(text, start, end, size) + _of_line(text, run)
    before, after = unlisted_beside(text, start, end)
    if before or after:
        first, last = run[0], run[-1]
        run = [Word(start - before, first.end, first.kinds), *run[1:]]
        run[-1] = Word(run[-1].start, end + after, last.kinds)
    return value, run


def _of_sides(text: str, start: int, end: int, size: int) -> float:
    left, right = left_cue(text, start, size), right_cue(text, end, size)
    if right > -1.0 and is_framed(text, start, end):
        return max(left + right, 2.5)
    if size == 1 and is_placed(text, start):
        left = min(left, 0.0) - 1.5
    return left + right + 1.0 * has_pronoun(text, end)


def _trim(run: list[Word]) -> list[Word]:
    # "Ping Katrine": a given name that is no surname, too, starts anew.
    while len(run) > 1 and run[0].kinds & WORD and _starts_name(run):
        run = run[1:]
    while len(run) > 1 and run[-1].kinds & INITIAL:
        run = run[:-1]
    return run


def _starts_name(run: list[Word]) -> bool:
    second = run[1].kinds
    if second & GUESSED:
        return False
    return bool(second & GIVEN) and (len(run) > 2 or second & NAME == GIVEN)


def _of_words(run: list[Word]) -> float:
    first, last = run[0].kinds, run[-1].kinds
    if len(run) == 1:
        return _of_single(first)
    if first & SHOUTED:
        return _of_shouted(run)
    doubt = 1.0 * bool(first & WORD) + 1.0 * bool(last & WORD)
    doubt += 1.0 * bool(last & SHOUTED)
    value = 2.0 * bool(first & GIVEN) + 0.5 * (first & NAME == FAMILY)
    value += 1.5 * bool(last & FAMILY) + 0.5 * (last & NAME == GIVEN)
    value += 1.0 * (not (first | last) & (NAME | WORD | WORDLIKE))
    # Nobody but persons has an initial in the middle: "Doe J Roe".
    value += 1.5 * any(word.kinds & INITIAL for word in run[1:-1])
    return value - doubt - 0.5 * all(word.kinds & WORD for word in run)


def _of_shouted(run: list[Word]) -> float:
    """JANE DOE, if both are in the lists and no words, and somebody is spoken of."""
    first, last = run[0].kinds, run[-1].kinds
    is_listed = first & GIVEN and last & FAMILY and not (first & WORD or (first | last) & GUESSED)
    is_long = all(word.end - word.start > _MIN_SHOUTED for word in (run[0], run[-1]))
    is_clear = is_listed and is_long and last & SHOUTED
    return -1.5 * bool(last & WORD) if is_clear else -5.0


def _of_single(bits: int) -> float:
    if bits & INITIAL:
        return -5.0
    if bits & SHOUTED:
        # Only a title or the like makes a name of JANE.
        return -1.5 if bits & GIVEN and not bits & (WORD | GUESSED) else -5.0
    value = (
        -1.5 if not bits & NAME else 1.0 if not bits & GUESSED else 1.0 if bits & GIVEN else -0.5
    )
    return value - 1.5 * bool(bits & WORD)


def _of_line(text: str, run: list[Word]) -> float:
    """Words that no list has, alone on a line: a signature."""
    start, end = run[0].start, run[-1].end
    alone = text[start - 1 : start] in ("", "\n") and text[end : end + 1] in ("", "\n")
    return 1.0 * (alone and len(run) > 1 and not any(word.kinds & WORD for word in run))
