"""Lists and rows name things alike. In: an instance, how anonymize renames. Out: an instance.

    as_rows_name(instance, code_names, sha)     ->  the instance with the rows' pseudonyms

After anonymize a repository may bear an invented name and a commit another SHA, under the run's
key. A list is public and has the real ones, so they are put through the same functions.
"""

from collections.abc import Callable
from dataclasses import replace

from transforms.decontaminate.benchmarks import Instance

Rename = Callable[[str], str]


def as_rows_name(instance: Instance, code_names: Rename, sha: Rename) -> Instance:
    """The instance as rows name it; its id too, since that holds the repository's name."""
    return replace(
        instance,
        instance_id=code_names(instance.instance_id),
        repo=code_names(instance.repo),
        base_commit=sha(instance.base_commit),
        solutions=tuple(map(sha, instance.solutions)),
    )


def repository_keys(repo: str) -> tuple[str, ...]:
    """What rows may call a repository: "owner/name", or its name where only a path was given."""
    name = repo.lower()
    return (name, name.rpartition("/")[2]) if "/" in name else (name,)
