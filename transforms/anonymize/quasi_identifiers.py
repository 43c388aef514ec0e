"""Commit SHAs, ids and times, which name nobody but lead to the original. In: one value. Out: one.

    shas = ShaPseudonyms(key)
    shas.sha("1f3a...")                      ->  "c07e..." of the same length
    shas.in_prose("broken since 1f3a7b2")    ->  ("broken since c07e914", 1)
    round_down(datetime(2026, 11, 24, 13, 5, tzinfo=UTC), "week")  ->  2026-11-23 00:00 UTC

A SHA is mapped so that prefixes stay prefixes (as Crypto-PAn does with addresses, Xu et al. 2002,
10.1109/ICNP.2002.1181415): an abbreviation in a comment still abbreviates what the commit list
says. Unlike other pseudonyms a SHA's looks like any SHA, so it does not map to itself.
"""

import hashlib
import hmac
import re
from datetime import datetime, timedelta

MIN_ABBREVIATION = 7
"""Hexadecimal digits; git abbreviates to at least as many, GitHub links from as many on."""
# Not behind "#" (colours), "%", "=" (query strings) or a joint of a UUID or version.
_SHA = re.compile(r"(?<![0-9A-Za-z_#&%+=-])[0-9a-f]{7,64}(?![0-9A-Za-z_=-])")


class ShaPseudonyms:
    """Keyed SHAs."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def sha(self, value: str) -> str:
        """As many hexadecimal digits; "" stays "". `value` is lower case."""
        if len(value) < MIN_ABBREVIATION:
            return value
        digits = [self._digest(value[:MIN_ABBREVIATION])[:MIN_ABBREVIATION]]
        ends = range(MIN_ABBREVIATION + 1, len(value) + 1)
        return "".join([*digits, *(self._digest(value[:end])[0] for end in ends)])

    def in_prose(self, text: str) -> tuple[str, int]:
        """The text with what looks like a SHA replaced, and how many that were.

        A word is one when it has a digit and a letter or the length of a whole SHA: "deadbeef" and
        "1234567" are words and numbers more often.
        """
        count = 0

        def replace(match: re.Match[str]) -> str:
            nonlocal count
            value = match[0]
            is_mixed = any(map(str.isdigit, value)) and any(map(str.isalpha, value))
            if not is_mixed and len(value) not in (40, 64):
                return value
            count += 1
            return self.sha(value)

        return _SHA.sub(replace, text), count

    def _digest(self, prefix: str) -> str:
        return hmac.new(self._key, b"sha\0" + prefix.encode(), hashlib.sha256).hexdigest()


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
