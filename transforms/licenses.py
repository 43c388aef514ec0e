"""Which licence a repository states. In: texts of licence files. Out: an SPDX expression.

    license_of_files([("LICENSE", "MIT License ...")])  ->  "MIT"

A licence is told by its text, of which title, beginning, end, length and telling words are
compared; by an SPDX tag with ids from `transforms.spdx`; or by a short notice that grants it.
Anything else is "unknown", never a guess. The text of a GNU licence alone does not grant later
versions ("-only"); a notice may. Measured by `tests/benchmarks/licenses.py`.
"""

import re
from collections.abc import Iterable
from pathlib import PurePosixPath

from transforms.license_texts import ADDITIONS, RESTRICTIONS, SHORT_TEXTS, TITLES, ShortText
from transforms.spdx import EXCEPTIONS, LICENSES

UNKNOWN = "unknown"

_SPDX_TAG = re.compile(r"SPDX-License-Identifier:([^\n]*)")
_COMMENT_END = re.compile(r"\*/|-->")
_MAX_EXPRESSION = 200
_FILE_NAME = re.compile(
    r"^(?:(?:un)?licen[cs]e|copying|copyright)(?:[-_.][\w.+-]*)?$|^mit-licen[cs]e(?:\.\w+)?$", re.I
)
_CODE_SUFFIX = re.compile(r"\.(?:py|js|ts|go|rs|java|rb|php|sh|html?|header|tmpl|spdx)$", re.I)
_CHOICE_NAME = re.compile(r"[-_.](?:mit|apache|bsd|isc|unlicense|gpl|mpl|zlib)", re.I)

_MAX_CHARS = 500_000
_HEAD_CHARS = 300
_TITLE_CHARS = 120
_MAX_PLACES = 50
_MAX_NOTICE_WORDS = 400
"""Longer texts are licences, which speak of others that they are compatible with."""
_WORD = re.compile(r"[a-z0-9]+(?:\.[0-9]+)*")
_GNU_NOTICE = re.compile(
    r"gnu (affero |lesser |library )?general public license(?: as published by the free software"
    r" foundation)?(?: either| only)?(?: gpl| lgpl| agpl)? (?:version |v ?)(\d(?:\.\d)?)"
    r"(?: of the license)?( or (?:at your option )?(?:any later|later))?"
)
_NOTICES = (
    ("Apache-2.0", "licensed under the apache license version 2.0"),
    ("MPL-2.0", "subject to the terms of the mozilla public license v 2.0"),
    ("MIT", "under the terms of the mit license"),
    ("MIT", "under the mit license"),
)
_GNU = {"affero ": "AGPL", "lesser ": "LGPL", "library ": "LGPL", "": "GPL"}


def is_license_path(path: str) -> bool:
    """Whether a path is a licence file of the whole repository: at the root or in LICENSES/."""
    pure = PurePosixPath(path)
    if len(pure.parts) == 2 and pure.parts[0] == "LICENSES":
        return True
    return (
        len(pure.parts) == 1
        and _FILE_NAME.match(pure.name) is not None
        and _CODE_SUFFIX.search(pure.name) is None
    )


def license_of(text: str) -> str:
    """The SPDX expression of one file's text, "AND" between several licences; or "unknown"."""
    tag = _SPDX_TAG.search(text[:_MAX_CHARS])
    if tag and tag.start() < _HEAD_CHARS:
        return _tagged(tag[1])
    words = " ".join(_WORD.findall(text[:_MAX_CHARS].lower().replace("licence", "license")))
    found = _with_additions(_titled(words) | _short_texts(words), words)
    if found and any(restriction in words for restriction in RESTRICTIONS):
        return UNKNOWN
    if found:
        return " AND ".join(sorted(_without_included(found)))
    return _tagged(tag[1]) if tag else _noticed(words)


def _titled(words: str) -> set[str]:
    head = words[:_TITLE_CHARS]
    return {spdx for spdx, title, rest in TITLES if f"{title} {rest}" in words or title in head}


def _short_texts(words: str) -> set[str]:
    found: set[str] = set()
    for start in dict.fromkeys(known.start for known in SHORT_TEXTS):
        position = words.find(start)
        for _ in range(_MAX_PLACES):
            if position < 0:
                break
            fitting = (known.spdx for known in SHORT_TEXTS if _fits(known, start, words, position))
            found |= set(list(fitting)[:1])
            position = words.find(start, position + 1)
    return found


def _fits(known: ShortText, start: str, words: str, position: int) -> bool:
    """Whether this text begins at a position."""
    if known.start != start:
        return False
    low, high = known.words
    begin = position + len(start)
    # Words of these texts have seven letters on average, with the space.
    end = words.find(known.end, begin, begin + 10 * high)
    middle = words[begin:end]
    return (
        end >= 0
        and low <= middle.count(" ") <= high
        and known.has in middle
        and known.lacks not in middle
    )


def _with_additions(found: set[str], words: str) -> set[str]:
    for spdx, addition, whole in ADDITIONS:
        if spdx in found and addition in words:
            found = found - {spdx} | {whole}
    return found


def _without_included(found: set[str]) -> set[str]:
    """The LGPL refers to the text of the GPL, which often comes with it."""
    is_lesser = any(spdx.startswith("LGPL") for spdx in found)
    return {spdx for spdx in found if not (is_lesser and spdx.startswith("GPL"))}


def _noticed(words: str) -> str:
    """What a notice grants where the text of the licence is not given."""
    if words.count(" ") > _MAX_NOTICE_WORDS:
        return UNKNOWN
    match = _GNU_NOTICE.search(words)
    if match:
        version = match[2] if "." in match[2] else f"{match[2]}.0"
        spdx = f"{_GNU[match[1] or '']}-{version}-{'or-later' if match[3] else 'only'}"
        return spdx if spdx in LICENSES else UNKNOWN
    return next((spdx for spdx, notice in _NOTICES if notice in words), UNKNOWN)


def _tagged(text: str) -> str:
    return _known_expression(_COMMENT_END.split(text, maxsplit=1)[0].strip())


def _known_expression(text: str) -> str:
    """The expression if it has known ids only, joined as SPDX joins them, else "unknown".

    Names in an expression ("LicenseRef-Jane-Doe") are no ids, and would tell who the owner is.
    """
    words = re.findall(r"[()]|[^\s()]+", text) if len(text) <= _MAX_EXPRESSION else []
    form = "".join(_kind(word) for word in words)
    while (shorter := re.sub(r"iwe|i&i|\(i\)", "i", form)) != form:
        form = shorter
    return " ".join(words).replace("( ", "(").replace(" )", ")") if form == "i" else UNKNOWN


def _kind(word: str) -> str:
    """One letter: id, "&" for AND and OR, "w" for WITH, exception, parenthesis, "?"."""
    kinds = {"AND": "&", "OR": "&", "WITH": "w", "(": "(", ")": ")"}
    if word in LICENSES:
        return "i"
    return "e" if word in EXCEPTIONS else kinds.get(word, "?")


def license_of_files(files: Iterable[tuple[str, str]]) -> str:
    """The SPDX expression of a repository from (path, text) of its licence files.

    Files named after their licences ("LICENSE-MIT", "LICENSE-APACHE") offer a choice ("OR");
    several licences otherwise all apply ("AND"). The LGPL includes the GPL that it refers to.
    """
    found = {path: license_of(text) for path, text in sorted(files) if is_license_path(path)}
    known = {path: spdx for path, spdx in found.items() if spdx != UNKNOWN}
    if not known:
        return UNKNOWN
    is_choice = all(_CHOICE_NAME.search(path) for path in known)
    parts = sorted(_without_included(set(known.values())))
    if len(parts) == 1:
        return parts[0]
    inside = [f"({part})" if " AND " in part or " OR " in part else part for part in parts]
    return (" OR " if is_choice else " AND ").join(inside)
