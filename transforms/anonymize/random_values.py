"""Values that look random where a secret may stand. In: nothing. Out: shapes.

    api_key: "ij1mut5oe606wlrf5z4u8u31264z3gag"    after a telling word
    smartly = "qX7...": 28 and more characters     assigned to anything, if not hexadecimal
    acme_9f2c41...                                 marked as many services mark their tokens

They stand for the hundreds of services that no list of formats has. On the 300 files of the
standard library that the anonymizer is measured on they find nothing but two MIME boundaries.
"""

import re

from transforms.anonymize.checks import Check
from transforms.anonymize.pseudonyms import is_issued_secret
from transforms.anonymize.randomness import entropy_bits, looks_random
from transforms.anonymize.recognizers import Shape

# Before a value: a quote, a sign that assigns, a space. Not "/" or "@": those stand in addresses.
OPENS = r"[\"'`\s=:,>(\[]"
_OPENS_IN_LINE = r"[\"'` \t\r\f=:,>(\[_.-]"
_CLOSES = r"(?:[\"'`\s;,)<\\]|$)"
_ASSIGNS = r"[\"'\]]?[ \t]{0,4}(?:=>|:=|[=:])[ \t]{0,4}[\"'`]?"
_SAMPLE = re.compile(r"(?i).*(?:example$|x{8}|\*{4}|\.\.\.)|<")

# Words that announce a credential; "keyboard", "tokenizer" and "accessor" do not.
_WORD = (
    r"(?:(?i:secret|token|passw(?:or)?d|private|credential|api_?-?key|access|auth)s?"
    r"|[Kk]ey|KEY|[Aa]pi|API)"
)
_RUN = r"[A-Za-z0-9][A-Za-z0-9+/_.~-]{14,}={0,3}"
_LONG = r"(?P<v>[A-Za-z0-9_-]{28,120})"
# Once in a run of such characters, not at each of them.
_LONG_TRIGGER = r"(?:^|[^A-Za-z0-9_-])[A-Za-z0-9_-]{28}"
_MIN_LONG_CHARS = 24
_MIN_LONG_BITS = 3.3

# Names of what is public, and of numbers that are compared, not kept secret.
_PUBLIC = re.compile(
    r"(?i)public|pub_?key|primary|foreign|csrf|checksum|integrity|sha-?(?:1|256|512)|md5|digest"
    r"|finger_?print|revision|commit|key_?hash|accessor|accessib|author[^i]|id\b|\burl\b|import"
    r"|\bh1:$|://[^\s\"'=?&]*$|version(?![a-z])|key_?(?:down|up|press|vault|board|code|frame|word)"
)
_COMPARED = re.compile(
    r"(?i)(?:sha\d*|md5|hash|digest|integrity|sum|etag|commit|rev|base64|nonce|fingerprint|public"
    r"|pub|boundary|[?&]\w{1,20})[\W_]*$"
)
_HEX = re.compile(r"(?i)[0-9a-f-]+")
# Versions, names that a C++ compiler made ("N11evp_pkey_st4"), files.
_NAMED_THING = re.compile(
    r"(?i)[a-z]{0,3}\d+\.\d+\.\d.*|(?-i:_?Z?N\d{1,2}[a-z]+(?:_[a-z]+)+\d).*"
    r"|.*\.(?:gif|png|jpe?g|svg|xml|html?|m?js|css|json|pem|zip|gz|jar)"
    # A path of identifiers (x509.SignatureAlgorithm), a number of 64 bits.
    r"|[a-z_]+\d{0,3}(?:\.[a-z_]{2,}\d{0,2})+|0x[0-9a-f]{1,16}"
)
_PARTS = re.compile(r"[^A-Za-z0-9]+")
_MIN_ISSUED_PART = 8
_LETTERS, _DIGITS = "abcdefghijklmnopqrstuvwxyz", "0123456789"
_MAX_CONTEXT, _MAX_NAME, _MAX_CHARS = 100, 30, 2000


def random_value_shapes() -> list[Shape]:
    """After a telling word; assigned to a name; alone after a name; behind a mark."""
    not_hex, any_value = _long_check(allow_hex=False), _long_check(allow_hex=True)
    name = r"[A-Za-z_]{3,40}[0-9]{0,2}"
    line = rf"(?m)^[ \t]*[A-Za-z_.-]{{3,40}}[ \t]+{_LONG}[ \t]*$"
    mark = rf"\b(?:[A-Za-z][A-Za-z0-9]{{1,9}}_|[A-Z]{{2,6}}-){_LONG}{_CLOSES}"
    return [
        Shape(
            entity="SECRET",
            rule="random-after-telling-word",
            pattern=rf"{_WORD}(?:(?:[^a-z\n][^\n]{{0,60}}?)?{OPENS}|[-_.]{{1,2}})(?P<v>{_RUN})",
            trigger=rf"{_WORD}[^\n]*{_OPENS_IN_LINE}[A-Za-z0-9][A-Za-z0-9+/_.~-]{{14}}",
            check=_is_token,
            score=0.6,
        ),
        _long("random-assigned", rf"{name}{_ASSIGNS}{_LONG}{_CLOSES}", not_hex),
        _long("random-after-name", line, not_hex),
        _long("random-behind-mark", mark, any_value),
    ]


def is_sample(value: str) -> bool:
    """True for an issued pseudonym, an alphabet, and what documentation shows for a secret."""
    head = value[:_MAX_CHARS]
    is_shown = _SAMPLE.match(head) is not None
    return is_issued_secret(value) or _is_alphabet(head) or is_shown


def _holds_issued(value: str) -> bool:
    """A pseudonym behind a mark that is now taken for a part of the value."""
    parts = [part for part in _PARTS.split(value) if len(part) >= _MIN_ISSUED_PART]
    return any(map(is_issued_secret, parts))


def _is_alphabet(value: str) -> bool:
    """Every letter and every digit once, as code lists the characters it allows."""
    has_all = _LETTERS in value.lower() and _DIGITS in value
    return has_all and len(set(value)) == len(value)


def _long(rule: str, pattern: str, check: Check) -> Shape:
    return Shape(
        entity="SECRET",
        rule=rule,
        pattern=pattern,
        trigger=_LONG_TRIGGER,
        check=check,
        score=0.6,
    )


def _is_token(text: str, start: int, end: int) -> bool:
    value = text[start:end]
    before = text[max(0, start - _MAX_CONTEXT) : start].rpartition("\n")[2]
    is_called = text[end : end + 1] == "("
    return (
        not is_called
        and not is_sample(value)
        and not _holds_issued(value)
        and looks_random(value)
        and _NAMED_THING.fullmatch(value[:_MAX_CHARS]) is None
        and _PUBLIC.search(before) is None
    )


def _long_check(*, allow_hex: bool) -> Check:
    def check(text: str, start: int, end: int) -> bool:
        value, before = text[start:end], text[max(0, start - _MAX_NAME) : start]
        return (
            (allow_hex or _HEX.fullmatch(value) is None)
            and sum(char.isdigit() for char in value) > 1
            and not value.isdigit()
            and not is_sample(value)
            and not _holds_issued(value)
            and entropy_bits(value) >= _MIN_LONG_BITS
            and looks_random(value, _MIN_LONG_CHARS)
            and _COMPARED.search(before) is None
            and _PUBLIC.search(before) is None
        )

    return check
