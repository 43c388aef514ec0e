r"""Values that stand beside a telling name. In: text. Out: candidates, not yet judged.

    candidates('db_password = "k2J9-xQ"')
        ->  [Candidate(name="db_password", operator="=", quote='"', start=15, end=22, ...)]

One pass of RE2 finds the names; what follows a name is read by Python's `re` in a window of a few
hundred characters, so that time stays linear. A name and its value may stand on two lines.
"""

import re
import string
from collections.abc import Iterator
from dataclasses import dataclass

from transforms.anonymize.linear_patterns import compile_linear
from transforms.anonymize.pseudonyms import is_issued_secret

MAX_VALUE_CHARS = 600
_MIN_VALUE_CHARS = 3
_MAX_NAME_CHARS = 48
_WORDS = (
    "pass|pwd|pw|secret|secrt|token|key|auth|cred|nonce|salt|bearer|basic|identified by|seed|otp"
    "|session|cookie|jwt|verifier|licen[cs]e|sid"
)
_CLOSE = r"(?:\\{0,3}[\"'`]|&(?:[#]34|[#]39|quot);|[\])])"
_NAME = compile_linear(rf"(?i)(?:{_WORDS})[\w-]{{0,40}}{_CLOSE}{{0,4}}[ \t]{{0,8}}[\s=:,(>]")
_NAME_CHARS = string.ascii_letters + string.digits + "_.$-"
_SQL_NAME = "identified by"
_NAME_REST = re.compile(r"[\w-]{0,60}")
_QUOTE = r"\\{0,3}[\"'`]|&(?:[#]34|[#]39|quot);"
_ASSIGNED = re.compile(
    rf"""(?P<close>{_CLOSE}{{0,4}})
    [ \t]{{0,20}}
    (?P<annotation>:[ \t]{{0,4}}(?:&(?:'\w{{1,20}}[ ])?)?
        [A-Za-z_][\w.|\[\] ]{{0,40}}?(?=[ \t]*=[^=]))?
    \s{{0,40}}
    (?:
        (?P<pair>[,;]?[ \t]{{0,8}}\n?[ \t]{{0,40}}(?:{_QUOTE})?value(?:{_QUOTE})?[ \t]*[=:]) |
        (?P<operator><<-?|=>|:=|[=!]==?|\|\|=|\?=|[=:,(>]|->)
    )?
    \s{{0,60}}
    (?P<wrap>(?:(?:new[ ])?[\w.\[\]:]{{0,40}}[(\[][ \t]{{0,4}}\n?[ \t]{{0,60}}){{0,3}})
    (?P<prefix>[rRbBuUfF]{{1,2}}(?=["'])|@(?="))?
    (?P<quote>{_QUOTE})?
    (?P<scheme>(?:(?i:basic|bearer|token|oauth|digest|apikey|pass:|env:)[ ]?){{0,2}})
    """,
    re.VERBOSE,
)
# Words that hold one of _WORDS and mean something else, and the body of a PEM block.
_OTHER_NAME = re.compile(
    r"(?i)tokeni[sz]|credit|author(?!i)|[mnr]key|keyw|keyb|keyst|keys?pace|passeng|passi|passing"
    r"|bypass|compas|surpass|basica|basics|resid|[^-_.]side|sides|sidebar|clsid|seeds\Z|salty"
    r"|(?-i:pass(?:[A-BD-JL-OQ-VX-Z]|ed|ing|es))|(?<![a-z])pw(?![d_\W]|\Z)|[a-z]pw(?!d)|--\Z"
    r"|BEGIN|assert|secretar|sessionm|(?<![a-z0-9])key_(?:up|down|left|right|home|end|enter)\Z"
)
_SPACED = re.compile(r"(?i)(?:basic|bearer|identified by|.*password)\Z")
_NO_VALUE = re.compile(
    r"0[xX][0-9A-Fa-f]{1,8}\Z|[\s\W]*\Z|:|ssh-|\$\{?\w+\}?\Z|<[^>]*>\Z|\{\{|%[\w(]+[%)]|-----"
    r"|[ ]?[+.][ ]|.*://|(?:\\(?:x\w\w|u\w{4})){1,7}\Z"
)
_CONTINUED = re.compile(r"(?P<quote>[\"'])[ \t]{0,20}(?:[+.]|\.\.|\\)?\s{0,80}[rbuf]?(?P=quote)")
_BARE = re.compile(r"(?!-)[^\s\"'`<>()\[\]{},;&\\|]{1,300}")
_ENDS = {
    quote: re.compile(rf"(?:\\.|(?!{re.escape(quote)})[^\\\n]){{1,{MAX_VALUE_CHARS}}}")
    for quote in "\"'`"
}


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """A value and what stands around it. Positions are in characters of the text."""

    name: str
    """The name as written, dots and dashes included: "spring.datasource.password"."""
    operator: str
    """What joins name and value: "=", ":", "(", ",", "value", " "."""
    quote: str
    """How the value is quoted; empty if it is not."""
    wrap: str
    """Calls around the value: "Buffer.from(", or the scheme "Basic "."""
    is_option: bool
    """The name is a command-line option: "--password"."""
    start: int
    end: int


def candidates(text: str) -> Iterator[Candidate]:
    """In order of the names' positions; each value once per name."""
    # One byte per character, so that RE2's positions are those of the text.
    data = text.encode("ascii", "replace")
    position = 0
    for match in _NAME.finditer(data):
        found = _read(text, match.start()) if match.start() >= position else None
        if found is not None:
            yield found
            # Names inside of a bare value are parts of it; inside of quotes they may be names.
            position = position if found.quote else found.end


def _read(text: str, at: int) -> Candidate | None:
    """The value after the name around `at`, if one stands there."""
    name_start, name_end = _name_around(text, at)
    name = text[name_start:name_end]
    match = _ASSIGNED.match(text, name_end, name_end + 300)
    if match is None or not _is_telling(name, text, name_start):
        return None
    quote, start = match["quote"] or "", match.end()
    end = _end_of_quoted(text, quote, start) if quote else _end_of_bare(text, start)
    found = Candidate(
        name=name,
        operator="value" if match["pair"] else match["operator"] or " ",
        quote=quote,
        wrap=(match["wrap"] or "") + (match["scheme"] or ""),
        is_option=name.startswith("-"),
        start=start,
        end=end,
    )
    value = text[start:end]
    # In "token = [CFWS] 1*ttext" of a grammar the brackets hold what may be left out.
    is_optional = not quote and found.wrap == "[" and value.isalpha()
    is_value = _is_joined(found, text[name_end:start]) and _is_value(value)
    return found if is_value and not is_optional else None


def _name_around(text: str, at: int) -> tuple[int, int]:
    start = max(0, at - _MAX_NAME_CHARS)
    start += len(text[start:at].rstrip(_NAME_CHARS))
    if text[at : at + len(_SQL_NAME)].lower() == _SQL_NAME:
        return start, at + len(_SQL_NAME)
    rest = _NAME_REST.match(text, at)
    return start, rest.end() if rest else at


def _is_joined(one: Candidate, gap: str) -> bool:
    """Whether what stands between name and value ties them: an operator, or a known idiom."""
    if "\n" in gap and (one.operator == " " or not (one.quote or one.operator == "value")):
        return False
    if one.operator != " " or one.is_option or _SPACED.match(one.name):
        return True
    return bool(one.quote) and ")" not in gap


def _is_value(value: str) -> bool:
    is_long = len(value) >= _MIN_VALUE_CHARS
    return is_long and not is_issued_secret(value) and not _NO_VALUE.match(value)


def continued(text: str, end: int) -> list[tuple[int, int]]:
    """The further parts of a literal that is put together: "abc" + "def", from the first's end."""
    parts: list[tuple[int, int]] = []
    while len(parts) < 100 and (match := _CONTINUED.match(text, end)):
        start = match.end()
        end = _end_of_quoted(text, match["quote"], start)
        if end == start:
            break
        parts.append((start, end))
    return parts


def _is_telling(name: str, text: str, start: int) -> bool:
    """A name of words, not a stretch of base64 that happens to hold "key"."""
    is_base64 = start > 0 and text[start - 1] in "+/=" and len(name) > 20
    is_long = len(name) > 30 and not re.search("[-_.]", name) and re.search("[0-9]", name)
    return not is_base64 and not is_long and _OTHER_NAME.search(name) is None


def _end_of_quoted(text: str, quote: str, start: int) -> int:
    """The closing quote on the same line; `start` if there is none or nothing is quoted."""
    if quote in _ENDS:
        match = _ENDS[quote].match(text, start)
        end = match.end() if match else start
        return end if text.startswith(quote, end) else start
    line_end = text.find("\n", start, start + MAX_VALUE_CHARS)
    end = text.find(quote, start, line_end if line_end >= 0 else start + MAX_VALUE_CHARS)
    return max(start, end)


def _end_of_bare(text: str, start: int) -> int:
    match = _BARE.match(text, start)
    if match is None:
        return start
    return start + len(match.group().rstrip(".:!?"))
