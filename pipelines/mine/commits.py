"""Git's bytes as values. In: raw commit objects, paths, file contents. Out: `RawCommit`, text.

parse_commit(sha, b"tree 4b82...\nauthor A <a@b.c> 1700000000 +0100\n...")  ->  RawCommit(...)
decode_path(b"caf\xe9.py")  ->  "caf\\xe9.py"
"""

import codecs
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

_PERSON = re.compile(rb"^(.*?) ?<([^<>]*)>(?: (-?\d+) [+-]\d+)?")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MAX_SECONDS = 253_402_300_799
_CONTROL = re.compile("[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f-\x9f]")
_SNIFFED_BYTES = 8000
"""Git calls a file binary when one of its first 8000 bytes is NUL; so do we."""
LFS_POINTER = b"version https://git-lfs.github.com/spec/"
_ENCODING = re.compile(
    r"us-ascii|latin-?1|iso[-_]?8859-\d{1,2}|(?:windows-|cp)-?(?:125\d|932|949|1361)"
    r"|koi8-[rtu]|(?:shift|s)[-_]?jis|euc[-_]?(?:jp|kr|cn)|gb(?:2312|k|18030)|big5",
    re.I,
)
"""Encodings of text that Git's tools have written; others can raise, or cost quadratic time."""
_OBJECT_NAME = re.compile(rb"[0-9a-f]{40}|[0-9a-f]{64}")
_MAX_NAME_BYTES = 1000


@dataclass(frozen=True, kw_only=True)
class Person:
    """Author or committer of a commit; `time` is seconds since 1970, UTC."""

    name: str
    email: str
    time: int


@dataclass(frozen=True, kw_only=True)
class RawCommit:
    """A commit object."""

    sha: str
    tree: str
    parents: tuple[str, ...]
    author: Person
    committer: Person
    message: str


def parse_commit(sha: str, data: bytes) -> RawCommit:
    """A commit object's content as values; what is malformed becomes "" or 0, never an error."""
    head, _, message = data.partition(b"\n\n")
    fields: dict[bytes, list[bytes]] = {}
    for line in head.split(b"\n"):
        key, _, value = line.partition(b" ")
        fields.setdefault(key, []).append(value)
    encoding = _known_encoding(_first(fields, b"encoding"))
    return RawCommit(
        sha=sha,
        tree=_object_name(_first(fields, b"tree")),
        parents=tuple(_object_name(value) for value in fields.get(b"parent", [])),
        author=_parse_person(_first(fields, b"author"), encoding),
        committer=_parse_person(_first(fields, b"committer"), encoding),
        message=message.decode(encoding, "replace"),
    )


def to_datetime(seconds: int) -> datetime:
    """A commit's time; times before 1970 or after 9999, which git allows, are moved into range."""
    return _EPOCH + timedelta(seconds=min(max(seconds, 0), _MAX_SECONDS))


def decode_path(path: bytes) -> str:
    r"""A path as text: UTF-8, with each byte that is not shown as \xNN."""
    return path.decode("utf-8", "backslashreplace")


def is_plain_path(path: str) -> bool:
    """Whether git would check it out: no part is empty, ".", ".." or ".git" (nor absolute)."""
    return not {"", ".", "..", ".git"} & set(path.lower().split("/"))


def is_binary(data: bytes) -> bool:
    """Git's rule, plus pointers of Git LFS, whose content is elsewhere."""
    return b"\0" in data[:_SNIFFED_BYTES] or data.startswith(LFS_POINTER)


def decode_text(data: bytes) -> str | None:
    """Text of bytes, or None when no encoding is plausible.

    UTF-8; else UTF-16 if a byte order mark says so; else Latin-1 if at least 70 % of the bytes are
    ASCII and none is a control character (as 0x80-0x9f are in Latin-1). A UTF-8 byte order mark
    stays in the text, so that patches fit.
    """
    text = _decode_strictly(data, "utf-8")
    if text is None and data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return _decode_strictly(data, "utf-16")
    return text if text is not None else decode_latin1(data)


def decode_latin1(data: bytes) -> str | None:
    """Text of Latin-1 bytes, or None when they are no plausible Latin-1 text."""
    num_ascii = sum(byte < 128 for byte in data)
    text = data.decode("latin-1")
    return None if num_ascii < 0.7 * len(data) or _CONTROL.search(text) else text


def has_utf16_mark(data: bytes) -> bool:
    """Whether a byte order mark says that NUL bytes are part of text."""
    return data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))


def _decode_strictly(data: bytes, encoding: str) -> str | None:
    try:
        return data.decode(encoding)
    except UnicodeDecodeError:
        return None


def _first(fields: dict[bytes, list[bytes]], key: bytes) -> bytes:
    return fields.get(key, [b""])[0]


def _object_name(value: bytes) -> str:
    """A name that git would not look up as a revision ("HEAD"): zeros for what is no hash."""
    return value.decode("ascii") if _OBJECT_NAME.fullmatch(value) else "0" * 40


def _known_encoding(name: bytes) -> str:
    text = name.decode("ascii", "replace")
    try:
        return codecs.lookup(text).name if _ENCODING.fullmatch(text) else "utf-8"
    except LookupError:
        return "utf-8"


def _parse_person(line: bytes, encoding: str) -> Person:
    match = _PERSON.match(line)
    if match is None:
        name = line[:_MAX_NAME_BYTES].decode(encoding, "replace").strip()
        return Person(name=name, email="", time=0)
    return Person(
        name=match[1][:_MAX_NAME_BYTES].decode(encoding, "replace").strip(),
        email=match[2][:_MAX_NAME_BYTES].decode(encoding, "replace").strip(),
        time=int(match[3][:20]) if match[3] else 0,
    )
