"""Many patterns at once: which of them fire, and where. In: bytes. Out: ends of matches by pattern.

    patterns = MultiPattern([("mail", r"[^\\s@]@[a-z]"), ("mac", "[0-9a-f]{2}:[0-9a-f]")])
    patterns.ends(b"x: jane@corp.test")  ->  {0: [9]}        "mail" ends at byte 9

All patterns are one Hyperscan automaton, so a text is read once however many there are: on clean
code 400 rules cost what one costs. It only says where to look. RE2 decides what is there, and finds
no match in a line where its trigger did not fire, because the trigger fires wherever RE2 matches:
the differences between the two (what "\\s" is, where "$" may stand) are evened out here or are on
the side of firing.
"""

import threading
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import hyperscan

from schemas.errors import ConfigError

MAX_REACH = 4096
"""Bytes before and after a trigger's end that are looked at where a line is longer."""
_FLAGS = hyperscan.HS_FLAG_UTF8


class MultiPattern:
    """(name, pattern) each, in RE2's syntax as far as Hyperscan shares it (no look-around)."""

    def __init__(self, patterns: Sequence[tuple[str, str]]) -> None:
        self._database = _compile(patterns)
        # A database has one scratch space: two scans at a time would be an error.
        self._lock = threading.Lock()

    def ends(self, data: bytes) -> dict[int, list[int]]:
        """Number of the pattern -> ends of its matches in bytes, ascending. Needs valid UTF-8."""
        found: dict[int, list[int]] = {}

        def on_match(number: int, start: int, end: int, flags: int, context: Any) -> None:
            found.setdefault(number, []).append(end)

        # To RE2 a vertical tab is no "\s"; to Hyperscan it is, so "[^\s]" would not match it.
        plain = data.replace(b"\v", b"\1")
        with self._lock:
            self._database.scan(plain, match_event_handler=on_match)
        return found


def windows(data: bytes, ends: Iterable[int]) -> Iterator[tuple[int, int]]:
    """Stretches of one line each around ascending ends of matches; whole lines where short."""
    low = high = -1
    for end in ends:
        # A match that ends with a line feed belongs to the line before it.
        at = max(0, end - 1)
        if at < high and (at + MAX_REACH <= high or is_line_end(data, high)):
            continue
        # Twice as far, so that the next matches of a long line need not be looked at.
        first, last = line_start(data, at), line_end(data, at, reach=2 * MAX_REACH)
        if first > high >= 0:
            yield low, high
        low, high = (low if first <= high else first), last
    if high >= 0:
        yield low, high


def line_start(data: bytes, at: int) -> int:
    """Where the line of a byte starts, or `MAX_REACH` before it."""
    lowest = max(0, at - MAX_REACH)
    feed = data.rfind(b"\n", lowest, at)
    return feed + 1 if feed >= 0 else lowest


def line_end(data: bytes, at: int, *, reach: int = MAX_REACH) -> int:
    """Where the line of a byte ends, or `reach` bytes after it."""
    feed = data.find(b"\n", at, at + reach)
    return feed if feed >= 0 else min(len(data), at + reach)


def is_line_end(data: bytes, at: int) -> bool:
    """True before a line feed and at the end of the text."""
    return at >= len(data) or data[at] == ord("\n")


def _compile(patterns: Sequence[tuple[str, str]]) -> Any:
    """The database. Raises ConfigError naming the first pattern that cannot be compiled."""
    database = hyperscan.Database(mode=hyperscan.HS_MODE_BLOCK)
    encoded = [pattern.encode() for _, pattern in patterns]
    try:
        database.compile(expressions=encoded, ids=list(range(len(encoded))), flags=_FLAGS)
    except hyperscan.HyperscanError as error:
        for name, pattern in patterns:
            _compile_alone(name, pattern)
        raise ConfigError(f"{len(patterns)} patterns do not fit one database: {error}") from None
    return database


def _compile_alone(name: str, pattern: str) -> None:
    try:
        hyperscan.Database().compile(expressions=[pattern.encode()], flags=_FLAGS)
    except hyperscan.HyperscanError as error:
        raise ConfigError(f"rule {name!r}: Hyperscan cannot compile {pattern!r}: {error}") from None
