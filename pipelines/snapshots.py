"""Anonymized trees of base commits. In: mined repositories and the run's key. Out: paths and texts.

    snapshots.files("acme/shop", "3f2a...")  ->  ("src/cart.py", "def total(): ...", False), ...

A tree is read from the clone and anonymized file by file with the key of the run, so that what a
tool prints in the sandbox is pseudonymised like the rows are, and agrees with them. Files out of
the repository's scope, binary files, links, submodules, files over `synthesize.max_file_bytes` and
files that anonymization cannot treat are left out. Most files are the same from one base commit to
the next, so texts are kept by content.
"""

from collections import OrderedDict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa

from schemas.errors import InputError, RowError
from schemas.reasons import Reason
from transforms.anonymize.config import AnonymizeConfig, read_key
from transforms.anonymize.survey import Survey
from transforms.synthesize.config import SynthesizeConfig

if TYPE_CHECKING:
    from pipelines.mine.git import GitRepository, TreeEntry
    from pipelines.mine.scope import PathScope
    from transforms.anonymize.pseudonyms import Pseudonyms
    from transforms.anonymize.text import TextAnonymizer

CACHE_CHARS = 64_000_000
"""Anonymized text kept by each worker, in characters."""


@dataclass
class _Opened:
    repository: "GitRepository"
    anonymizer: "TextAnonymizer"
    scope: "PathScope"
    pseudonyms: "Pseudonyms | None"
    """Where rows have keyed SHAs."""
    paths: dict[str, str] = field(default_factory=dict)
    originals: dict[str, str] = field(default_factory=dict)

    def path(self, path: str) -> str:
        """The anonymized path; trees of one repository hold the same few thousand over and over."""
        if path not in self.paths:
            self.paths[path] = self.anonymizer.path(path)
        return self.paths[path]

    def original(self, sha: str) -> str:
        """The commit that rows know under a keyed SHA; as it is where none of the clone's is.

        SHAs cannot be turned back, so that of every commit is made once: 55 us each.
        """
        if self.pseudonyms is None:
            return sha
        if not self.originals:
            from pipelines.mine.history import walk_commits
            from transforms.anonymize.shaped_pseudonyms import commit_sha

            refs = self.repository.refs()
            tips = sorted({self.repository.head(refs), *refs.values()})
            known = (commit.sha for commit in walk_commits(self.repository, tips))
            self.originals = {commit_sha(own, self.pseudonyms): own for own in known}
        return self.originals.get(sha, sha)


class RepositorySnapshots:
    """Trees from the clones that `mine` read."""

    def __init__(
        self,
        *,
        repositories: pa.Table,
        identities: pa.Table,
        anonymize: AnonymizeConfig,
        limits: SynthesizeConfig,
        surveys: Sequence[Survey],
    ) -> None:
        self._repositories = {row["repo"]: row for row in repositories.to_pylist()}
        self._identities, self._surveys = identities, surveys
        self._config = anonymize
        self._limits = limits
        self._opened: dict[str, _Opened] = {}
        self._cache: OrderedDict[tuple[str, str, str], str | None] = OrderedDict()
        self._cached_chars = 0

    def open(self) -> None:
        """Read the key, open every repository, and find the names that rows know them by."""
        from pipelines.mine.git import open_repository
        from pipelines.mine.scope import PathScope
        from transforms.anonymize.code_names import CodeNames
        from transforms.anonymize.delivery import Delivery
        from transforms.anonymize.engine import Detectors
        from transforms.anonymize.pseudonyms import Pseudonyms

        key = read_key(Path(self._config.key_file))
        detectors = Detectors(self._config)
        names = CodeNames(self._config.deny_list, key)
        delivery = Delivery(self._config, key, self._identities, self._surveys)
        for repo, row in sorted(self._repositories.items()):
            anonymizer = delivery.anonymizer(repo, detectors)
            scope = PathScope(include=tuple(row["include"]), exclude=tuple(row["exclude"]))
            pseudonyms = Pseudonyms(key) if self._config.commit_shas == "pseudonym" else None
            opened = _Opened(open_repository(row["path"]), anonymizer, scope, pseudonyms)
            self._opened[names.replace(repo)] = opened

    def files(self, repo: str, commit: str) -> Iterator[tuple[str, str, bool]]:
        """(path, text, executable) of each text file of the commit.

        Raises RowError(MISSING_COMMIT) when the clone has no such commit and
        RowError(TREE_TOO_LARGE) before anything is read of a tree over the limits.
        """
        opened = self._opened[repo]
        entries = self._entries(opened, opened.original(commit))
        texts = self._texts(repo, opened, entries)
        for entry in entries:
            text = texts[entry.sha, entry.path]
            if text is not None:
                yield opened.path(entry.path), text, entry.mode == "100755"

    def _entries(self, opened: _Opened, commit: str) -> list["TreeEntry"]:
        from pipelines.mine.git import OutputTooLarge

        try:
            tree = opened.repository.tree_entries(commit, opened.scope.roots())
        except OutputTooLarge:
            raise RowError(Reason.TREE_TOO_LARGE, "the listing alone is over the limit") from None
        except InputError:
            raise RowError(Reason.MISSING_COMMIT, "the base commit is not in the clone") from None
        in_scope = [entry for entry in tree if opened.scope.includes(entry.path)]
        entries = [entry for entry in in_scope if self._is_wanted(entry)]
        num_bytes = sum(entry.size or 0 for entry in entries)
        limits = self._limits
        if len(entries) > limits.max_tree_files or num_bytes > limits.max_tree_bytes:
            raise RowError(Reason.TREE_TOO_LARGE, f"{len(entries)} files, {num_bytes} bytes")
        return entries

    def _is_wanted(self, entry: "TreeEntry") -> bool:
        is_file = entry.mode.startswith("100")
        return is_file and entry.size is not None and entry.size <= self._limits.max_file_bytes

    def _texts(
        self, repo: str, opened: _Opened, entries: list["TreeEntry"]
    ) -> dict[tuple[str, str], str | None]:
        """(blob, path) -> anonymized text, None for what is left out."""
        texts: dict[tuple[str, str], str | None] = {}
        missing: dict[str, list[str]] = {}
        for entry in entries:
            key = (repo, entry.sha, entry.path)
            if key in self._cache:
                self._cache.move_to_end(key)
                texts[entry.sha, entry.path] = self._cache[key]
            else:
                missing.setdefault(entry.sha, []).append(entry.path)
        for sha, data in opened.repository.read_blobs(sorted(missing)):
            for path in missing[sha]:
                text = _anonymized(data, path, opened.anonymizer)
                texts[sha, path] = text
                self._remember((repo, sha, path), text)
        return texts

    def _remember(self, key: tuple[str, str, str], text: str | None) -> None:
        self._cache[key] = text
        self._cached_chars += len(text or "")
        while self._cached_chars > CACHE_CHARS:
            _, oldest = self._cache.popitem(last=False)
            self._cached_chars -= len(oldest or "")


def _anonymized(data: bytes | None, path: str, anonymizer: "TextAnonymizer") -> str | None:
    """The text of a blob as rows show it; None for what is no text or cannot be anonymized."""
    from pipelines.mine.commits import decode_text, is_binary
    from transforms.anonymize.syntax import anonymize_code
    from transforms.languages import describe_file

    text = None if data is None or is_binary(data) else decode_text(data)
    if text is None:
        return None
    try:
        (fresh,) = anonymize_code(anonymizer, [text], describe_file(path, text).language)
    except RowError:
        return None
    return fresh
