"""The anonymizer of one repository. In: text, paths, identities. Out: the same, anonymized.

    anonymizer = TextAnonymizer(AnonymizeConfig(), key, identities)
    anonymizer.text("# Jane Doe <jane@corp.io>")
        ->  "# Birch Dunmarrow-3f2a9c1b <user-3f2a9c1b77d0a1c2@example.com>"
    anonymizer.take_findings()  ->  Counter({("PERSON", "seed"): 1, ("EMAIL_ADDRESS", "seed"): 1})

A text keeps its number of lines. Seeds and shapes are replaced the same way wherever a line stands;
values by assignment and names are found in whole texts, with the syntax around them.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from schemas.discussion import Identity
from schemas.errors import RowError
from schemas.reasons import Reason
from transforms.anonymize.assignments import find_assigned
from transforms.anonymize.code_names import CodeNames
from transforms.anonymize.config import AnonymizeConfig
from transforms.anonymize.encoded import replace_encoded
from transforms.anonymize.engine import Analyzer, Detectors
from transforms.anonymize.identities import IdentityLike, is_bot_email, is_shared_email
from transforms.anonymize.names import find_names
from transforms.anonymize.operators import Operators
from transforms.anonymize.people import People
from transforms.anonymize.pieces import pieces
from transforms.anonymize.private_keys import replace_private_keys
from transforms.anonymize.pseudonyms import Pseudonyms, is_issued
from transforms.anonymize.quasi_identifiers import sha_spans
from transforms.anonymize.recent import Recent
from transforms.anonymize.renames import draw_stems
from transforms.anonymize.replacements import Replacements
from transforms.anonymize.seeds import Seed, Seeds
from transforms.anonymize.spans import Found, Span, resolve
from transforms.anonymize.survey import Survey
from transforms.language_names import PROSE_LANGUAGES

_ASSIGNED_SCORE = 0.6
_NAME_SCORE = 0.5
_SHA_SCORE = 0.4
_NOTHING_KNOWN = Survey()
_RECENT_CHARS = 4_000_000
_MAX_DEPTH = 3
"""Encodings inside of encodings that are looked into."""


class TextAnonymizer:
    """Replaces people, secrets and code names under one key. The key has at least 32 bytes."""

    def __init__(
        self,
        config: AnonymizeConfig,
        key: bytes,
        identities: Iterable[IdentityLike] | People,
        detectors: Detectors | None = None,
        survey: Survey = _NOTHING_KNOWN,
    ) -> None:
        detectors = detectors or Detectors(config)
        deny_list = tuple(dict.fromkeys((*config.deny_list, *survey.code_names)))
        self._config = config
        self._people = (
            identities
            if isinstance(identities, People)
            else People(identities, config.keep_names, named_in_files=survey.people)
        )
        stems = draw_stems(deny_list, Pseudonyms(key), set(survey.stems))
        self._seeds = Seeds(self._people, deny_list, stems)
        self._pseudonyms = Pseudonyms(key)
        self._code_names = CodeNames(deny_list, key, stems)
        self._analyzer = Analyzer(detectors, self._seeds, survey.secrets)
        self._replacements = {
            identifier_like: Operators(
                Replacements(
                    self._people, self._seeds, self._pseudonyms, identifier_like=identifier_like
                ).pseudonym,
                detectors.operators,
            )
            for identifier_like in (False, True)
        }
        self._findings: Counter[tuple[str, str]] = Counter()
        self._recent_texts = Recent[tuple[str, Counter[tuple[str, str]]]](_RECENT_CHARS)
        self._recent_spans = Recent[list[Span]](_RECENT_CHARS)
        self._recent_pieces = Recent[list[Found]](_RECENT_CHARS)

    def text(
        self, text: str, *, prose: bool = False, identifier_like: bool = False, language: str = ""
    ) -> str:
        """The text with as many lines. `prose`: also @mentions and sign-offs.

        `identifier_like` gives names and e-mails the form of an identifier, for code that does not
        parse with the usual form; such a second attempt is not counted among the findings.
        `language` is the name of the language of code.
        """
        key = (text, prose, identifier_like, language)
        known = self._recent_texts.get(key)
        if known is None:
            earlier, self._findings = self._findings, Counter()
            try:
                fresh = self._clean(text, prose, identifier_like, language, _MAX_DEPTH)
                known = fresh, self._findings
            finally:
                self._findings = earlier
            self._recent_texts.put(key, len(text) + len(fresh), known)
        fresh, found = known
        self._findings.update(found)
        return fresh

    def find(self, text: str, *, prose: bool = False, language: str = "") -> Sequence[Span]:
        """What is replaced outside of encodings and private keys: disjoint, in order."""
        key = (text, prose, language)
        spans = self._recent_spans.get(key)
        if spans is None:
            spans = self._find(text, prose, language)
            self._recent_spans.put(key, len(text), spans)
        return spans

    def _find(self, text: str, prose: bool, language: str) -> list[Span]:
        found = self._by_line(text, prose)
        found += [
            Found(start, end, "SECRET", _ASSIGNED_SCORE, rule)
            for start, end, rule in find_assigned(text, language)
        ]
        if language and not prose and self._config.find_names and self._config.names_in_code:
            found += self._names(text, language)
        kept = self._config.keep_entities
        return resolve((one for one in found if one.entity not in kept), text)

    def _by_line(self, text: str, prose: bool) -> list[Found]:
        """What lines tell by themselves; most pieces of a text have come before."""
        if self._config.extra_recognizers:
            # Recognizers of the user's own see whole texts.
            return self._in_piece(text, prose)
        found: list[Found] = []
        for start, piece in pieces(text):
            part = self._recent_pieces.get((piece, prose))
            if part is None:
                part = self._in_piece(piece, prose)
                self._recent_pieces.put((piece, prose), len(piece), part)
            found += [one._replace(start=one.start + start, end=one.end + start) for one in part]
        return found

    def _in_piece(self, text: str, prose: bool) -> list[Found]:
        found = self._analyzer.find(text, prose=prose)
        if prose and self._config.find_names:
            found += self._names(text, "")
        if prose and self._config.commit_shas == "pseudonym":
            found += [
                Found(start, end, "COMMIT_SHA", _SHA_SCORE, "commit-sha")
                for start, end in sha_spans(text)
            ]
        return found

    def _names(self, text: str, language: str) -> list[Found]:
        return [
            Found(start, end, "PERSON", _NAME_SCORE, "name")
            for start, end in find_names(text, language)
            if not self._people.is_kept(text[start:end])
        ]

    def take_findings(self) -> Counter[tuple[str, str]]:
        """(entity, rule) -> how many were replaced since the last call."""
        taken, self._findings = self._findings, Counter()
        return taken

    def secrets(self, text: str, language: str = "") -> set[str]:
        """Secrets of a file that may be quoted elsewhere, where nothing tells what they are."""
        spans = self.find(text, prose=language in PROSE_LANGUAGES, language=language)
        values = {text[span.start : span.end] for span in spans if span.entity == "SECRET"}
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
        return "/".join(
            part and self._fill(part, self.find(part), False) for part in path.split("/")
        )

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

    def _clean(
        self, text: str, prose: bool, identifier_like: bool, language: str, depth: int
    ) -> str:
        """Private keys, then encoded values, then what stands there as plain text."""

        def clean(plain: str) -> str:
            return self._clean(plain, False, identifier_like, "", depth - 1)

        fresh = text
        if "SECRET" not in self._config.keep_entities:
            fresh = replace_private_keys(fresh, self._pseudonyms)
            if fresh != text and not identifier_like:
                self._findings["SECRET", "private-key"] += 1
        if self._config.decode and depth > 0:
            fresh = replace_encoded(fresh, clean)
        fresh = self._fill(fresh, self.find(fresh, prose=prose, language=language), identifier_like)
        if fresh.count("\n") != text.count("\n"):
            detail = f"{text.count(chr(10)) + 1} lines"
            raise RowError(Reason.ANONYMIZATION_CHANGED_LINES, detail)
        return fresh

    def _fill(self, text: str, spans: Iterable[Span], identifier_like: bool) -> str:
        parts: list[str] = []
        position = 0
        for span in spans:
            value = text[span.start : span.end]
            fresh = self._replacements[identifier_like].replace(span.entity, value)
            parts += [text[position : span.start], fresh, "\n" * value.count("\n")]
            position = span.end
            if fresh != value and not identifier_like:
                self._findings[span.entity, span.rule] += 1
        return "".join([*parts, text[position:]])
