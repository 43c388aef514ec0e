"""Names of persons in prose. In: prose, or code with comments in it. Out: spans.

find_names("Thanks to Jane Doe for the patch", "")  ->  [(10, 18)]

Runs of capitalised words are weighed by lists of names and by what stands beside them
(`name_scores`). In code only comments and docstrings count, and only with a cue: "by Jane Doe".
"""

import re
from collections.abc import Iterator, Set

from transforms.anonymize.comments import in_comments
from transforms.anonymize.lower_names import lower_names
from transforms.anonymize.name_lists import GIVEN, INITIAL, MAX_CHARS, NAME, THING, WORD, kinds
from transforms.anonymize.name_scores import IMPOSSIBLE, Word, score

PROSE, FOREIGN_PROSE, CODE = (1.0, 1.0), (2.5, 2.0), (4.0, 4.0)
"""Scores from which one word, and several, are a name. In prose that is not English any word may
be in the lists, as German capitalises its nouns. In code a full name needs a cue beside it."""

_Scored = tuple[float, float, int, int]
"""By how much a score exceeds the threshold, the score, start and end."""
_SURE, _COMPANY = 1.5, 2.5
_TOGETHER = frozenset({" and ", " & ", ", and ", ", ", " or ", ",\n", " and\n"})
_MAX_WORDS = 5
_WRAPPED_CHARS = 50
_MIN_FOREIGN_CHARS = 400
_MAX_LANGUAGE_CHARS = 20_000
_CHARS_PER_ENGLISH_WORD = 150
_ENGLISH = re.compile(r"(?<![^ \n])(?:the|to|of|and|is|for|you|this|that|with) ")

_CAPITALS = "A-Z" + "".join(
    char for char in map(chr, range(0xC0, 0x500)) if char.isupper() and char.isalpha()
)
# One class after another and none optional before another like it: linear in any text.
_WORD = re.compile(rf"(?<![\w/@#$\\`.=-])[{_CAPITALS}]\w*(?:['\u2019-][{_CAPITALS}]\w*|-[a-z]\w*)*")
_PAIR = re.compile(
    rf"(?<!\w)([{_CAPITALS}][^\W\d_]+(?:-[^\W\d_]+)?)(?= (?:[{_CAPITALS}]|[a-z]{{1,3}} ))"
)
# What stands between the parts of a name in lower case.
_PARTICLES = """
    van de den der von zu la le da do dos das di del della el al bin ibn ben y e ter ten af
    van_de van_der van_den von_der de_la de_los de_las
"""
_BETWEEN = frozenset(f" {words.replace('_', ' ')} " for words in _PARTICLES.split()) | {" ", "  "}
_MAX_BETWEEN = max(map(len, _BETWEEN))


def find_names(
    text: str, language: str, stop_words: Set[str] = frozenset()
) -> list[tuple[int, int]]:
    """(start, end) of each name, in characters; in code, of comments and docstrings only.

    `language` is "" for prose. A name with a word of `stop_words` (lower case) is none.
    """
    if not language:
        thresholds = PROSE if _is_english(text) else FOREIGN_PROSE
        found = _names(text, _words(text, 0, len(text)), thresholds, stop_words)
        lower = [
            (start, end)
            for start, end in (lower_names(text) if thresholds is PROSE else ())
            if stop_words.isdisjoint(text[start:end].split())
        ]
        return _disjoint(found + lower)
    words = [word for start, end in _telling_lines(text) for word in _words(text, start, end)]
    found = _names(text, words, CODE, stop_words)
    return _disjoint(in_comments(text, language, found)) if found else []


def _disjoint(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if merged and start < merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def _words(text: str, start: int, end: int) -> list[Word]:
    return [
        Word(*match.span(), kinds(match[0]) if len(match[0]) <= MAX_CHARS else THING)
        for match in _WORD.finditer(text, start, end)
    ]


def _is_english(text: str) -> bool:
    """True for what has the commonest words of English, and for short texts."""
    if len(text) < _MIN_FOREIGN_CHARS:
        return True
    beginning = text[:_MAX_LANGUAGE_CHARS]
    return len(_ENGLISH.findall(beginning)) * _CHARS_PER_ENGLISH_WORD > len(beginning)


def _telling_lines(text: str) -> Iterator[tuple[int, int]]:
    """Lines of code with two capitalised words in a row, the first of them a name."""
    position = 0
    for match in _PAIR.finditer(text):
        if match.start() >= position and kinds(match[1]) & GIVEN:
            start = text.rfind("\n", 0, match.start()) + 1
            position = text.find("\n", match.end())
            position = len(text) if position < 0 else position
            yield start, position


def _names(
    text: str, words: list[Word], thresholds: tuple[float, float], stop_words: Set[str]
) -> list[tuple[int, int]]:
    scored: list[_Scored] = []
    known: set[str] = set()
    lower_words = frozenset(text.split()) if words else frozenset()
    for run in _runs(text, words):
        value, part = score(text, run)
        if stop_words and any(text[w.start : w.end].lower() in stop_words for w in part):
            continue
        if _is_word_here(text, part, lower_words):
            continue
        excess = value - thresholds[len(part) > 1]
        scored.append((excess, value, part[0].start, part[-1].end))
        is_listed = any(word.kinds & NAME for word in part)
        if excess >= 0 and len(part) > 1 and is_listed and thresholds is not FOREIGN_PROSE:
            # Who was named in full may be named in short.
            known.update(
                text[word.start : word.end] for word in part if not word.kinds & (INITIAL | WORD)
            )
    if thresholds is PROSE:
        scored = list(_with_company(text, scored))
    return [
        (start, end)
        for excess, value, start, end in scored
        if excess >= 0 or (value > IMPOSSIBLE and text[start:end] in known)
    ]


def _with_company(text: str, scored: list[_Scored]) -> Iterator[_Scored]:
    """The same, with more for who is named together with a sure name: "Jane Doe and Amethyst"."""
    for at, (excess, value, start, end) in enumerate(scored):
        left, right = scored[at - 1 : at] if at else [], scored[at + 1 : at + 2]
        is_beside = any(
            other[0] >= _SURE and text[min(end, other[3]) : max(start, other[2])] in _TOGETHER
            for other in (*left, *right)
        )
        yield excess + _COMPANY * is_beside, value, start, end


def _is_word_here(text: str, part: list[Word], lower_words: Set[str]) -> bool:
    """Whether what no list has as a given name stands in lower case elsewhere in the text."""
    return not any(word.kinds & GIVEN for word in part) and any(
        text[word.start : word.end].lower() in lower_words for word in part
    )


def _runs(text: str, words: list[Word]) -> Iterator[list[Word]]:
    """Stretches of words that may be one name, some word of which is in the lists."""
    run: list[Word] = []
    for word in words:
        usable = not word.kinds & THING and (word.kinds & NAME or not word.kinds & WORD)
        joins = run and len(run) < _MAX_WORDS and _joins(text, run[-1], word)
        if run and not (usable and joins):
            yield run
            run = []
        if usable:
            run.append(word)
    if run:
        yield run


def _joins(text: str, left: Word, right: Word) -> bool:
    if right.start - left.end > _MAX_BETWEEN:
        return False
    between = text[left.end : right.start]
    if left.kinds & INITIAL:
        return between in (" ", ". ", ".")
    if "\n" in between:
        # A name that a line break divides, in wrapped text; the lines of an address are short.
        is_wrapped = left.end - text.rfind("\n", 0, left.end) > _WRAPPED_CHARS
        return is_wrapped and between.isspace() and between.count("\n") == 1
    return between in _BETWEEN
