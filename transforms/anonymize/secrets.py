"""Secrets: formats that services issue, credentials in URLs, values assigned to telling names.

    secret_recognizer(config)   finds the body of "ghp_..." and leaves the prefix, the password in
                                "postgres://app:PASSWORD@db/", the literal in api_key = "LITERAL"

Private key blocks are the one secret of several lines; see `private_keys`. The group "v" of each
pattern is what gets replaced.
"""

import math
import re
from collections import Counter

from transforms.anonymize import checks
from transforms.anonymize.config import AnonymizeConfig
from transforms.anonymize.pseudonyms import is_issued_secret
from transforms.anonymize.recognizers import Shape, ShapeRecognizer

# (pattern, trigger); formats as their services document them.
_FORMATS = [
    (r"(?:AKIA|ASIA|ABIA|ACCA|AIDA|AROA)(?P<v>[A-Z0-9]{16})", "A[KSBCIR][IC]A[A-Z0-9]{9}"),
    (r"gh[pousr]_(?P<v>[A-Za-z0-9]{36,255})", "gh[pousr]_[A-Za-z0-9]{9}"),
    (r"github_pat_(?P<v>[A-Za-z0-9_]{22,255})", "github_pat_"),
    (r"gl(?:pat|dt|rt|cbt|ptt|soat)-(?P<v>[A-Za-z0-9_-]{20,})", "gl(?:pat|dt|rt|cbt|ptt|soat)-"),
    (r"xox[abeoprs]-(?P<v>[A-Za-z0-9-]{10,})", "xox[abeoprs]-"),
    (r"hooks\.slack\.com/services/(?P<v>T[A-Za-z0-9_/]{20,})", r"hooks\.slack\.com/services/T"),
    (r"[rs]k_(?:live|test)_(?P<v>[A-Za-z0-9]{16,})", "[rs]k_(?:live|test)_"),
    (r"whsec_(?P<v>[A-Za-z0-9+/]{24,})", "whsec_"),
    (r"AIza(?P<v>[A-Za-z0-9_-]{35})", "AIza[A-Za-z0-9_-]{9}"),
    (r"GOCSPX-(?P<v>[A-Za-z0-9_-]{28})", "GOCSPX-"),
    (r"ya29\.(?P<v>[A-Za-z0-9_-]{20,})", r"ya29\."),
    (r"npm_(?P<v>[A-Za-z0-9]{36})", "npm_[A-Za-z0-9]{9}"),
    (r"pypi-(?P<v>[A-Za-z0-9_-]{50,})", "pypi-[A-Za-z0-9_-]{9}"),
    (r"SG\.(?P<v>[A-Za-z0-9_-]{22}\.[A-Za-z0-9_-]{43})", r"SG\.[A-Za-z0-9_-]{9}"),
    (r"(?:AC|SK)(?P<v>[0-9a-f]{32})", "(?:AC|SK)[0-9a-f]{9}"),
    (r"sk-(?:ant-|proj-)?(?P<v>[A-Za-z0-9_-]{32,})", "sk-[A-Za-z0-9_-]{9}"),
    (r"hf_(?P<v>[A-Za-z0-9]{34})", "hf_[A-Za-z0-9]{9}"),
    (r"do[opr]_v1_(?P<v>[0-9a-f]{64})", "do[opr]_v1_"),
    (r"AccountKey=(?P<v>[A-Za-z0-9+/]{80,}={0,2})", "AccountKey="),
    (r"eyJ(?P<v>[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]+)", r"\.eyJ"),
]
_URL = r"[A-Za-z][A-Za-z0-9+.-]{0,20}://"
_NAMES = (
    "passw(?:or)?d|passwd|pwd|passphrase|passcode|secret|token|credential|api_?-?key|apikey"
    "|access_?-?key|secret_?-?key|private_?-?key|auth_?-?key|signing_?-?key|encryption_?-?key"
    "|account_?-?key|connection_?-?string"
)
_NAME = rf"(?:{_NAMES})s?[0-9]?"
_TRIGGER = rf"""(?i){_NAME}["'\]]*[ \t]*[=:,(]"""
_ANNOTATION = r"(?:[ \t]*:[ \t]*[\w.\[\]| ]{1,60})?"
_QUOTED = rf"""(?i){_NAME}["'\]]*{_ANNOTATION}[ \t]*(?:=>|:=|[=:,(])[ \t]*[rbuf]{{0,2}}"""
_TEMPLATE = re.compile(
    r"(?i)[<\[{(%$*].*|.*[>\]})*]|.*(?:\$\{|\{\{|\$\(|%\(|://|\.\.\.).*|x+|test[0-9]*"
    r"|.*(?:example|sample|dummy|change_?me|placeholder|redacted|todo|fixme|xxx|foobar|getenv).*"
)
# Words that make a value without digits or marks a name or a message, not a secret.
_TELLING = re.compile(
    r"(?i)passw(?:or)?d|passwd|secret|token|your|insert|default|testing|undefined|optional"
    r"|required|api.?key|^(?:none|null|true|false|string|foo|bar|baz|python)$"
)
_IDENTIFIER = re.compile(
    r"[A-Za-z]+[0-9]{0,2}(?:[-_. ][A-Za-z]+[0-9]{0,2})+|[A-Z][a-z]+[A-Z][A-Za-z]*[0-9]?"
)
_MIN_FORMAT_BITS = 2.2
_MIN_CREDENTIAL_CHARS = 3
_USERS = "admin app db git guest mysql name postgres redis root test user username x-access-token"
_GENERIC_USERS = frozenset(_USERS.split())


def entropy_bits(text: str) -> float:
    """Shannon entropy of the characters, in bits per character."""
    counts = Counter(text).values()
    return -sum(count / len(text) * math.log2(count / len(text)) for count in counts)


def is_placeholder(value: str) -> bool:
    """True for templates, samples and words that say "put your secret here"."""
    if _TEMPLATE.fullmatch(value):
        return True
    return re.search(r"[^A-Za-z_. -]", value) is None and _TELLING.search(value) is not None


def secret_recognizer(config: AnonymizeConfig) -> ShapeRecognizer:
    """All secrets of one line."""
    return ShapeRecognizer("SecretRecognizer", secret_shapes(config))


def secret_shapes(config: AnonymizeConfig) -> list[Shape]:
    """Issued formats, URL credentials, Authorization headers, assignments."""
    return [*_format_shapes(), *_url_shapes(), *_assignment_shapes(config)]


def _format_shapes() -> list[Shape]:
    return [
        Shape(entity="SECRET", pattern=rf"\b{pattern}", trigger=trigger, check=_is_random)
        for pattern, trigger in _FORMATS
    ]


def _url_shapes() -> list[Shape]:
    return [
        Shape(
            entity="SECRET",
            pattern=rf"{_URL}[^\s:/@\"'`<>]{{0,99}}:(?P<v>[^\s/@\"'`<>]{{1,200}})@[A-Za-z0-9\[]",
            trigger=r"://[^\s/@]*:[^\s/@]+@",
            check=_is_credential,
        ),
        Shape(
            entity="LOGIN",
            pattern=rf"{_URL}(?P<v>[A-Za-z0-9._-]{{1,99}}):[^\s/@\"'`<>]{{1,200}}@[A-Za-z0-9\[]",
            trigger=r"://[^\s/@]*:[^\s/@]+@",
            check=_is_user,
        ),
        Shape(
            entity="SECRET",
            pattern=r"(?i)authorization[\"']?[ \t]*[:=,][ \t]*[\"']?(?:basic|bearer|token)[ \t]+"
            r"(?P<v>[A-Za-z0-9_+/.-]{8,}=*)",
            trigger="(?i)authorization",
            check=_is_random,
        ),
    ]


def _assignment_shapes(config: AnonymizeConfig) -> list[Shape]:
    is_secret = _assigned_check(config)
    quotes = {"double": r'"(?P<v>[^"\\\n]{1,400})"', "single": r"'(?P<v>[^'\\\n]{1,400})'"}
    quoted = [
        Shape(
            entity="SECRET", pattern=_QUOTED + literal, trigger=_TRIGGER, check=is_secret, score=0.6
        )
        for literal in quotes.values()
    ]
    # Connection strings: "Server=db;Password=...;"
    keyed = r"(?i)(?:password|pwd|accountkey)[ \t]*=[ \t]*(?P<v>[^\s;\"'\\(),]{1,400})[ \t]*[;\"']"
    # A whole line NAME=value of .env, INI, properties and YAML files.
    bare = (
        rf"(?im)^[ \t#;/-]*(?:export[ \t]+|set[ \t]+|env[ \t]+)?[\w.-]*{_NAME}[ \t]*[=:][ \t]*"
        r"(?P<v>[^\s\"'`()\[\]{},;\\]+)[ \t]*(?:#[^\n]*)?\r?$"
    )
    return [
        *quoted,
        Shape(entity="SECRET", pattern=keyed, trigger=_TRIGGER, check=is_secret, score=0.6),
        Shape(
            entity="SECRET",
            pattern=bare,
            trigger=_TRIGGER,
            check=lambda text, start, end: (
                _is_bare_secret(text, start, end) and is_secret(text, start, end)
            ),
            score=0.6,
        ),
    ]


def _assigned_check(config: AnonymizeConfig) -> checks.Check:
    def check(text: str, start: int, end: int) -> bool:
        value = text[start:end]
        return (
            len(value) >= config.min_secret_chars
            and " " not in value
            and not is_issued_secret(value)
            and not is_placeholder(value)
            and not _IDENTIFIER.fullmatch(value)
            and entropy_bits(value) >= config.min_secret_bits
            and (not value.isalpha() or _is_password_of(text, start))
        )

    return check


def _is_password_of(text: str, start: int) -> bool:
    """True where a password is assigned, not listed or passed: that may be a plain word."""
    name = text[max(0, start - 40) : start].rpartition("\n")[2]
    return re.search(r"(?i)(?:pass|pwd)[^,(]*$", name) is not None


def _is_bare_secret(text: str, start: int, end: int) -> bool:
    """Without quotes a value must look random, or its name must be upper case: DB_PASSWORD=..."""
    value = text[start:end]
    name = text[text.rfind("\n", 0, start) + 1 : start].split("=")[0].split()
    if name and name[-1].isupper() and text[start - 1] == "=":
        return True
    num_digits = sum(char.isdigit() for char in value)
    is_word = re.fullmatch(r"[\w.]*", value) is not None and len(re.findall(r"\d+", value)) < 3
    is_likely = not is_word or (num_digits > 1 and _is_password_of(text, start))
    return num_digits > 0 and any(char.isalpha() for char in value) and is_likely


def _is_random(text: str, start: int, end: int) -> bool:
    value, after = text[start:end], text[end : end + 1]
    is_sample = is_issued_secret(value) or value.endswith("EXAMPLE")
    return not is_sample and not after.isalnum() and entropy_bits(value) > _MIN_FORMAT_BITS


def _is_user(text: str, start: int, end: int) -> bool:
    value = text[start:end].lower()
    return len(value) >= _MIN_CREDENTIAL_CHARS and value not in _GENERIC_USERS


def _is_credential(text: str, start: int, end: int) -> bool:
    value = text[start:end]
    is_sample = is_issued_secret(value) or is_placeholder(value) or value == "pass"
    return len(value) >= _MIN_CREDENTIAL_CHARS and not is_sample
