"""Copyright lines of somebody else's files. In: text before and after. Out: text with its notices.

    with_notices("# Copyright 2019 Jane Doe\\nx = 1", "# Copyright 2019 Birch ...\\nx = 1")
        ->  "# Copyright 2019 Jane Doe\\nx = 1"

Licences ask that notices be kept, and who removes them from a third party's work meets
17 U.S.C. 1202(b); so the profiles that keep them do so in vendored files only.
"""

import re

_NOTICE = re.compile(r"(?i)\bcopyright\b|SPDX-FileCopy|(?:\(c\)|\u00a9)\s*(?:19|20)\d\d")
_MAX_CHARS = 300


def with_notices(before: str, after: str) -> str:
    """`after` with the lines that hold a notice as they were; both have as many lines."""
    if before == after:
        return after
    lines = after.split("\n")
    for number, line in enumerate(before.split("\n")):
        if line != lines[number] and len(line) <= _MAX_CHARS and _NOTICE.search(line):
            lines[number] = line
    return "\n".join(lines)
