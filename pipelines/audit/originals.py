"""Original values, from mine's rows. In: a shard of mine. Out: (entity, value, origin) triples.

    CollectOriginals(run_path, config, key, people)(shard)
        ->  {("EMAIL_ADDRESS", "jane@corp.test", "history"), ("SECRET", "kJ8...", "detected"), ...}

Origins: "history" (identities, authors, committers, reviewers, the deny-list), "files" (persons
whom files name), "stock" (what Presidio's recognizers find), "detected" (what the anonymizer's own
detectors find) and "assigned" (a weak secret that they find only by what stands around it). All but
"history" and "stock" depend on what is being tested.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from pipelines.audit.kept import Kept, why_common
from pipelines.audit.stock import StockRecognizers
from pipelines.audit.texts import NewTexts, Text, texts_of
from pipelines.stages import leave_out_models
from schemas.discussion import Identity
from schemas.folder import open_folder
from schemas.manifest import Shard, read_shard
from transforms.anonymize.config import AnonymizeConfig
from transforms.anonymize.identities import canonical_email, is_distinctive
from transforms.anonymize.survey import Survey, is_unmistakable

if TYPE_CHECKING:
    from transforms.anonymize.text import TextAnonymizer

ORIGINS = ("history", "files", "stock", "detected", "assigned")
"""Where two give the same value, the first counts."""
Original = tuple[str, str, str]


class Wanted(NamedTuple):
    """What a value to look for is."""

    entity: str
    origin: str
    repos: frozenset[str] = frozenset()
    """Repositories, as delivered, in whose rows it is looked for; none: everywhere."""


_NAME_PARTS = re.compile(r"[^\W_]+")
_JOINTS = ("", " ", "_", "-", ".", "/")
_MIN_FREE_CHARS = 8
_MIN_LINE_CHARS = 16
_MAX_CHARS = 400


class CollectOriginals:
    """One worker's detectors, and an anonymizer per repository."""

    def __init__(
        self,
        run_path: str,
        config: AnonymizeConfig,
        key: bytes,
        people: Mapping[str, Sequence[Identity]],
    ) -> None:
        leave_out_models(config)
        from transforms.anonymize.engine import Detectors

        self._folder = open_folder(run_path).child("mine")
        self._config, self._key = config, key
        self._detectors = Detectors(config)
        self._stock = StockRecognizers(phones=False)
        self._people = people
        self._anonymizers: dict[str, TextAnonymizer] = {}

    def __call__(self, shard: Shard) -> set[Original]:
        """The values of a shard of `pull_requests` or `source_files`."""
        found: set[Original] = set()
        new = NewTexts()
        for batch in read_shard(self._folder, shard):
            for row in batch.to_pylist():
                found.update(_of_identities(people_of(shard.table, row)))
                for text in new.pick(texts_of(shard.table, row)):
                    found.update(self._in_text(text, self._anonymizer(row["repo"])))
        return {original for entry in found for original in _pieces(*entry)}

    def _in_text(self, text: Text, anonymizer: "TextAnonymizer") -> Iterator[Original]:
        for span in anonymizer.find(text.text, prose=text.is_prose, language=text.language):
            # Code names are known; a span of one may be but a part of it.
            value = text.text[span.start : span.end]
            if span.entity == "SECRET":
                yield "SECRET", value, origin_of_secret(value, anonymizer)
            elif span.entity != "CODE_NAME":
                yield span.entity, value, "detected"
        for rule, value, _ in self._stock.find(text.text):
            yield rule, value, "stock"
        yield from (("SECRET", body, "detected") for body in _private_keys(text.text))

    def _anonymizer(self, repo: str) -> "TextAnonymizer":
        if repo not in self._anonymizers:
            from transforms.anonymize.text import TextAnonymizer

            people = self._people.get(repo, [])
            self._anonymizers[repo] = TextAnonymizer(
                self._config, self._key, people, self._detectors
            )
        return self._anonymizers[repo]


def origin_of_secret(value: str, anonymizer: "TextAnonymizer") -> str:
    """ "assigned" when neither the first pass carries it to other files nor its format tells it."""
    if is_unmistakable(value) or any(span.entity == "SECRET" for span in anonymizer.find(value)):
        return "detected"
    return "assigned"


def people_of(table: str, row: dict[str, Any]) -> Iterator[Identity]:
    """Everyone whom a pull request names in a field of its own, in the order of the fields."""
    if table == "pull_requests":
        for part in (row, *row["commits"], *row["events"]):
            yield Identity(name=part["author"]["name"], email=part["author"]["email"])


def known_originals(
    people: Mapping[str, Sequence[Identity]], deny_list: Iterable[str], surveys: Iterable[Survey]
) -> Iterator[Original]:
    """What is known without reading texts: the history, the settings, what the first pass found."""
    for members in people.values():
        yield from _of_identities(members)
    yield from _of_names(deny_list)
    for survey in surveys:
        yield from _of_identities(survey.people, "files")
        yield from (("SECRET", value, "detected") for value in survey.secrets)


def _why_ambiguous(entity: str, value: str, origin: str) -> str:
    """A word that only its place made a name, login or secret is other things elsewhere."""
    if entity == "COMMIT_SHA":
        return "a commit, replaced in prose and in lists of commits"
    if origin == "files" and entity == "LOGIN":
        return "an account that only a file names"
    if origin == "assigned":
        return "a weak secret, replaced only where it is assigned"
    is_word = origin == "detected" and value.isalpha()
    if is_word and (entity == "PERSON" or (entity == "LOGIN" and len(value) < _MIN_FREE_CHARS)):
        return "one word, a name only by its place"
    is_one_word = entity == "PERSON" and origin == "detected" and " " not in value
    return why_common(value) if is_one_word else ""


def names_by_repository(surveys: Iterable[Survey]) -> dict[str, set[str]]:
    """Code name, in every joint -> the repositories that it is one in; elsewhere it is a word.

    A name in another case is the same name, since a search does not tell them apart.
    """
    names: set[str] = set()
    repos: dict[str, set[str]] = {}
    for survey in surveys:
        for _, value, _ in _of_names(survey.code_names):
            names.add(value)
            repos.setdefault(value.lower(), set()).add(survey.repo)
    return {name: repos[name.lower()] for name in sorted(names)}


def merge(
    found: Iterable[Original], kept: Kept
) -> tuple[dict[str, Wanted], dict[str, dict[str, int]]]:
    """Value -> what it is, of those to look for; entity -> reason -> values not looked for."""
    wanted: dict[str, Wanted] = {}
    left_out: dict[str, dict[str, int]] = {}
    ranked = sorted(found, key=lambda entry: (ORIGINS.index(entry[2]), entry))
    seen: set[tuple[str, str]] = set()
    for entity, value, origin in ranked:
        if (entity, value) in seen:
            continue
        seen.add((entity, value))
        reason = kept.reason(entity, value) or _why_ambiguous(entity, value, origin)
        if reason:
            counts = left_out.setdefault(entity, {})
            counts[reason] = counts.get(reason, 0) + 1
        else:
            wanted.setdefault(value, Wanted(entity, origin))
    return wanted, {entity: dict(sorted(left_out[entity].items())) for entity in sorted(left_out)}


def _of_names(names: Iterable[str]) -> Iterator[Original]:
    """Code names, their words joined in all ways."""
    for name in names:
        parts = _NAME_PARTS.findall(name)
        yield from (("CODE_NAME", joint.join(parts), "history") for joint in _JOINTS)


def _of_identities(people: Iterable[Identity], origin: str = "history") -> Iterator[Original]:
    for person in people:
        name = " ".join(person.name.split())
        local = canonical_email(person.email).partition("@")[0]
        if name:
            yield "PERSON" if " " in name else "LOGIN", name, origin
        if "@" in person.email:
            yield "EMAIL_ADDRESS", person.email.strip(), origin
        if is_distinctive(local):
            yield "LOGIN", local, origin


def _private_keys(text: str) -> Iterator[str]:
    """Bodies of PEM blocks; the anonymizer replaces those by line, so they are no span."""
    for part in text.split("PRIVATE KEY-----")[1::2]:
        yield part.partition("-----")[0]


def _pieces(entity: str, value: str, origin: str) -> Iterator[Original]:
    """The value; of one with several lines, its long lines, as others may stand anywhere."""
    lines = [line.strip(" \t\r\"'+\\,") for line in value.split("\n")]
    if len(lines) == 1:
        yield entity, value.strip()[:_MAX_CHARS], origin
        return
    for line in lines:
        if len(line) >= _MIN_LINE_CHARS and "-----" not in line:
            yield entity, line[:_MAX_CHARS], origin
