"""SHAs in prose, ids, times: they name nobody but lead to the original. In: one value. Out: one.

    sha_spans("broken since 1f3a7b2")                              ->  [(13, 20)]
    round_down(datetime(2026, 11, 24, 13, 5, tzinfo=UTC), "week")  ->  2026-11-23 00:00 UTC

What a SHA becomes is `shaped_pseudonyms.commit_sha`.
"""

import hashlib
import hmac
import re
from datetime import datetime, timedelta

from transforms.anonymize.shaped_pseudonyms import MIN_ABBREVIATION

_LENGTHS = (40, 64)
# Not behind "#" (colours), "%", "=" (query strings) or a joint of a UUID or version.
_SHA = re.compile(rf"(?<![0-9A-Za-z_#&%+=-])[0-9a-f]{{{MIN_ABBREVIATION},64}}(?![0-9A-Za-z_=-])")


def sha_spans(text: str) -> list[tuple[int, int]]:
    """(start, end) of what looks like a SHA of a commit, abbreviated or not.

    A word is one when it has a digit and a letter or the length of a whole SHA: "deadbeef" and
    "1234567" are words and numbers more often.
    """
    return [match.span() for match in _SHA.finditer(text) if _is_sha(match[0])]


def _is_sha(value: str) -> bool:
    return len(value) in _LENGTHS or not (value.isdigit() or value.isalpha())


def keyed_id(key: bytes, row_id: str) -> str:
    """An id of a row as another of 32 hexadecimal digits.

    Ids are plain hashes of names and numbers: who guesses a repository's name could test the guess.
    """
    return hmac.new(key, b"row id\0" + row_id.encode(), hashlib.sha256).hexdigest()[:32]


def round_down(moment: datetime, to: str) -> datetime:
    """The start of the moment's day or week (Monday), in UTC; "keep" leaves it."""
    if to == "keep":
        return moment
    day = moment.replace(hour=0, minute=0, second=0, microsecond=0)
    return day if to == "day" else day - timedelta(days=day.weekday())
