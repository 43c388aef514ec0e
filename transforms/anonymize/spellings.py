r"""How a value may be written in bytes. In: a value. Out: every spelling to search for.

    spellings("jane@corp.test")
        ->  [b"jane@corp.test", b"JANE@CORP.TEST", b"amFuZUBjb3JwLnRlc3", b"jane%40corp.test", ...]

A search folds the case of the bytes only where it can tell the encoding; so the cases that are
common are spelled out. Values that were cut by a line end are not found.
"""

import base64
import html
import json
from collections.abc import Iterator
from urllib.parse import quote

MIN_ENCODED_BYTES = 8
"""A shorter piece of base64 or hexadecimal stands in many files by chance."""


def spellings(value: str) -> list[bytes]:
    """Distinct byte strings, the plain ones first, in an order that depends on nothing else.

    Plain in the cases of `cases`; in base64 at its three alignments, both alphabets, without the
    letters that depend on neighbours; hexadecimal; percent signs, HTML entities and escapes of
    string literals, for all characters or those that need it; UTF-16.
    """
    found: dict[bytes, None] = {}
    for form in cases(value):
        for spelling in _plain(form):
            found.setdefault(spelling)
    for form in dict.fromkeys((value, value.lower())):
        for spelling in _encoded(form):
            found.setdefault(spelling)
    return list(found)


def cases(value: str) -> list[str]:
    """The value as it is, folded, in lower and upper case, each once."""
    return list(dict.fromkeys((value, value.casefold(), value.lower(), value.upper())))


def _plain(value: str) -> Iterator[bytes]:
    yield value.encode("utf-8", "surrogatepass")
    for codec in ("utf-16-le", "utf-16-be"):
        yield value.encode(codec, "surrogatepass")
    # As JSON, HTML and URLs have it where only what must be is escaped.
    yield json.dumps(value)[1:-1].encode()
    yield html.escape(value).encode()
    yield quote(value, safe="", errors="replace").encode()


def _encoded(value: str) -> Iterator[bytes]:
    data = value.encode("utf-8", "surrogatepass")
    for bytes_ in (data, value.encode("utf-16-le", "surrogatepass")):
        yield from _base64_middles(bytes_)
    if 2 * len(data) >= MIN_ENCODED_BYTES:
        yield data.hex().encode()
        yield data.hex().upper().encode()
    for style in ("%{:02X}", "%{:02x}", "\\x{:02x}", "\\x{:02X}"):
        yield "".join(style.format(byte) for byte in data).encode()
    for style in ("\\u{:04x}", "\\u{:04X}", "&#{};", "&#x{:x};", "&#x{:X};"):
        yield "".join(style.format(ord(char)) for char in value).encode()
        yield "".join(
            char if char.isalnum() and char.isascii() else style.format(ord(char)) for char in value
        ).encode()
        yield "".join(
            char if char.isascii() and char != "@" else style.format(ord(char)) for char in value
        ).encode()
    for at in ("\\x40", "&commat;"):
        yield value.replace("@", at).encode("utf-8", "surrogatepass")


def _base64_middles(data: bytes) -> Iterator[bytes]:
    """RFC 4648: of `before` bytes in front and any behind, the letters that stay the same."""
    for before in range(3):
        first = (before * 8 + 5) // 6
        last = (before + len(data)) * 8 // 6
        middle = base64.b64encode(b"\0" * before + data)[first:last]
        if len(middle) >= MIN_ENCODED_BYTES:
            yield middle
            yield middle.translate(bytes.maketrans(b"+/", b"-_"))
