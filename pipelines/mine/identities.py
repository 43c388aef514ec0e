"""Persons of a repository's history. In: every commit. Out: rows of `identities`.

Authors, committers, and those named in trailers ("Co-authored-by: A <a@b.c>"). They seed
anonymize, which replaces these names and addresses wherever they stand.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator

from pipelines.mine.commits import RawCommit
from pipelines.mine.git import GitRepository
from pipelines.mine.history import walk_commits
from schemas.ids import stable_id
from schemas.tables import RepositoryIdentity
from transforms.outcome import Outcome

_CHUNK = 64
_TRAILER = re.compile(
    r"^[ \t>*-]*(?:[A-Za-z][A-Za-z-]*-by|Cc|From|Author|Thanks-to):[ \t]*"
    r"([^<>\n]{0,200}?)[ \t]*<([^<>\s]{1,200}@[^<>\s]{1,200})>",
    re.M | re.I,
)


def read_identities(
    repository: GitRepository, *, repo: str, license: str
) -> Iterator[Outcome[RepositoryIdentity]]:
    """Outcomes of at most 64 rows, by email and name; `num_commits` counts commits naming them."""
    refs = repository.refs()
    commits = walk_commits(repository, sorted({repository.head(refs), *refs.values()}))
    rows = [
        RepositoryIdentity(
            identity_id=stable_id("identity", repo, name, email),
            repo=repo,
            source="git",
            license=license,
            name=name,
            email=email,
            num_commits=count,
        )
        for (email, name), count in sorted(count_persons(commits).items())
    ]
    for start in range(0, len(rows), _CHUNK):
        yield Outcome(kept=rows[start : start + _CHUNK], rejected=[])


def count_persons(commits: Iterable[RawCommit]) -> Counter[tuple[str, str]]:
    """(email, name) -> number of commits that name the person, once per commit."""
    counts: Counter[tuple[str, str]] = Counter()
    for commit in commits:
        persons = {(person.email, person.name) for person in (commit.author, commit.committer)}
        persons |= {(email, name.strip("\"' ")) for name, email in _TRAILER.findall(commit.message)}
        counts.update(persons - {("", "")})
    return counts
