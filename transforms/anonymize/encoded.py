r"""Values inside an encoding. In: text and what cleans plain text. Out: text, encoded as it was.

    replace_encoded("amFuZUBjb3JwLnRlc3Q=", clean)  ->  base64 of clean("jane@corp.test")

Read are base64 (both alphabets, with and without padding, wrapped over lines, UTF-16 in it),
hexadecimal, percent signs, HTML entities, the escapes of string literals (\x40 \u0040 \100),
RFC 2047 words, and literals that are joined in one line ("jane" + "@corp.test"). One level is read:
`clean` reads the next one, as deep as it wants to. What does not decode to text stays as it is:
keys and hashes are the business of other rules. Time is linear in the length of the text.
"""

from collections.abc import Callable, Sequence
from typing import Protocol

from transforms.anonymize.encoded_bytes import BYTES_TRIGGER, read_byte_runs
from transforms.anonymize.escapes import ESCAPE_KINDS, ESCAPE_TRIGGER, read_segments
from transforms.anonymize.joined_literals import JOINED_TRIGGER, read_joined
from transforms.anonymize.linear_patterns import compile_linear

Clean = Callable[[str], str]
# A blank line between two values, so that no rule reads them as one.
_BETWEEN = "\n\n"
_ANY_TRIGGER = f"{BYTES_TRIGGER}|{ESCAPE_TRIGGER}|{JOINED_TRIGGER}"


class Run(Protocol):
    """A stretch of a text that is encoded; offsets in characters."""

    @property
    def start(self) -> int: ...
    @property
    def end(self) -> int: ...
    @property
    def values(self) -> Sequence[str]:
        """The plain texts in it."""
        ...

    def encode(self, fresh: Sequence[str]) -> str:
        """The stretch with other plain texts in it."""
        ...


def replace_encoded(text: str, clean: Clean) -> str:
    """The text with as many lines; runs whose plain text `clean` leaves alone stay too.

    `clean` keeps the number of lines of what it is given.
    """
    if not compile_linear(_ANY_TRIGGER).search(text.encode("utf-8", "replace")):
        return text
    text = _splice(text, read_byte_runs(text), clean)
    for kind in ESCAPE_KINDS:
        text = _splice(text, read_segments(text, kind), clean)
    return _splice(text, read_joined(text), clean)


def _splice(text: str, runs: Sequence[Run], clean: Clean) -> str:
    """All plain texts are cleaned in one call: a call costs more than a short value."""
    plain = [value for run in runs for value in run.values]
    if not plain:
        return text
    cleaned = _clean_all(plain, clean)
    parts: list[str] = []
    position = taken = 0
    for run in runs:
        old, new = run.values, cleaned[taken : taken + len(run.values)]
        taken += len(old)
        if list(old) != new:
            parts += [text[position : run.start], run.encode(new)]
            position = run.end
    return "".join([*parts, text[position:]])


def _clean_all(values: Sequence[str], clean: Clean) -> list[str]:
    lines = clean(_BETWEEN.join(values)).split("\n")
    cleaned: list[str] = []
    position = 0
    for value in values:
        num_lines = value.count("\n") + 1
        cleaned.append("\n".join(lines[position : position + num_lines]))
        position += num_lines + _BETWEEN.count("\n") - 1
    return cleaned
