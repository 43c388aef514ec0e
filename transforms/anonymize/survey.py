"""What the first pass over a repository finds for the second. In: rows of mine. Out: a `Survey`.

    Survey(people=(Identity(name="Jane Doe", email=""),), secrets=("k2J9-xQ...",), code_names=())

A licence header names who holds a file, a settings file holds a password that a test quotes: what
one file tells must be replaced in all of them, so the whole repository is read before any row is.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from schemas.discussion import Identity


@dataclass(frozen=True, kw_only=True)
class Survey:
    """Raw values; never written unsealed."""

    people: tuple[Identity, ...] = ()
    secrets: tuple[str, ...] = ()
    """Values that are looked for everywhere, at least `MIN_SECRET_CHARS` long."""
    code_names: tuple[str, ...] = ()
    """Names of the repository and its packages."""


def merge(surveys: Iterable[Survey]) -> Survey:
    """All values of all, each once, sorted."""
    parts = list(surveys)
    people = {(person.name, person.email) for part in parts for person in part.people}
    return Survey(
        people=tuple(Identity(name=name, email=email) for name, email in sorted(people)),
        secrets=tuple(sorted({value for part in parts for value in part.secrets})),
        code_names=tuple(sorted({name for part in parts for name in part.code_names})),
    )
