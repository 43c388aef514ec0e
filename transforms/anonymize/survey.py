"""What the first pass over a repository finds for the second. In: rows of mine. Out: a `Survey`.

    Survey(repo="acme/shop", people=(Identity(name="Jane Doe", email=""),), secrets=("k2J9-xQ",))

A licence header names who holds a file, a settings file holds a password that a test quotes: what
one file tells must be replaced in all of them, so the whole repository is read before any row is.
A survey holds raw values, so it leaves memory only sealed under the key of the pseudonyms.
"""

import hashlib
import hmac
import json
import re
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from schemas.discussion import Identity
from schemas.errors import InputError
from schemas.tables import PullRequest, SourceFile
from transforms.anonymize.config import AnonymizeConfig
from transforms.anonymize.randomness import entropy_bits

if TYPE_CHECKING:
    from transforms.anonymize.text import TextAnonymizer

_MIN_SECRET_CHARS = 8
_MIN_SECRET_BITS = 2.8
"""A value that is looked for in every file must not be an everyday word: "passw0rd" has 2.75."""
# TLS_ECDHE_WITH_AES_128, x509.SignatureAlgorithm: names that stand in many files.
_NAME = re.compile(r"[A-Z0-9]+(?:_[A-Z0-9]+){2,}|[a-z0-9]+(?:_[a-z0-9]+){2,}|\w+(?:\.[A-Za-z]\w*)+")
_NONCE_BYTES = 24


@dataclass(frozen=True, kw_only=True)
class Survey:
    """Raw values of one repository; never written unsealed."""

    repo: str = ""
    people: tuple[Identity, ...] = ()
    """Persons that files name, besides those of the history; an unknown part is ""."""
    secrets: tuple[str, ...] = ()
    """Values that are looked for everywhere: those that are `is_unmistakable`."""
    code_names: tuple[str, ...] = ()
    """Names of packages, and words of code names that are folders or packages of their own."""
    stems: tuple[str, ...] = ()
    """What the repository has already that looks like an invented name."""


def merge(repo: str, surveys: Iterable[Survey]) -> Survey:
    """The survey of a repository: all values of all parts, each once, sorted."""
    parts = list(surveys)
    people = {(person.name, person.email) for part in parts for person in part.people}
    return Survey(
        repo=repo,
        people=tuple(Identity(name=name, email=email) for name, email in sorted(people)),
        secrets=tuple(sorted({value for part in parts for value in part.secrets})),
        code_names=tuple(sorted({name for part in parts for name in part.code_names})),
        stems=tuple(sorted({stem for part in parts for stem in part.stems})),
    )


class Surveyor:
    """The first pass over rows of one repository after the other.

    `anonymizer` needs to know no persons.
    """

    def __init__(self, anonymizer: "TextAnonymizer", config: AnonymizeConfig) -> None:
        from transforms.anonymize.code_names import CodeNameSurvey

        self._anonymizer, self._config = anonymizer, config
        self._words = CodeNameSurvey(config.deny_list)

    def source_file(self, row: SourceFile) -> Survey:
        """What a file at the head of the repository tells."""
        from transforms.anonymize.file_people import people_in_file
        from transforms.anonymize.package_names import package_names
        from transforms.anonymize.renames import issued_stems

        is_notice = row.is_vendored and self._config.keep_notices
        names = self._words.read(row.path) | self._words.read(row.text)
        if self._config.code_names_from_repository and not row.is_vendored:
            names |= set(package_names(row.path, row.text))
        return Survey(
            repo=row.repo,
            people=() if is_notice else tuple(people_in_file(row.path, row.text)),
            secrets=_unmistakable(self._anonymizer.secrets(row.text, row.language)),
            code_names=tuple(sorted(names)),
            stems=tuple(sorted(issued_stems(row.text))),
        )

    def pull_request(self, row: PullRequest) -> Survey:
        """Secrets that its patches add or remove, words of code names in its paths."""
        secrets: set[str] = set()
        names: set[str] = set()
        for change in row.files:
            lines = (line[1:] for line in change.patch.split("\n") if line[:1] in ("+", "-"))
            text = "\n".join(lines)
            secrets |= self._anonymizer.secrets(text, change.language)
            names |= self._words.read(change.path) | self._words.read(text)
        return Survey(
            repo=row.repo, secrets=_unmistakable(secrets), code_names=tuple(sorted(names))
        )


def is_unmistakable(secret: str) -> bool:
    """True when a secret stands for nothing else wherever it is met, so that it is replaced there.

    Others are replaced only where something tells what they are, such as an assignment.
    """
    return (
        len(secret) >= _MIN_SECRET_CHARS
        and not _NAME.fullmatch(secret)
        and any(map(str.isdigit, secret))
        and any(map(str.isalpha, secret))
        and entropy_bits(secret) >= _MIN_SECRET_BITS
    )


def _unmistakable(secrets: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(filter(is_unmistakable, secrets)))


def seal(survey: Survey, key: bytes) -> bytes:
    """The survey as bytes that only the key opens; equal surveys give equal bytes."""
    from nacl.secret import SecretBox

    people = [[person.name, person.email] for person in survey.people]
    values = [survey.repo, people, survey.secrets, survey.code_names, survey.stems]
    plain = zlib.compress(json.dumps(values).encode())
    # A nonce made of the content repeats only with the content, as in RFC 8452.
    nonce = hmac.new(key, b"survey nonce\0" + plain, hashlib.sha256).digest()[:_NONCE_BYTES]
    return bytes(SecretBox(_box_key(key)).encrypt(plain, nonce))


def unseal(sealed: bytes, key: bytes) -> Survey:
    """The survey. Raises InputError for another key's, or for damaged bytes."""
    from nacl.exceptions import CryptoError
    from nacl.secret import SecretBox

    try:
        plain = SecretBox(_box_key(key)).decrypt(sealed)
    except CryptoError:
        raise InputError(
            "a survey does not open with this anonymize.key; run anonymize again"
        ) from None
    repo, people, secrets, code_names, stems = json.loads(zlib.decompress(plain))
    return Survey(
        repo=repo,
        people=tuple(Identity(name=name, email=email) for name, email in people),
        secrets=tuple(secrets),
        code_names=tuple(code_names),
        stems=tuple(stems),
    )


def _box_key(key: bytes) -> bytes:
    return hmac.new(key, b"katydid survey", hashlib.sha256).digest()
