"""Persons of a repository's history. In: every commit, GitHub's answers. Out: rows of `identities`.

Authors, committers, those named in trailers ("Co-authored-by: A <a@b.c>"), the accounts that merged
branches came from ("Merge pull request #7 from jdoe/fix"), and the accounts that opened, reviewed
or commented, under the address that GitHub gives every account. They seed anonymize, which replaces
these names and addresses wherever they stand.
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
_MERGED_FROM = re.compile(r"Merge pull request #\d+ from ([A-Za-z0-9](?:[A-Za-z0-9-]{0,38}))/")
_MIN_MEMBERS = 3
"""An account whose branches so many persons wrote is an organization's, not a person's."""
_MAX_NAME_CHARS = 200
_TRAILER = re.compile(
    r"^[ \t>*-]*(?:[A-Za-z][A-Za-z-]*-by|Cc|From|Author|Thanks-to):"
    r"([^<>\n]*)<([^<>\s]{3,400})>",
    re.M | re.I,
)


def read_identities(
    repository: GitRepository,
    *,
    repo: str,
    license: str,
    archive: str = "",
    tips: Iterable[str] = (),
) -> Iterator[Outcome[RepositoryIdentity]]:
    """Outcomes of at most 64 rows, by email and name; `num_commits` counts commits naming them.

    `archive` is the folder of GitHub's answers; "" for none. `tips` are commits besides those that
    refs lead to, of which rows may be.
    """
    refs = repository.refs()
    commits = walk_commits(repository, sorted({repository.head(refs), *refs.values(), *tips}))
    counts = count_persons(commits)
    for account in _accounts_of_archive(archive, repo) if archive else ():
        counts.setdefault(account, 0)
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
        for (email, name), count in sorted(counts.items())
    ]
    for start in range(0, len(rows), _CHUNK):
        yield Outcome(kept=rows[start : start + _CHUNK], rejected=[])


def count_persons(commits: Iterable[RawCommit]) -> Counter[tuple[str, str]]:
    """(email, name) -> number of commits that name the person, once per commit."""
    counts: Counter[tuple[str, str]] = Counter()
    authors: dict[str, str] = {}
    branches: dict[str, list[str]] = {}
    for commit in commits:
        authors[commit.sha] = commit.author.name.casefold()
        if len(commit.parents) == 2 and (merged := _MERGED_FROM.match(commit.message)):
            branches.setdefault(merged[1], []).append(commit.parents[1])
        persons = {(person.email, person.name) for person in (commit.author, commit.committer)}
        persons |= set(_trailer_persons(commit.message))
        counts.update(persons - {("", "")})
    counts.update(_accounts(branches, authors))
    return counts


def _accounts_of_archive(archive: str, repo: str) -> Iterator[tuple[str, str]]:
    """(email, login) of everybody who takes part in a pull request."""
    from pipelines.github.read import known_pull_requests, read_facts

    for number, pull in known_pull_requests(archive, repo).items():
        facts = read_facts(archive, pull.sources, number)
        authors = [event.author for event in facts.events or ()]
        for author in [facts.author, *authors]:
            if author is not None and author.name:
                yield author.email, author.name


def _trailer_persons(message: str) -> Iterator[tuple[str, str]]:
    """(email, name); stripped here, since a pattern that does it is quadratic in white space."""
    for name, email in _TRAILER.findall(message):
        name = name.strip("\"' \t")
        if len(name) <= _MAX_NAME_CHARS and "@" in email[1:-1]:
            yield email, name


def _accounts(branches: dict[str, list[str]], authors: dict[str, str]) -> Counter[tuple[str, str]]:
    """(email, login) -> number of merged branches, for accounts that are a person's."""
    counts: Counter[tuple[str, str]] = Counter()
    for login, heads in branches.items():
        members = {authors[head] for head in heads if head in authors}
        if len(members) < _MIN_MEMBERS:
            counts[f"{login}@users.noreply.github.com", login] = len(heads)
    return counts
