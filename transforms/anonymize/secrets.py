"""Secrets that one line tells. In: nothing. Out: shapes, for the engine.

    secret_shapes()         the body of "ghp_..." without its prefix, the password in
                            "postgres://app:PASSWORD@db/", in "curl -u app:PASSWORD"

Formats that services issue are in `secret_rules`, values beside a telling name in `assignments`,
private key blocks, the one secret of several lines, in `private_keys`. The group "v" of each
pattern is what gets replaced.
"""

from transforms.anonymize.placeholders import is_placeholder
from transforms.anonymize.pseudonyms import is_issued_secret
from transforms.anonymize.randomness import entropy_bits
from transforms.anonymize.recognizers import Shape
from transforms.anonymize.secret_rules import format_shapes

_URL = r"[A-Za-z][A-Za-z0-9+.-]{0,20}://"
_URL_TRIGGER = r"://[^\s/@]*:[^\s/@]+@"
_MIN_SEED_BITS = 2.2
_MIN_CREDENTIAL_CHARS = 3
_USERS = "admin app db git guest mysql name postgres redis root test user username x-access-token"
_GENERIC_USERS = frozenset(_USERS.split())
_USER_OPTION = r"(?:-u|-U|--user|--proxy-user)[ \t=]?[ \t]*[\"']?[\w.@+-]{1,60}:"
_ARGUMENTS = r"[^\n|;&]{0,200}?[ \t]"
# (rule, pattern, trigger): options that only their command makes telling.
_OPTIONS = [
    (
        "user-option",
        rf"(?:^|[\s\"']){_USER_OPTION}(?P<v>[^\s\"'`:<>$]{{3,100}})",
        _USER_OPTION,
    ),
    (
        "password-option",
        rf"\b(?:(?:mysql|mysqldump|mysqladmin|mariadb)\b{_ARGUMENTS}-p"
        rf"|(?:sshpass|docker login)\b{_ARGUMENTS}-p[ \t]?|redis-cli\b{_ARGUMENTS}-a[ \t]"
        rf"|ldap[a-z]+\b{_ARGUMENTS}-w[ \t])[\"']?(?P<v>[^\s\"'`<>$|;&-][^\s\"'`<>$|;&]{{3,99}})",
        r"(?:mysql|mysqldump|mysqladmin|mariadb|sshpass|docker login|redis-cli|ldap[a-z]+)[ \t]",
    ),
    (
        "openssl-password",
        r"-pass(?:in|out)?[ \t]+pass:(?P<v>[^\s\"'`$]{3,100})",
        r"-pass(?:in|out)?[ \t]+pass:",
    ),
]


def secret_shapes() -> list[Shape]:
    """Issued formats, credentials in URLs and in commands."""
    options = [
        Shape(entity="SECRET", rule=rule, pattern=pattern, trigger=trigger, check=_is_credential)
        for rule, pattern, trigger in _OPTIONS
    ]
    return [*format_shapes(), *_url_shapes(), _seed_shape(), *options]


def _url_shapes() -> list[Shape]:
    return [
        Shape(
            entity="SECRET",
            rule="url-password",
            pattern=rf"{_URL}[^\s:/@\"'`<>]{{0,99}}:(?P<v>[^\s/@\"'`<>]{{1,200}})@[A-Za-z0-9\[%{{$]",
            trigger=_URL_TRIGGER,
            check=_is_credential,
        ),
        Shape(
            entity="LOGIN",
            rule="url-user",
            pattern=rf"{_URL}(?P<v>[A-Za-z0-9._-]{{1,99}}):[^\s/@\"'`<>]{{1,200}}@[A-Za-z0-9\[]",
            trigger=_URL_TRIGGER,
            check=_is_user,
        ),
    ]


def _seed_shape() -> Shape:
    """A NATS seed: "S", the kind, a key and its checksum in base32; nats-io/nkeys documents it."""
    return Shape(
        entity="SECRET",
        rule="nats-seed",
        pattern=r"\bS(?P<v>[UAONCX][A-Z2-7]{56})\b",
        trigger=r"S[UAONCX][A-Z2-7]{9}[A-Z2-7]",
        check=_is_random,
    )


def _is_random(text: str, start: int, end: int) -> bool:
    value = text[start:end]
    return not is_issued_secret(value) and entropy_bits(value) > _MIN_SEED_BITS


def _is_user(text: str, start: int, end: int) -> bool:
    value = text[start:end].lower()
    return len(value) >= _MIN_CREDENTIAL_CHARS and value not in _GENERIC_USERS


def _is_credential(text: str, start: int, end: int) -> bool:
    value = text[start:end]
    is_sample = is_issued_secret(value) or is_placeholder(value)
    return len(value) >= _MIN_CREDENTIAL_CHARS and not is_sample
