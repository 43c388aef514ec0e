"""Base64 and hexadecimal runs that hold text. In: text. Out: runs with their plain texts.

    read_byte_runs('auth: "amFuZUBjb3JwLnRlc3Q="')  ->  [ByteRun(values=["jane@corp.test"], ...)]

Text shows in its encoding: a byte of ASCII leaves only some letters possible at each place of a
group of four, so that one pattern tells base64 of text from identifiers, hashes and images.
"""

import base64
import binascii
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from itertools import pairwise

from transforms.anonymize.linear_patterns import compile_linear

# Groups of four letters that encode three bytes from " " to DEL (RFC 4648, section 4), or two with
# a letter of Latin-1 or Latin Extended-A, whose UTF-8 starts with C3 to C5.
_FIRST, _SECOND = "[I-Za-f]", "[C-HS-Xi-nyz0-3]"
_THIRD, _FOURTH = "[ABEFIJMNQRUVYZcdghklopstwx014589]", "[A-Za-z0-9+/_-]"
_ASCII = f"{_FIRST}{_SECOND}{_THIRD}{_FOURTH}"
_LATIN = (
    f"(?:w[4-7]|x[I-LYZab]){_THIRD}{_FOURTH}|{_FIRST}[Mcs8][CGO]{_FOURTH}"
    f"|{_FIRST}{_SECOND}[DHLPTXbfjnrvz37/_][DEF][g-v]{_SECOND}{_THIRD}{_FOURTH}"
)
_QUAD = f"(?:{_ASCII}|{_LATIN})"
# Two groups of UTF-16, as PowerShell's -EncodedCommand has it: every second byte is zero.
_WIDE = "[I-Za-f][AQgw][AB][A-Za-z0-9+/]A[C-H][AEIMQUYcgkosw048]A"
_HIT64 = rf"{_QUAD}{{3}}|(?:{_WIDE}){{2}}"
# Seven or eight bytes.
_PADDED = f"{_QUAD}{{2}}{_FIRST}[A-Za-z0-9+/_-]{{1,2}}="
_HIT16 = "(?:[2-7][0-9A-Fa-f]){6}|(?:[2-7][0-9A-Fa-f]00){4}"
BYTES_TRIGGER = rf"{_HIT64}|{_PADDED}|{_HIT16}"
_LETTERS64 = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/_-"
_LETTERS16 = b"0123456789ABCDEFabcdef"
# A line of so many letters may go on in the next line.
_MIN_WRAPPED = 40
_SEPARATOR = re.compile(rb"\\n|[ \t\r]{0,8}\n[ \t]{0,100}")
_LINE_ENDS = re.compile(rb"[ \t\r]{0,8}(?:\n|\Z|[\"'`<\\])")
_PADDING = 0x3D
_SEPARATOR_BEHIND = re.compile(rb"(?:\\n|[ \t\r]{0,8}\n[ \t]{0,100})\Z")
_MIN_TEXT = 6
_TEXT = (
    r"(?:[\t\n\r\x20-\x7e]|[\xc3-\xdf][\x80-\xbf]|[\xe1-\xec\xee\xef][\x80-\xbf]{2}|\xf0[\x90-\xbf]"
    r"[\x80-\xbf]{2}){6,}"
)
_WIDE_TEXT = r"(?:[\t\n\r\x20-\x7e\xa0-\xff]\x00|[\x00-\xff]\x01){6,}"


@dataclass(frozen=True, kw_only=True)
class ByteRun:
    """An encoded stretch from `start` to `end` of a text."""

    start: int
    end: int
    prefix: str
    """What stands in the stretch before the first whole group."""
    body: str
    suffix: str
    data: bytes
    spans: tuple[tuple[int, int, str], ...]
    """(start, end, codec) of the texts in `data`."""
    separators: tuple[str, ...] = field(default=())
    is_hex: bool = False

    @property
    def values(self) -> Sequence[str]:
        """The texts in the bytes."""
        return [self.data[start:end].decode(codec) for start, end, codec in self.spans]

    def encode(self, fresh: Sequence[str]) -> str:
        """The stretch with the texts replaced, over as many lines."""
        parts: list[bytes] = []
        position = 0
        for (start, end, codec), text in zip(self.spans, fresh, strict=True):
            parts += [self.data[position:start], text.encode(codec)]
            position = end
        data = b"".join([*parts, self.data[position:]])
        encode = _to_hex if self.is_hex else _to_base64
        fresh = f"{self.prefix}{encode(data, self.body + self.suffix)}{self.suffix.strip('=')}"
        return _wrap(fresh, self.separators)


def read_byte_runs(text: str) -> list[ByteRun]:
    """The runs that hold text, in order, none of them over another."""
    digits = list(_read(text, True))
    taken = {run.start for run in digits}
    # Hexadecimal digits are letters of base64, too.
    runs = [*digits, *(run for run in _read(text, False) if run.start not in taken)]
    found: list[ByteRun] = []
    for run in sorted(runs, key=lambda run: (run.start, -run.end)):
        if not found or run.start >= found[-1].end:
            found.append(run)
    return found


@cache
def _only(letters: bytes) -> bytes:
    """A table for `bytes.translate` that leaves a blank where there is none of the letters."""
    return bytes(byte if byte in letters else 32 for byte in range(256))


def _read(text: str, is_hex: bool) -> Iterator[ByteRun]:
    letters, hit = (_LETTERS16, _HIT16) if is_hex else (_LETTERS64, f"{_HIT64}|{_PADDED}")
    encoded = text.encode("utf-8", "replace")
    if not compile_linear(hit).search(encoded):
        return
    masked = encoded.translate(_only(letters))
    chars = at = end = 0
    for match in compile_linear(hit).finditer(encoded):
        if match.start() < end:
            continue
        lines = _lines(encoded, masked, match.start(), end)
        start, end = lines[0][0], lines[-1][1]
        chars, at = chars + len(encoded[at:start].decode("utf-8")), start
        if found := _decode(encoded, lines, chars, is_hex):
            yield found


def _lines(encoded: bytes, masked: bytes, hit: int, after: int) -> list[tuple[int, int]]:
    """Starts and ends of the lines of the run around a hit, none of them before `after`.

    Wrapped lines are equally long but for the last, and nothing follows them on their lines.
    """
    lines = [_word(encoded, masked, hit, after)]
    while (start := lines[0][0]) > after and (
        behind := _SEPARATOR_BEHIND.search(encoded, max(after, start - 110), start)
    ):
        line = _word(encoded, masked, max(after, behind.start() - 1), after)
        is_even = _size(line) == _size(lines[0]) or (
            len(lines) == 1 and _size(line) > _size(lines[0])
        )
        if line[1] != behind.start() or not is_even or not _is_wrapped(encoded, line):
            break
        lines.insert(0, line)
    while _is_wrapped(encoded, lines[-1]) and _size(lines[-1]) == _size(lines[0]):
        separator = _SEPARATOR.match(encoded, lines[-1][1])
        at = separator.end() if separator else len(encoded)
        if masked[at : at + 1] in (b"", b" "):
            break
        line = _word(encoded, masked, at, at)
        if _size(line) > _size(lines[0]) or not _LINE_ENDS.match(encoded, line[1]):
            break
        lines.append(line)
    return lines


def _size(line: tuple[int, int]) -> int:
    return line[1] - line[0]


def _is_wrapped(encoded: bytes, line: tuple[int, int]) -> bool:
    """Long enough, and without the padding that ends a run."""
    return _size(line) >= _MIN_WRAPPED and encoded[line[1] - 1] != _PADDING


def _word(encoded: bytes, masked: bytes, position: int, after: int) -> tuple[int, int]:
    """The letters around a position, with the padding behind them."""
    start = masked.rfind(b" ", after, position + 1) + 1 or after
    end = masked.find(b" ", position)
    end = end if end >= 0 else len(masked)
    if encoded[start - 1 : start] == b"\\" and start < position:
        start += 1
    while end < len(encoded) and encoded[end] == _PADDING:
        end += 1
    return start, end


def _decode(
    encoded: bytes, lines: Sequence[tuple[int, int]], start: int, is_hex: bool
) -> ByteRun | None:
    """The run in the alignment of its groups under which most of it is text."""
    flat = b"".join(encoded[first:last] for first, last in lines).decode("ascii")
    separators = tuple(
        encoded[before[1] : after[0]].decode("ascii") for before, after in pairwise(lines)
    )
    core, best = flat.rstrip("="), None
    for offset in _offsets(core, is_hex):
        size = len(core) - offset
        body = core[offset : len(core) - (size % 2 if is_hex else size % 4 == 1)]
        data = bytes.fromhex(body) if is_hex else _from_base64(body)
        spans = tuple(_texts(data))
        num_text = sum(end - begin for begin, end, _ in spans)
        if num_text > (best[0] if best else 0):
            suffix = flat[offset + len(body) :]
            run = ByteRun(
                start=start, end=start + lines[-1][1] - lines[0][0], prefix=core[:offset],
                body=body, suffix=suffix, data=data, spans=spans, separators=separators,
                is_hex=is_hex,
            )  # fmt: skip
            best = num_text, run
    return best[1] if best else None


def _offsets(core: str, is_hex: bool) -> list[int]:
    hits = compile_linear(_HIT16 if is_hex else _HIT64).finditer(core.encode())
    return sorted({0} | {match.start() % (2 if is_hex else 4) for match in hits})


def _from_base64(body: str) -> bytes:
    standard = body.replace("-", "+").replace("_", "/")
    return base64.b64decode(standard + "=" * (-len(body) % 4))


def _texts(data: bytes) -> Iterator[tuple[int, int, str]]:
    for match in compile_linear(_TEXT, is_binary=True).finditer(data):
        yield (*match.span(), "utf-8")
    if b"\0" in data:
        for match in compile_linear(_WIDE_TEXT, is_binary=True).finditer(data):
            yield (*match.span(), "utf-16-le")


def _to_base64(data: bytes, like: str) -> str:
    """In the alphabet of the old body; padded if that was or needed none."""
    is_url_safe = "-" in like or "_" in like
    fresh = (base64.urlsafe_b64encode if is_url_safe else base64.b64encode)(data).decode()
    return fresh if len(like) % 4 == 0 else fresh.rstrip("=")


def _to_hex(data: bytes, like: str) -> str:
    fresh = binascii.hexlify(data).decode()
    return fresh.upper() if like.upper() == like and like.lower() != like else fresh


def _wrap(body: str, separators: Sequence[str]) -> str:
    """The body over the old lines, in groups of four letters, none of the lines empty."""
    num_lines = len(separators) + 1
    groups = -(-len(body) // 4)
    short, longer = divmod(groups, num_lines)
    parts: list[str] = []
    position = 0
    for line in range(num_lines):
        size = 4 * (short + (line < longer))
        parts += [body[position : position + size], *separators[line : line + 1]]
        position += size
    return "".join(parts)
