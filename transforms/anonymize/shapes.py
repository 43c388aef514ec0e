"""The shapes of personal values: addresses, numbers, hosts, handles. In: config. Out: recognizers.

    value_recognizer(config)   addresses, numbers, hosts inside a network, employee ids
    prose_recognizer()         @mentions and sign-offs, in titles, bodies and messages only

Telephone numbers and cards need separators or a leading "+": a bare run of digits is code.
"""

import re

from transforms.anonymize import checks
from transforms.anonymize.config import AnonymizeConfig
from transforms.anonymize.recognizers import Shape, ShapeRecognizer
from transforms.anonymize.words import decorator_words

# Letters of Latin, Greek and Cyrillic; repetitions are bounded as RFC 5321 bounds them.
_LETTER = r"A-Za-z0-9_%+\x{C0}-\x{24F}\x{370}-\x{52F}-"
_LOCAL = rf"[.{_LETTER}]{{0,63}}[{_LETTER}]"
_DOMAIN = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,62}[A-Za-z0-9])?"
_HANDLE = "[A-Za-z0-9](?:-?[A-Za-z0-9_]){0,38}"
_MAX_LINE = 500
_OWNED = re.compile(r"[^\s@#]*[/*.][^\s@]*")
_COMMENT = re.compile(r"\s#")
_TRAILERS = "co-authored-by|signed-off-by|reviewed-by|acked-by|tested-by|reported-by|suggested-by"


def value_shapes(config: AnonymizeConfig) -> list[Shape]:
    """Strongly shaped values, for code and prose alike."""
    email_check = checks.email_check(config.keep_emails)
    shapes = [
        Shape(
            entity="EMAIL_ADDRESS",
            pattern=rf"{_LOCAL}@(?:{_DOMAIN}\.){{1,8}}[A-Za-z]{{2,24}}",
            trigger=r"[^\s@]@[A-Za-z0-9][A-Za-z0-9.-]*\.[A-Za-z]",
            check=email_check,
        ),
        Shape(
            # A file named after an address: "keys/jane@corp.test.pub" keeps its ".pub".
            entity="EMAIL_ADDRESS",
            pattern=rf"(?P<v>{_LOCAL}@(?:{_DOMAIN}\.){{1,8}}[A-Za-z]{{2,24}})\.[A-Za-z0-9]{{2,5}}\b",
            trigger=r"[^\s@]@[A-Za-z0-9][A-Za-z0-9.-]*\.[A-Za-z]",
            check=email_check,
        ),
        Shape(
            entity="IP_ADDRESS",
            pattern=r"[0-9]{1,3}(?:\.[0-9]{1,3}){3}",
            trigger=r"[0-9]\.[0-9]{1,3}\.[0-9]{1,3}\.[0-9]",
            check=checks.ip_check(config.keep_private_ips),
        ),
        Shape(
            entity="IP_ADDRESS",
            pattern=r"[0-9A-Fa-f]{1,4}:[0-9A-Fa-f:]{0,36}[0-9A-Fa-f]",
            trigger=r"[0-9A-Fa-f]:[0-9A-Fa-f]*:[0-9A-Fa-f]",
            check=checks.ip_check(config.keep_private_ips),
        ),
        Shape(
            entity="MAC_ADDRESS",
            pattern=r"(?:[0-9A-Fa-f]{2}:){5}[0-9A-Fa-f]{2}|(?:[0-9A-Fa-f]{2}-){5}[0-9A-Fa-f]{2}",
            trigger=r"(?:[0-9A-Fa-f]{2}[:-]){4}[0-9A-Fa-f]",
            check=checks.is_mac,
        ),
        Shape(
            entity="CREDIT_CARD",
            pattern=r"[2-6](?:[ -]?[0-9]){12,18}",
            trigger=r"[2-6][0-9]{3}[ -]?[0-9]{4}[ -]?[0-9]",
            check=checks.is_card,
            shrinks=True,
        ),
        Shape(
            entity="IBAN_CODE",
            pattern=r"[A-Z]{2}[0-9]{2}(?: ?[A-Z0-9]{4}){2,7}(?: ?[A-Z0-9]{1,3})?",
            trigger=r"[A-Z]{2}[0-9]{2} ?[A-Z0-9]{4} ?[A-Z0-9]",
            check=checks.is_iban,
            shrinks=True,
        ),
        Shape(
            entity="PHONE_NUMBER",
            pattern=r"\+[1-9][0-9]{0,3}[ .-]?(?:\([0-9]{1,4}\)[ .-]?)?[0-9](?:[ .-]?[0-9]){4,12}"
            r"|\(?[2-9][0-9]{2}\)?[ .-][2-9][0-9]{2}[ .-][0-9]{4}",
            trigger=r"\+[1-9][ .()0-9-]{7}|[0-9]\)?[ .-][2-9][0-9]{2}[ .-][0-9]{4}",
            check=checks.is_phone,
            shrinks=True,
        ),
        Shape(
            entity="US_SSN",
            pattern=r"[0-9]{3}-[0-9]{2}-[0-9]{4}",
            trigger=r"[0-9]-[0-9]{2}-[0-9]{4}",
            check=checks.is_ssn,
        ),
        Shape(
            entity="HOST",
            pattern=r"(?i)(?:[a-z0-9][a-z0-9-]{0,62}\.){2,8}(?:corp|lan|intranet)"
            r"|(?:://|@)(?P<v>(?:[a-z0-9][a-z0-9-]{0,62}\.){1,8}(?:internal|local|corp|lan|intranet))",
            trigger=r"(?i)\.(?:internal|local|corp|lan|intranet)",
            check=checks.is_internal_host,
        ),
    ]
    return [*shapes, _owner_shape(), *_employee_shapes(config.employee_id_pattern)]


def prose_shapes() -> list[Shape]:
    """Handles and signatures, for the prose of pull requests and issues."""
    return [
        Shape(
            entity="LOGIN",
            pattern=r"(?:^|[^\pL\pN_@/.`\\$-])@(?P<v>" + _HANDLE + ")",
            trigger="@[A-Za-z0-9]",
            check=_is_handle,
            score=0.5,
        ),
        Shape(
            entity="LOGIN",
            pattern=r"(?i)merge pull request #[0-9]+ from (?P<v>[a-z0-9-]+)/",
            trigger="(?i)pull request #[0-9]",
            check=checks.always,
            score=0.5,
        ),
        Shape(
            entity="LOGIN",
            pattern="username_[0-9]+",
            trigger="username_[0-9]",
            check=checks.always,
            score=0.5,
        ),
        Shape(
            entity="PERSON",
            pattern=rf"(?i)(?:{_TRAILERS}):[ \t]*(?P<v>[^<>\"\n]{{0,99}}[^<>\"\s])[ \t]*<[^<>\s]+@",
            trigger="(?i)-by:",
            check=lambda text, start, end: True,
            score=0.5,
        ),
    ]


def value_recognizer(config: AnonymizeConfig) -> ShapeRecognizer:
    """The recognizer of `value_shapes`."""
    return ShapeRecognizer("ValueRecognizer", value_shapes(config))


def prose_recognizer() -> ShapeRecognizer:
    """The recognizer of `prose_shapes`."""
    return ShapeRecognizer("ProseRecognizer", prose_shapes())


def _owner_shape() -> Shape:
    """Handles in a line of a CODEOWNERS file, "/docs  @jdoe jane@corp.test"."""

    def check(text: str, start: int, end: int) -> bool:
        line = _line_of(text, start, end)
        return _is_owner_line(line) and _is_handle(text, start, end)

    return Shape(
        entity="LOGIN",
        pattern=rf"[ \t]@(?P<v>{_HANDLE})",
        trigger=r"[/*.][^\s@]*[ \t]+@[A-Za-z0-9]",
        check=check,
        score=0.5,
    )


def _is_owner_line(line: str) -> bool:
    """A path or a pattern of paths from the first column on, then words with "@", a comment."""
    path, *owners = _COMMENT.split(line, maxsplit=1)[0].split() or [""]
    is_path = line.startswith(path) and _OWNED.fullmatch(path) is not None
    return is_path and bool(owners) and all("@" in owner[:-1] for owner in owners)


def _line_of(text: str, start: int, end: int) -> str:
    """The line around a span; "" where the line is too long to be looked at for each span."""
    line_start = text.rfind("\n", max(0, start - _MAX_LINE), start) + 1
    line_end = text.find("\n", end, end + _MAX_LINE)
    line_end = line_end if line_end >= 0 else len(text)
    is_whole = line_start > 0 or start <= _MAX_LINE
    return text[line_start:line_end] if is_whole and line_end - line_start < _MAX_LINE else ""


def _employee_shapes(pattern: str) -> list[Shape]:
    if not pattern:
        return []
    return [Shape(entity="EMPLOYEE_ID", pattern=pattern, trigger=pattern, check=checks.always)]


def _is_handle(text: str, start: int, end: int) -> bool:
    """A mention, not a decorator ("@app.route(..."), a package ("@babel/core") or an address."""
    word, after = text[start:end], text[end : end + 2]
    is_code = after[:1] in ("(", "/", "@", "`") or re.match(r"\.\w", after) is not None
    return (
        not is_code
        and not _is_decorator(text, start, end)
        and word.lower() not in decorator_words()
    )


def _is_decorator(text: str, start: int, end: int) -> bool:
    """Alone on its line in code that documentation shows; no GitHub account has an underscore."""
    line = _line_of(text, start, end)
    return "_" in text[start:end] and line.strip() == "@" + text[start:end]
