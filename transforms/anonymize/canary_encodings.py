r"""How a canary may be written. In: a value. Out: the value in an encoding.

ENCODINGS["percent"]("jane@corp.test")  ->  "jane%40corp.test"
"""

import base64
import html
import json
from collections.abc import Callable
from urllib.parse import quote


def _base64(value: str) -> str:
    return base64.b64encode(value.encode()).decode()


def _url_safe(value: str) -> str:
    return base64.urlsafe_b64encode(value.encode()).decode().rstrip("=")


def _each(style: str) -> Callable[[str], str]:
    return lambda value: "".join(style.format(byte) for byte in value.encode())


def _marks(style: str) -> Callable[[str], str]:
    """Only what is neither a letter nor a digit of ASCII."""

    def encode(value: str) -> str:
        return "".join(
            char if char.isascii() and char.isalnum() else style.format(ord(char)) for char in value
        )

    return encode


ENCODINGS: dict[str, Callable[[str], str]] = {
    "plain": lambda value: value,
    "upper": str.upper,
    "lower": str.lower,
    "base64": _base64,
    "base64-url": _url_safe,
    "base64-utf16": lambda value: base64.b64encode(value.encode("utf-16-le")).decode(),
    "base64-twice": lambda value: _base64(_base64(value)),
    "hex": lambda value: value.encode().hex(),
    "hex-upper": lambda value: value.encode().hex().upper(),
    "percent": lambda value: quote(value, safe=""),
    "percent-all": _each("%{:02X}"),
    "html": _marks("&#{};"),
    "html-hex": _marks("&#x{:x};"),
    "html-named": lambda value: html.escape(value).replace("@", "&commat;"),
    "unicode": _marks("\\u{:04x}"),
    "json": lambda value: json.dumps(value)[1:-1],
    "hex-escapes": _each("\\x{:02x}"),
    "in-json-in-base64": lambda value: _base64(json.dumps({"note": value})),
}
CASES = ("upper", "lower")
_LITERALS = ("python", "javascript", "typescript", "go", "rust", "c", "cpp", "ruby", "php")
_UNICODE = ("python", "javascript", "typescript", "java", "csharp", "go", "json", "toml", "yaml")
_MARKUP = ("xml", "markdown", "javascript", "typescript", "php", "java", "python", "yaml", "text")
PLACES_OF = {
    "hex-escapes": _LITERALS,
    "unicode": _UNICODE,
    "json": _UNICODE,
    "html": _MARKUP,
    "html-hex": _MARKUP,
    "html-named": _MARKUP,
}
"""Where an encoding that not every place has is read as one."""
