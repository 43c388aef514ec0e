r"""Characters written as escapes. In: text, a kind of escape. Out: segments with their plain text.

    read_segments("mail jane%40corp.test", PERCENT)  ->  [Segment(values=["jane@corp.test"], ...)]

A segment is what surrounds an escape without a delimiter of its language, such as a quote. What
changes in it is escaped again the same way: a character that was escaped somewhere in the segment,
and every character where most of them were. Escapes of delimiters and of control characters stay.
"""

import html
import re
import string
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from transforms.anonymize.linear_patterns import compile_linear


@dataclass(frozen=True, kw_only=True)
class EscapeKind:
    """One way to write characters as escapes."""

    trigger: str
    """RE2 pattern that every text with a segment matches."""
    inside: str
    """Class of the other characters of a segment."""
    unit: str
    """Pattern of an escape, of bounded length or of one repeated class."""
    decode: Callable[[str], str]
    """The plain text of a unit; the unit itself where it stands for nothing that is read."""
    encode: Callable[[str, str], str]
    """encode(char, like): a character in the way of another unit."""
    before: str = ""
    """What comes before a segment, three bytes from its first "?" on."""


@dataclass(frozen=True, kw_only=True)
class Segment:
    """A stretch of a text with escapes in it."""

    start: int
    end: int
    raw: str
    plain: str
    kind: EscapeKind

    @property
    def values(self) -> Sequence[str]:
        """The plain text."""
        return [self.plain]

    def encode(self, fresh: Sequence[str]) -> str:
        """The segment with another plain text; what both have in front and behind stays raw."""
        (text,) = fresh
        raws, plains = _units(self.raw, self.kind)
        head = _num_common(plains, text)
        tail = _num_common(plains[:head:-1], text[len("".join(plains[:head])) :][::-1], True)
        first, last = len("".join(plains[:head])), len("".join(plains[len(plains) - tail :]))
        middle = _escape(text[first : len(text) - last], raws, plains, self.kind)
        return "".join([*raws[:head], middle, *raws[len(raws) - tail :]])


def read_segments(text: str, kind: EscapeKind) -> list[Segment]:
    """The segments in order."""
    encoded = text.encode("utf-8", "replace")
    if not compile_linear(kind.trigger).search(encoded):
        return []
    segments: list[Segment] = []
    chars = at = 0
    pattern = f"{kind.before}{kind.inside}*(?:{kind.unit})(?:{kind.unit}|{kind.inside})*"
    for match in compile_linear(pattern).finditer(encoded):
        first, last = match.span()
        if kind.before:
            # A group in the pattern would take RE2 off its fast path.
            first = encoded.index(b"?", first + 2) + 3
        chars, at = chars + len(encoded[at:first].decode("utf-8")), first
        raw = encoded[first:last].decode("utf-8")
        plain = re.sub(kind.unit, lambda unit: kind.decode(unit[0]), raw)
        if plain != raw:
            segment = Segment(start=chars, end=chars + len(raw), raw=raw, plain=plain, kind=kind)
            segments.append(segment)
    return segments


def _units(raw: str, kind: EscapeKind) -> tuple[list[str], list[str]]:
    """The segment cut into escapes and single characters, raw and plain."""
    pieces = re.finditer(rf"({kind.unit})|.", raw, re.DOTALL)
    pairs = [(piece[0], kind.decode(piece[0]) if piece[1] else piece[0]) for piece in pieces]
    return [one for one, _ in pairs], [plain for _, plain in pairs]


def _num_common(units: Sequence[str], text: str, is_reversed: bool = False) -> int:
    """How many units the text starts with."""
    position = 0
    for count, unit in enumerate(units):
        if not text.startswith(unit[::-1] if is_reversed else unit, position):
            return count
        position += len(unit)
    return len(units)


def _escape(text: str, raws: Sequence[str], plains: Sequence[str], kind: EscapeKind) -> str:
    escaped = {plain: raw for raw, plain in zip(raws, plains, strict=True) if raw != plain}
    literal = {plain for raw, plain in zip(raws, plains, strict=True) if raw == plain}
    like = next(iter(escaped.values()))
    num_escaped = sum(raw != plain for raw, plain in zip(raws, plains, strict=True))
    escape_all = 2 * num_escaped > len(raws)
    parts: list[str] = [""]
    for char in text:
        is_plain = not escape_all and (char in literal or (char.isascii() and char.isalnum()))
        # In C an escape goes on for as long as there are digits.
        is_digit = parts[-1].startswith("\\x") and char in string.hexdigits
        must = char in escaped or is_digit or not (is_plain or char in "._-\n")
        parts.append(escaped.get(char) or (kind.encode(char, like) if must or escape_all else char))
    return "".join(parts)


def _is_text(plain: str) -> bool:
    is_printable = all(char.isprintable() or char in "\t\n\r\xa0" for char in plain)
    return is_printable and "\ufffd" not in plain


def _decode_percent(unit: str) -> str:
    plain = bytes.fromhex(unit.replace("%", "")).decode("utf-8", "replace")
    return plain if _is_text(plain) else unit


def _encode_percent(char: str, like: str) -> str:
    upper = like.upper() == like
    codes = (f"%{byte:02X}" if upper else f"%{byte:02x}" for byte in char.encode())
    return "".join(codes)


def _decode_entity(unit: str) -> str:
    plain = html.unescape(unit)
    return plain if _is_text(plain) else unit


def _encode_entity(char: str, like: str) -> str:
    return f"&#x{ord(char):x};" if like[:3].lower() == "&#x" else f"&#{ord(char)};"


def _decode_quoted(unit: str) -> str:
    if unit == "_":
        return " "
    plain = bytes.fromhex(unit.replace("=", "")).decode("utf-8", "replace")
    return plain if _is_text(plain) else unit


_DELIMITERS = "\"'`\\"


def _decode_escape(unit: str) -> str:
    if "N{" in unit:
        return _named(unit)
    codes = [int(code, 16) for code in re.findall(r"\\x([0-9A-Fa-f]{2})", unit)]
    codes = codes or [int(code, 8) for code in re.findall(r"\\([0-3][0-7]{2})", unit)]
    if len(codes) > 1:
        plain = bytes(codes).decode("utf-8", "replace")
    else:
        letter, digits = re.fullmatch(r"\\+([xuU]?)\{?([0-9A-Fa-f]+)\}?", unit).groups()  # type: ignore[union-attr]  # the unit's pattern
        code = int(digits, 16 if letter else 8)
        plain = chr(code) if code < 0x110000 and not 0xD800 <= code < 0xE000 else "\ufffd"
    return plain if _is_text(plain) and plain not in _DELIMITERS else unit


def _named(unit: str) -> str:
    try:
        return unicodedata.lookup(unit[3:-1])
    except KeyError:
        return unit


def _encode_escape(char: str, like: str) -> str:
    start = like[: len(like) - len(like.lstrip("\\"))]
    kind = like[len(start) : len(start) + 2]
    if kind == "u{":
        return f"{start}u{{{ord(char):x}}}"
    if kind[:1] == "U":
        return f"{start}U{ord(char):08x}"
    if kind[:1] == "x":
        return f"{start}x{ord(char):02x}"
    return f"{start}u{ord(char):04x}" if kind[:1] in ("u", "N") else f"{start}{ord(char):03o}"


PERCENT = EscapeKind(
    trigger="%(?:[2-7][0-9A-Fa-f]|[C-Fc-f][0-9A-Fa-f]%)",
    inside=r"[A-Za-z0-9._~!$*+,;:@\pL-]",
    unit="%[2-7][0-9A-Fa-f]|%0[9ADad]|%[C-Ec-e][0-9A-Fa-f](?:%[89ABab][0-9A-Fa-f]){1,2}",
    decode=_decode_percent,
    encode=_encode_percent,
)
ENTITY = EscapeKind(
    trigger="&(?:#[0-9xX]|commat;|period;|nbsp;|colon;|lowbar;|plus;|hyphen;|sol;|szlig;"
    "|amp;#|[A-Za-z](?:uml|acute|grave|circ|tilde|cedil|slash|ring|caron);)",
    inside=r"[^<>\"'\n&]",
    unit="&(?:#[0-9]{1,7}|#[xX][0-9A-Fa-f]{1,6}|[A-Za-z]{2,8});",
    decode=_decode_entity,
    encode=_encode_entity,
)
ESCAPE = EscapeKind(
    trigger=r"\\(?:x[2-7c-fC-F][0-9A-Fa-f]|u\{?[0-9A-Fa-f]{2}|U000|N\{|[0-3][0-7]{2})",
    inside=r"(?:[^\\\"'`\n]|\\[^xuUN0-3\"'`\n])",
    unit=r"\\x(?:[2-7][0-9A-Fa-f]|0[9ADad])|\\x[c-eC-E][0-9A-Fa-f](?:\\x[89abAB][0-9A-Fa-f]){1,2}"
    r"|\\{1,4}u[0-9A-Fa-f]{4}|\\u\{[0-9A-Fa-f]{1,6}\}|\\U000[0-9A-Fa-f]{5}|\\N\{[A-Z -]{2,40}\}"
    r"|\\3[0-7]{2}(?:\\2[0-7]{2}){1,3}|\\[0-3][0-7]{2}|\\x[a-fA-F][0-9A-Fa-f]",
    decode=_decode_escape,
    encode=_encode_escape,
)
QUOTED = EscapeKind(
    trigger=r"=\?[A-Za-z0-9-]{2,20}\?[qQ]\?",
    before=r"=\?[A-Za-z0-9-]{2,20}\?[qQ]\?",
    inside=r"[^?\s=]",
    unit="(?:=[0-9A-Fa-f]{2})+|_",
    decode=_decode_quoted,
    encode=lambda char, like: "_" if char == " " else f"={ord(char):02X}",
)
ESCAPE_KINDS = (ESCAPE, PERCENT, ENTITY, QUOTED)
ESCAPE_TRIGGER = "|".join(kind.trigger for kind in ESCAPE_KINDS)
