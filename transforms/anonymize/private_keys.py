"""Key and certificate blocks: the secrets that span lines. In: text. Out: text with as many lines.

    -----BEGIN PRIVATE KEY-----          -----BEGIN PRIVATE KEY-----
    MIIEvQIBADANBgkqhkiG9w0B      ->     bdacbbacdadbcadbcabdcaba
    -----END PRIVATE KEY-----            -----END PRIVATE KEY-----

Every run of base64 inside a block is replaced at its length: a run of 16 or more wherever it
stands, a shorter one when it fills its line or its string literal. Blocks written in one line
with "\n" escapes, or as concatenated literals, keep their code. A block whose end is missing or
far away goes as far as base64 alone fills the lines. Public keys stay: they tell who may come in
and open nothing; certificates name their holder. PuTTY's files are read, too.
"""

import re

from transforms.anonymize.pseudonyms import Pseudonyms

_MAX_CHARS = 20_000
# RFC 7468, RFC 4716 with four dashes and a blank, and OpenVPN's static keys.
_LABEL = (
    r"(?:[A-Z0-9 ]{0,30}PRIVATE KEY(?: BLOCK)?|(?:TRUSTED |X509 |ATTRIBUTE )?CERTIFICATE"
    r"|(?:NEW )?CERTIFICATE REQUEST|PKCS ?#?7(?: SIGNED DATA)?|CMS|PGP MESSAGE"
    r"|OpenVPN Static key V1)"
)
_BEGIN, _END = rf"---- ?-?BEGIN {_LABEL}-?-? ?----", rf"---- ?-?END {_LABEL}-?-? ?----"
_CLOSED = rf"(?:(?!---- ?-?BEGIN ).){{1,{_MAX_CHARS}}}?(?=-?{_END})"
# What stands between two lines of a key: escapes, quotes, joins, indentation, comment marks.
_BETWEEN = r"(?:\\[rn]|[\s\"'+.,;#*>\\]|//)*+"
_HEADER = rf"{_BETWEEN}[A-Z][A-Za-z-]{{2,20}}: [^\n\"\\]{{0,200}}"
_LINE = rf"{_BETWEEN}[A-Za-z0-9+/]{{16,}}+=*+(?=[ \t\r]*+(?:[\n\"'\\]|\Z))"
_LAST_LINE = rf"{_BETWEEN}[A-Za-z0-9+/]{{1,15}}+(?:=|(?={_BETWEEN}-----?[ -]?END ))=*+"
_OPEN = rf"(?:{_HEADER}){{0,8}}+(?:{_LINE})++(?:{_LAST_LINE})?"
_BLOCK = re.compile(rf"({_BEGIN})({_CLOSED}|{_OPEN})", re.DOTALL)
# PuTTY's own format: so many lines of the private part, then a code over all of it.
_PUTTY = re.compile(
    rf"(Private-Lines:[ \t]{{0,8}}[0-9]{{1,4}}|Private-MAC:[ \t]{{0,8}})({_OPEN}|[0-9a-f]{{40,64}})"
)
_RUN = re.compile(r"\\.|[+/]*[A-Za-z0-9][A-Za-z0-9+/]*=*")
_MIN_RUN = 16
_MAX_INDENT = 100


def replace_private_keys(text: str, pseudonyms: Pseudonyms) -> str:
    """The text with the body of each private key and certificate replaced."""

    def replace(block: re.Match[str]) -> str:
        return block[1] + _body(block[2], pseudonyms)

    if "---- BEGIN " in text or "-----BEGIN " in text:
        text = _BLOCK.sub(replace, text)
    return _PUTTY.sub(replace, text) if "PuTTY-User-Key-File" in text else text


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
