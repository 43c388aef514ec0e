"""Is a span what its shape says? In: text, start, end. Out: bool.

    email_check(("corp.test",))("to jane@corp.test", 3, 17)  ->  False
    is_bounded("a1b", 1, 2)  ->  False

Each check looks at a bounded stretch around its span. Values of documentation, loopback, test and
pseudonym ranges are not personal and give False, which also makes every pseudonym map to itself.
"""

import re
from collections.abc import Callable, Iterable

Check = Callable[[str, int, int], bool]

_SUFFIXES = """
    png jpg jpeg gif svg webp css js mjs ts tsx jsx rb go java json yaml yml toml xml html htm
    txt rst whl gz tar lock min log cfg ini service
    example invalid test localhost
"""
_NO_TOP_LEVEL = frozenset(_SUFFIXES.split())
# "icon@2x.png", "pkg@v1.2.zip": a scale or a version, then the ending of a file.
_SCALE = re.compile(r"[0-9]+x\.|v?[0-9]+(?:\.[0-9]+)*\.(?:py|rs|md|sh|zip|map)$")
# Endings of files that are domains too: "telekom.rs".
_FILE_OR_DOMAIN = frozenset(("py", "rs", "md", "sh", "zip", "map"))
_COMMON = "com org net edu gov mil int info biz dev app xyz cloud"
COMMON_TOPS = frozenset(_COMMON.split())
"""Top-level domains that are attributes of no matrix."""
# The last four are the metasyntactic variables of RFC 3092.
_WORDS = "this self super return break continue yield git noreply foo bar baz qux"
# What is left of "\\x01Z@github.com/...", the import path in a serialized message.
_CODE_POINT = re.compile("x[0-9a-f]{2}[0-9a-z]?")
_NO_LOCAL = frozenset(_WORDS.split())


def is_escaped(text: str, index: int) -> bool:
    r"""True for the "n" of "\n": the character ends an escape and is no part of a word."""
    backslashes = 0
    while index - backslashes > 0 and text[index - backslashes - 1] == "\\":
        backslashes += 1
    return backslashes % 2 == 1 and text[index] in "abefnrtv0"


def line_start(text: str, start: int, reach: int) -> int:
    """Where the line of a character starts, or `reach` characters before it."""
    first = max(0, start - reach)
    return text.rfind("\n", first, start) + 1 or first


def always(text: str, start: int, end: int) -> bool:
    """The pattern alone decides, apart from neighbours that continue the word."""
    return is_bounded(text, start, end)


def email_check(keep: Iterable[str]) -> Check:
    """A check for e-mails that leaves the kept domains and addresses."""
    kept = frozenset(entry.casefold().lstrip("@") for entry in keep)

    def check(text: str, start: int, end: int) -> bool:
        before = text[max(0, start - 1) : start]
        if (before.isalnum() or before in tuple("._%+-")) and not is_escaped(text, start - 1):
            return False
        local, _, domain = text[start:end].casefold().rpartition("@")
        if before == "\\" and _CODE_POINT.fullmatch(local):
            return False
        top = domain.rpartition(".")[2]
        return (
            domain not in kept
            and f"{local}@{domain}" not in kept
            and local not in _NO_LOCAL
            # RFC 2606 reserves example.com and all under it; others mean the same by the word.
            and not (kept and "example" in domain.split("."))
            and top not in _NO_TOP_LEVEL
            and text[end : end + 1] != "("
            and not (top in _FILE_OR_DOMAIN and _is_file(domain, text[end : end + 1]))
            and not (domain.startswith("self.") and top not in COMMON_TOPS)
            and not _is_url_password(text, start)
            and _SCALE.match(domain) is None
        )

    return check


def _is_file(domain: str, after: str) -> bool:
    """True where a path goes on, or for the "corp.io.py" of a file named after an address."""
    before_top = domain.split(".")[1:-1]
    return after == "/" or (
        bool(before_top) and (len(before_top[-1]) == 2 or before_top[-1] in COMMON_TOPS)
    )


def is_bounded(text: str, start: int, end: int, also: str = "") -> bool:
    """No letter, digit or "_" on either side, and none of `also` that joins on to one."""
    before, after = text[max(0, start - 1) : start], text[end : end + 1]
    if _is_word(before) and not is_escaped(text, start - 1):
        return False
    if _is_word(after):
        return False
    joined_before = before in tuple(also) and _is_word(text[max(0, start - 2) : start - 1])
    return not joined_before and not (after in tuple(also) and _is_word(text[end + 1 : end + 2]))


def _is_word(char: str) -> bool:
    return char.isalnum() or char == "_"


def _is_url_password(text: str, start: int) -> bool:
    """True inside "scheme://user:HERE@host": the rule for credentials in URLs knows better."""
    _, slashes, user = text[max(0, start - 300) : start].rpartition("://")
    return bool(slashes) and ":" in user and re.search(r"[\s/@\"']", user) is None
