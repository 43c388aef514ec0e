"""What is true of pull requests, and how they land. In: a project, branches. Out: `KnownPull`s.

    land_squash(project, branch)  ->  KnownPull(number=7, state="merged", kind="squash", ...)

Until the repository is written, indices into the store stand for the names of commits.
"""

from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass

from project import Branch, Project, Work

Take = Callable[[], int]


@dataclass(frozen=True, kw_only=True)
class KnownPull:
    """What is true of a pull request; "" and () where there is nothing to compare with."""

    number: int
    scenario: str
    state: str
    """"merged", "unmerged", or "absent": the number is an issue's."""
    kind: str = "none"
    base: str = ""
    merge_commit: str = ""
    commits: tuple[str, ...] = ()
    paths: frozenset[str] = frozenset()


Scenario = Generator[None, None, list[KnownPull]]


def unmerged(number: int) -> KnownPull:
    """Never landed."""
    return KnownPull(number=number, scenario="", state="unmerged")


def merged(project: Project, branch: Branch, kind: str, merge_commit: int) -> KnownPull:
    """Landed as a series that starts where the branch left or last merged main."""
    return KnownPull(
        number=branch.number,
        scenario="",
        state="merged",
        kind=kind,
        base=str(branch.base),
        merge_commit=str(merge_commit),
        commits=tuple(str(commit) for commit in branch.commits),
        paths=project.paths(branch.base, branch.tip),
    )


def merge_title(branch: Branch) -> str:
    """GitHub's message of a merge commit."""
    return f"Merge pull request #{branch.number} from {branch.author.name[:3]}/fix\n\nA change"


def land_merge(
    project: Project, branch: Branch, message: str = "", extra: Sequence[Work] = ()
) -> KnownPull:
    """By a merge commit, which does some extra work itself."""
    commit = project.merge(branch, message or merge_title(branch), extra)
    return merged(project, branch, "merge", commit)


def land_squash(project: Project, branch: Branch, message: str = "") -> KnownPull:
    """By one commit."""
    commit = project.squash(branch, message or f"A change (#{branch.number})")
    return merged(project, branch, "squash", commit)


def land_rebase(project: Project, branch: Branch) -> KnownPull:
    """By commits anew."""
    return merged(project, branch, "rebase", project.rebase(branch.work)[-1])


def copy_branch(project: Project, branch: Branch, number: int) -> Branch:
    """The same commits on today's main: what a second attempt looks like."""
    twin = Branch(number=number, author=branch.author, base=project.main, tip=project.main)
    project.push(twin, branch.work)
    return twin
