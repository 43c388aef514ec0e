"""The assistant's sentences. In: facts of the change and what was seen. Out: one or two sentences.

    describe_edit("src/cart.py", "    return 0\\n", "    return sum(prices)\\n")
    ->  "In `src/cart.py` I replace `return 0` by `return sum(prices)`."

A sentence says what the next call is for. It never speaks of a file or a line that no tool has
shown.
"""

import random
import re
from collections.abc import Sequence

from transforms.patch import split_lines

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{2,}")
_LIKE_CODE = re.compile(r"\w_\w|[a-z][A-Z]")
_MAX_QUOTED_CHARS = 70

PHRASES: dict[str, tuple[str, ...]] = {
    "request": (
        "Please make the following change in this repository.",
        "I need this done in the repository you have checked out:",
        "Could you take care of this?",
        "Here is what I would like you to change.",
    ),
    "look_around": (
        "I start with the layout of the repository.",
        "First I look at what the repository holds.",
        "Let me see how the repository is laid out.",
    ),
    "search_code": (
        "The code in question should be near",
        "To find the place to change I search for",
        "Next I look for",
    ),
    "go_down": ("I look into", "Next I list", "Let me see what is in"),
    "read": ("I read", "Before changing anything I read", "Let me read"),
    "retry": (
        "That text is not unique, so I give more of the lines around it.",
        "The text occurs more than once; with its neighbouring lines it is unambiguous.",
    ),
    "check": ("I check that this still parses.", "Let me check the syntax of what I changed."),
    "look_again": ("I look at the result once more.", "Let me read the changed place again."),
    "where_now": ("Let me see where this stands now:", "I make sure that the file now has"),
    "done": ("The change is made.", "Done.", "This is in place now."),
}


def pick(rng: random.Random, kind: str) -> str:
    """One of the phrases of a kind."""
    return rng.choice(PHRASES[kind])


def code(text: str) -> str:
    """A text as inline code."""
    return f"``{text}``" if "`" in text else f"`{text}`"


def sentence_list(items: Sequence[str]) -> str:
    """ "`a`", "`a` and `b`", "`a`, `b` and `c`"."""
    quoted = [code(item) for item in items]
    return " and ".join([", ".join(quoted[:-1]), quoted[-1]] if len(quoted) > 1 else quoted)


def count_of(number: int, noun: str) -> str:
    """ "1 line", "3 lines"."""
    return f"{number} {noun}{'' if number == 1 else 's'}"


def describe_edit(path: str, old_str: str, new_str: str) -> str:
    """What an edit does to the lines that differ."""
    before, old, new, _ = _difference(split_lines(old_str), split_lines(new_str))
    if not old:
        place = f" after {_quote(before[-1])}" if before and before[-1].strip() else ""
        return f"In {code(path)} I add {count_of(len(new), 'line')}{place}{_introduced(old, new)}."
    if not new:
        return f"In {code(path)} I remove {count_of(len(old), 'line')}, from {_quote(old[0])} on."
    if len(old) == len(new) == 1:
        return f"In {code(path)} I replace {_quote(old[0])} by {_quote(new[0])}."
    what = count_of(len(old), "line")
    return f"In {code(path)} I rewrite {what}, from {_quote(old[0])} on{_introduced(old, new)}."


def describe_new_file(path: str, text: str) -> str:
    """What a new file is."""
    names = _introduced([], split_lines(text))
    return f"I write the new file {code(path)}{names}."


def new_names(old: str, new: str) -> list[str]:
    """Names in the new text that the old one lacks, in order."""
    known = set(_NAME.findall(old))
    return [name for name in dict.fromkeys(_NAME.findall(new)) if name not in known]


def _introduced(old: Sequence[str], new: Sequence[str]) -> str:
    # Other words may stem from comments and strings.
    names = [name for name in new_names("".join(old), "".join(new)) if _LIKE_CODE.search(name)]
    return f"; this brings in {sentence_list(names[:3])}" if names else ""


def _quote(line: str) -> str:
    text = " ".join(line.split())
    if not text:
        return "an empty line"
    return code(text if len(text) <= _MAX_QUOTED_CHARS else text[:_MAX_QUOTED_CHARS] + "...")


def _difference(
    old: list[str], new: list[str]
) -> tuple[list[str], list[str], list[str], list[str]]:
    """Common lines before, old lines, new lines, common lines after."""
    head = 0
    while head < min(len(old), len(new)) and old[head] == new[head]:
        head += 1
    tail = 0
    while tail < min(len(old), len(new)) - head and old[-1 - tail] == new[-1 - tail]:
        tail += 1
    old_end, new_end = len(old) - tail, len(new) - tail
    return old[:head], old[head:old_end], new[head:new_end], old[old_end:]
