"""Names of committers in a repository's files: how many are left by an anonymizer that knows them.

report_identities(["click.git", "requests.git"])  ->  a table, one row per repository

Names are those of `git log --all` authors with at least two words; they are searched for in the
files of the head commit by plain text search, letter by letter, ends on word boundaries. Files
with a hit are anonymized with the identities as seeds; what the same search finds in the result
survives.
"""

import re
import subprocess
from collections.abc import Sequence
from pathlib import Path

from pipelines.text_table import render_table
from schemas.discussion import Identity
from transforms.anonymize.config import AnonymizeConfig
from transforms.anonymize.text import TextAnonymizer
from transforms.language_names import PROSE_LANGUAGES
from transforms.languages import describe_file

MAX_BYTES = 1_048_576


def report_identities(repositories: Sequence[str]) -> None:
    """Print the table; survivors are listed by file and line number, not by name."""
    rows = []
    for repository in repositories:
        identities = _identities(repository)
        names = sorted({row.name for row in identities if len(row.name.split()) > 1})
        anonymizer = TextAnonymizer(AnonymizeConfig(), b"k" * 32, identities)
        files, hits, left = 0, 0, 0
        for path, text in _files(repository):
            found = _occurrences(names, text)
            if not found:
                continue
            language = describe_file(path, text).language or ""
            prose = language in PROSE_LANGUAGES
            changed = anonymizer.text(text, prose=prose, language="" if prose else language)
            survivors = _occurrences(names, changed)
            files, hits, left = files + 1, hits + len(found), left + len(survivors)
            for line in sorted({changed.count("\n", 0, start) + 1 for start in survivors}):
                print(f"left: {repository} {path}:{line}")
        rows.append(("/".join(Path(repository).parts[-2:]), len(names), files, hits, left))
    if rows:
        print(render_table(rows, ["repository", "names", "files", "occurrences", "left"]))


def _identities(repository: str) -> list[Identity]:
    lines = git(repository, "log", "--all", "--format=%aN%x00%aE").decode("utf-8", "replace")
    pairs = {tuple(line.split("\0")) for line in lines.splitlines() if "\0" in line}
    return [Identity(name=name, email=email) for name, email in sorted(pairs)]


def _files(repository: str) -> list[tuple[str, str]]:
    files = []
    for line in git(repository, "ls-tree", "-rlz", "HEAD").decode("utf-8", "replace").split("\0"):
        meta, _, path = line.partition("\t")
        _, kind, sha, size = (meta.split() + [""] * 4)[:4]
        if kind == "blob" and int(size) <= MAX_BYTES:
            data = git(repository, "cat-file", "blob", sha)
            if b"\0" not in data[:8000]:
                files.append((path, data.decode("utf-8", "replace")))
    return files


def _occurrences(names: Sequence[str], text: str) -> list[int]:
    """Where a name stands, with no letter or digit before or after it."""
    starts = []
    for name in (name for name in names if name in text):
        starts += [m.start() for m in re.finditer(rf"(?<!\w){re.escape(name)}(?!\w)", text)]
    return starts


def git(repository: str, *arguments: str) -> bytes:
    """What a git command prints."""
    return subprocess.run(
        ["git", "-C", repository, *arguments], check=True, capture_output=True
    ).stdout
