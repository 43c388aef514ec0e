"""Private key blocks: the one secret that spans lines. In: text. Out: text with as many lines.

    -----BEGIN PRIVATE KEY-----          -----BEGIN PRIVATE KEY-----
    MIIEvQIBADANBgkqhkiG9w0B      ->     bdacbbacdadbcadbcabdcaba
    -----END PRIVATE KEY-----            -----END PRIVATE KEY-----

Every run of base64 inside a block is replaced at its length: a run of 16 or more wherever it
stands, a shorter one when it fills its line or its string literal. Blocks written in one line
with "\n" escapes, or as concatenated literals, keep their code. A block whose end is missing or
far away goes as far as base64 alone fills the lines.
"""

import re

from transforms.anonymize.pseudonyms import Pseudonyms

_MAX_CHARS = 20_000
_CLOSED = (
    rf"(?:(?!-----BEGIN ).){{1,{_MAX_CHARS}}}?"
    r"(?=-----END [A-Z ]{0,20}PRIVATE KEY(?: BLOCK)?-----)"
)
# What stands between two lines of a key: escapes, quotes, joins, indentation, comment marks.
_BETWEEN = r"(?:\\[rn]|[\s\"'+.,;#*>\\]|//)*+"
_HEADER = rf"{_BETWEEN}[A-Z][A-Za-z-]{{2,20}}: [^\n\"\\]{{0,200}}"
_LINE = rf"{_BETWEEN}[A-Za-z0-9+/]{{16,}}+=*+(?=[ \t\r]*+(?:[\n\"'\\]|\Z))"
_LAST_LINE = rf"{_BETWEEN}[A-Za-z0-9+/]{{1,15}}+(?:=|(?={_BETWEEN}-----END ))=*+"
_OPEN = rf"(?:{_HEADER}){{0,8}}+(?:{_LINE})++(?:{_LAST_LINE})?"
_BLOCK = re.compile(
    rf"(-----BEGIN [A-Z ]{{0,20}}PRIVATE KEY(?: BLOCK)?-----)({_CLOSED}|{_OPEN})", re.DOTALL
)
_RUN = re.compile(r"\\.|[+/]*[A-Za-z0-9][A-Za-z0-9+/]*=*")
_MIN_RUN = 16
_MAX_INDENT = 100


def replace_private_keys(text: str, pseudonyms: Pseudonyms) -> str:
    """The text with the body of each private key block replaced."""
    if "PRIVATE KEY" not in text:
        return text
    return _BLOCK.sub(lambda block: block[1] + _body(block[2], pseudonyms), text)


def _body(body: str, pseudonyms: Pseudonyms) -> str:
    def replace(match: re.Match[str]) -> str:
        run = match[0]
        if run.startswith("\\") or not (len(run) >= _MIN_RUN or _fills(body, *match.span())):
            return run
        return pseudonyms.secret(run)

    return _RUN.sub(replace, body)


def _fills(body: str, start: int, end: int) -> bool:
    """True when quotes, escapes or line ends enclose the run."""
    before = body[max(0, start - _MAX_INDENT) : start].rstrip(" \t")[-1:]
    is_after_escape = body[max(0, start - 2) : start - 1] == "\\"
    after = body[end : end + _MAX_INDENT].lstrip(" \t\r")[:1]
    return (before in ("", "\n", '"', "'") or is_after_escape) and after in (
        "",
        "\n",
        '"',
        "'",
        "\\",
    )
