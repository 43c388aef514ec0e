"""Which licence a repository states. In: texts of licence files. Out: an SPDX expression.

    license_of_files([("LICENSE", "MIT License ...")])  ->  "MIT"

A licence is told by an SPDX tag with ids from `transforms.spdx`, or by phrases that only its text
has; anything else is "unknown", never a guess. The GPL family is read as "-only": the text alone
does not grant later versions.
"""

import re
from collections.abc import Iterable
from pathlib import PurePosixPath

from transforms.spdx import EXCEPTIONS, LICENSES

UNKNOWN = "unknown"

_SPDX_TAG = re.compile(r"SPDX-License-Identifier:([^\n]*)")
_COMMENT_END = re.compile(r"\*/|-->")
_MAX_EXPRESSION = 200
_FILE_NAME = re.compile(
    r"^(?:(?:un)?licen[cs]e|copying|copyright)(?:[-_.][\w.+-]*)?$|^mit-licen[cs]e(?:\.\w+)?$", re.I
)
_CODE_SUFFIX = re.compile(r"\.(?:py|js|ts|go|rs|java|rb|php|sh|html?|header|tmpl|spdx)$", re.I)

_BSD = "redistribution and use in source and binary forms, with or without modification"

# (SPDX id, phrases that must all occur); the first that fits wins, so the narrower come first.
_PHRASES: tuple[tuple[str, tuple[str, ...]], ...] = (
    # These two name the GNU licences as secondary licences.
    ("MPL-2.0", ("mozilla public license version 2.0",)),
    ("EPL-2.0", ("eclipse public license - v 2.0",)),
    ("EPL-1.0", ("eclipse public license - v 1.0",)),
    ("AGPL-3.0-only", ("gnu affero general public license version 3",)),
    ("LGPL-3.0-only", ("gnu lesser general public license version 3",)),
    ("LGPL-2.1-only", ("gnu lesser general public license version 2.1",)),
    ("LGPL-2.0-only", ("gnu library general public license version 2",)),
    ("GPL-3.0-only", ("gnu general public license version 3",)),
    ("GPL-2.0-only", ("gnu general public license version 2",)),
    ("Apache-2.0", ("apache license", "version 2.0")),
    ("BSL-1.0", ("boost software license - version 1.0",)),
    ("CC0-1.0", ("cc0 1.0 universal",)),
    ("CC-BY-SA-4.0", ("attribution-sharealike 4.0 international",)),
    ("CC-BY-4.0", ("attribution 4.0 international",)),
    ("Unlicense", ("this is free and unencumbered software released into the public domain",)),
    ("WTFPL", ("do what the fuck you want to public license",)),
    ("Zlib", ("the origin of this software must not be misrepresented", "altered source versions")),
    ("PSF-2.0", ("python software foundation license version 2",)),
    ("Artistic-2.0", ("artistic license 2.0",)),
    ("BSD-4-Clause", (_BSD, "all advertising materials mentioning features")),
    ("BSD-3-Clause", (_BSD, "may be used to endorse or promote products")),
    ("BSD-3-Clause", (_BSD, "to endorse or promote products derived")),
    ("BSD-2-Clause", (_BSD, "this software is provided")),
    ("0BSD", ("permission to use, copy, modify, and/or distribute this software for any purpose "
              "with or without fee is hereby granted. the software is provided",)),
    ("ISC", ("permission to use, copy, modify, and/or distribute this software for any purpose",
             "copyright notice and this permission notice appear in all copies")),
    ("ISC", ("permission to use, copy, modify, and distribute this software for any purpose",
             "copyright notice and this permission notice appear in all copies")),
    ("MIT-0", ("permission is hereby granted, free of charge, to any person obtaining a copy",
               "without limitation the rights to use, copy, modify",
               "to permit persons to whom the software is furnished to do so. the software")),
    ("MIT", ("permission is hereby granted, free of charge, to any person obtaining a copy",
             "without restriction, including without limitation the rights")),
)  # fmt: skip


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
    """The SPDX id of one licence text, or "unknown"."""
    tag = _SPDX_TAG.search(text)
    if tag:
        return _known_expression(_COMMENT_END.split(tag[1], maxsplit=1)[0].strip())
    normal = re.sub(r"(?:[\s*#>=]|//)+", " ", text).lower().replace(", version", " version")
    for spdx, phrases in _PHRASES:
        if all(phrase in normal for phrase in phrases):
            return spdx
    return UNKNOWN


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

    Two files named after their licences ("LICENSE-MIT", "LICENSE-APACHE") offer a choice ("OR");
    several licences otherwise all apply ("AND"). The LGPL includes the GPL that it refers to.
    """
    found = {path: license_of(text) for path, text in sorted(files) if is_license_path(path)}
    known = {spdx for spdx in found.values() if spdx != UNKNOWN}
    if any(spdx.startswith("LGPL") for spdx in known):
        known = {spdx for spdx in known if not spdx.startswith("GPL")}
    if not known:
        return UNKNOWN
    is_choice = all(re.search(r"[-_.](?:mit|apache|bsd|isc|unlicense)", p, re.I) for p in found)
    return (" OR " if is_choice else " AND ").join(sorted(known))
