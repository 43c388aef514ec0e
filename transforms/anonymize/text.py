"""The anonymizer of one repository. In: text, paths, identities. Out: the same, anonymized.

    anonymizer = TextAnonymizer(AnonymizeConfig(), key, identities)
    anonymizer.text("# Jane Doe <jane@corp.io>")
        ->  "# Birch Dunmarrow-3f2a9c1b <user-3f2a9c1b77d0a1c2@example.com>"

A text keeps its number of lines. A line is replaced the same way wherever it stands and in every
file, private key blocks excepted; so a checkout, a patch and a comment stay consistent. Values
hidden in an encoding (base64, percent signs, HTML entities) or split over lines are not found.
"""

from collections.abc import Iterable, Iterator, Sequence

from presidio_analyzer import EntityRecognizer

from schemas.discussion import Identity
from schemas.errors import RowError
from schemas.reasons import Reason
from transforms.anonymize.code_names import CodeNames
from transforms.anonymize.config import AnonymizeConfig
from transforms.anonymize.engine import LANGUAGE, build_engine, shared_recognizers
from transforms.anonymize.numbers import NUMBER_ENTITIES, replace_number
from transforms.anonymize.people import IdentityLike, People, is_bot_email, is_shared_email
from transforms.anonymize.private_keys import replace_private_keys
from transforms.anonymize.pseudonyms import ISSUED, Pseudonyms, is_issued
from transforms.anonymize.recognizers import LineFilter
from transforms.anonymize.secrets import secret_shapes
from transforms.anonymize.seeds import Seed, Seeds
from transforms.anonymize.shapes import value_shapes
from transforms.anonymize.spans import Span, resolve


class Detectors:
    """What does not depend on a repository: build it once and share it among anonymizers."""

    def __init__(self, config: AnonymizeConfig) -> None:
        self.recognizers: list[EntityRecognizer] = shared_recognizers(config)
        shapes = [*value_shapes(config), *secret_shapes(config)]
        self.line_filter = LineFilter(sorted({shape.trigger for shape in shapes}))


class TextAnonymizer:
    """Replaces people, secrets and code names under one key. The key has at least 32 bytes."""

    def __init__(
        self,
        config: AnonymizeConfig,
        key: bytes,
        identities: Iterable[IdentityLike],
        detectors: Detectors | None = None,
    ) -> None:
        detectors = detectors or Detectors(config)
        self._people = People(identities, config.keep_names)
        self._seeds = Seeds(self._people, config.deny_list)
        self._pseudonyms = Pseudonyms(key)
        self._code_names = CodeNames(config.deny_list, key)
        self._line_filter = detectors.line_filter
        self._reads_all_lines = bool(config.extra_recognizers)
        self._engines = {
            prose: build_engine(config, self._seeds, detectors.recognizers, prose=prose)
            for prose in (False, True)
        }

    def text(self, text: str, *, prose: bool = False, identifier_like: bool = False) -> str:
        """The text with as many lines. `prose`: also @mentions and sign-offs.

        `identifier_like` gives names and e-mails the form of an identifier, for code that does not
        parse with the usual form.
        """
        text = replace_private_keys(text, self._pseudonyms)
        lines = text.split("\n")
        every_line = prose or self._reads_all_lines
        numbers = range(len(lines)) if every_line else self._suspicious_lines(text)
        if numbers:
            excerpt = "\n".join(lines[number] for number in numbers)
            changed = self._replace(excerpt, prose, identifier_like).split("\n")
            if len(changed) != len(numbers):
                raise RowError(Reason.ANONYMIZATION_CHANGED_LINES, f"{len(numbers)} lines")
            for number, line in zip(numbers, changed, strict=True):
                lines[number] = line
        return "\n".join(lines)

    def secrets(self, text: str) -> set[str]:
        """Secrets of a file that may be quoted elsewhere, where nothing tells what they are."""
        lines = text.split("\n")
        excerpt = "\n".join(lines[number] for number in self._suspicious_lines(text))
        spans = self._find(excerpt, False) if excerpt else []
        values = {excerpt[span.start : span.end] for span in spans if span.entity == "SECRET"}
        return {value for value in values if not value.isalpha()}

    def seeds(self, text: str) -> Iterator[Seed]:
        """The people and code names that are known, where they stand in the text."""
        return self._seeds.find(text)

    def without_secrets(self, text: str, secrets: Iterable[str]) -> str:
        """The text with given secrets replaced wherever they stand."""
        for secret in sorted(secrets, key=lambda value: (-len(value), value)):
            text = text.replace(secret, self._pseudonyms.secret(secret))
        return text

    def path(self, path: str) -> str:
        """The path with as many parts, none of them empty that was not."""
        return "/".join(part and self._replace(part, False, False) for part in path.split("/"))

    def code_names(self, text: str) -> str:
        """The text with names of the deny-list replaced and nothing else."""
        return self._code_names.replace(text)

    def identity(self, identity: Identity) -> Identity:
        """The identity's pseudonym. Bots and shared accounts (GitHub, root) stay as they are."""
        key = self._people.of_identity(identity.name, identity.email)
        name, email = identity.name, identity.email
        if not self._people.is_kept(name) and not is_issued(name):
            name = self._pseudonyms.person(name, key)
        if is_bot_email(email) or email.lower() == "noreply@github.com":
            return Identity(name=name, email=email)
        if email and not is_issued(email):
            owner = key if is_shared_email(email) else self._people.of_email(email)
            email = self._pseudonyms.email(owner)
        return Identity(name=name, email=email)

    def _suspicious_lines(self, text: str) -> Sequence[int]:
        found = self._line_filter.lines(text)
        line, position = 0, 0
        for seed in sorted(self._seeds.find(text), key=lambda seed: seed.start):
            line += text.count("\n", position, seed.start)
            position = seed.start
            found.add(line)
        return sorted(found)

    def _replace(self, text: str, prose: bool, identifier_like: bool) -> str:
        return self._fill(text, self._find(text, prose), identifier_like)

    def _find(self, text: str, prose: bool) -> list[Span]:
        results = self._engines[prose].analyze(text, language=LANGUAGE)
        return resolve(results, text, ISSUED)

    def _fill(self, text: str, spans: Iterable[Span], identifier_like: bool) -> str:
        parts: list[str] = []
        position = 0
        for span in spans:
            value = text[span.start : span.end]
            fresh = self._pseudonym(span.entity, value, identifier_like)
            parts += [text[position : span.start], fresh, "\n" * value.count("\n")]
            position = span.end
        return "".join([*parts, text[position:]])

    def _pseudonym(self, entity: str, value: str, identifier_like: bool) -> str:
        make, people = self._pseudonyms, self._people
        seed_key = self._seeds.key_of(entity, value)
        if entity == "PERSON":
            key = seed_key or people.of_name(value)
            return make.login(value, key) if identifier_like else make.person(value, key)
        if entity == "LOGIN":
            return make.login(value, seed_key or people.of_login(value))
        if entity == "EMAIL_ADDRESS":
            key = seed_key or people.of_email(value)
            return make.email(key, joint="_" if identifier_like else "-")
        if entity == "CODE_NAME":
            return make.code_name(value, seed_key or value)
        if entity in NUMBER_ENTITIES:
            return replace_number(entity, value, make)
        return self._opaque(entity, value)

    def _opaque(self, entity: str, value: str) -> str:
        makers = {
            "SECRET": self._pseudonyms.secret,
            "HOST": self._pseudonyms.host,
            "EMPLOYEE_ID": self._pseudonyms.employee,
        }
        make = makers.get(entity)
        return make(value) if make else self._pseudonyms.finding(entity, value)
