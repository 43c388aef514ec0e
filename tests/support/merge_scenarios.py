"""Pull requests that are merged, squashed, turned down or never were. In: a project. Out: truth.

Each scenario is a generator: it opens pull requests, yields while others go on, lands them or not,
and returns what is true of them. Truth is GitHub's: "unmerged" is what its page would call closed.
"""

from dataclasses import replace

from known_pulls import (
    KnownPull,
    Scenario,
    Take,
    copy_branch,
    land_merge,
    land_squash,
    merge_title,
    merged,
    unmerged,
)
from project import MERGER, Project, apply_work


def merge(project: Project, take: Take) -> Scenario:
    branch = project.open(take())
    yield
    return [land_merge(project, branch)]


def merge_evil(project: Project, take: Take) -> Scenario:
    branch = project.open(take())
    yield
    return [land_merge(project, branch, extra=[project.do(MERGER, "evil")])]


def merge_updated(project: Project, take: Take) -> Scenario:
    branch = project.open(take())
    yield
    project.update(branch)
    project.push(branch, [project.do(branch.author, "After the update")])
    yield
    return [land_merge(project, branch)]


def merge_misnamed(project: Project, take: Take) -> Scenario:
    """The subject names another pull request, which was turned down."""
    branch, other = project.open(take()), project.open(take())
    yield
    return [land_merge(project, branch, merge_title(other)), unmerged(other.number)]


def merge_by_hand(project: Project, take: Take) -> Scenario:
    branch = project.open(take())
    yield
    return [replace(land_merge(project, branch, "Merge branch 'fix'"), kind="none")]


def merge_by_hand_updated(project: Project, take: Take) -> Scenario:
    """The branch ends with a merge of main."""
    branch = project.open(take())
    yield
    project.update(branch)
    project.advance("Meanwhile")
    return [replace(land_merge(project, branch, "Merge branch 'fix'"), kind="none")]


def merge_moved(project: Project, take: Take) -> Scenario:
    """The author pushes to the branch once it is merged."""
    branch = project.open(take())
    yield
    known = land_merge(project, branch)
    project.push(branch, [project.do(branch.author, "Too late")])
    yield
    return [known]


def merge_same_head(project: Project, take: Take) -> Scenario:
    """A first pull request from the same branch was closed."""
    first = take()
    branch = project.open(take())
    project.point(first, branch.tip)
    yield
    return [land_merge(project, branch), unmerged(first)]


def merge_inside(project: Project, take: Take) -> Scenario:
    """A first pull request with fewer commits of the branch was closed."""
    first = take()
    branch = project.open(take(), 3)
    project.point(first, branch.commits[0])
    yield
    return [land_merge(project, branch), unmerged(first)]


def merge_superseding(project: Project, take: Take) -> Scenario:
    """A second attempt, the same commits on a later main, is merged."""
    branch = project.open(take())
    yield
    project.advance("Meanwhile")
    copy = copy_branch(project, branch, take())
    yield
    return [unmerged(branch.number), land_merge(project, copy)]


def squash(project: Project, take: Take) -> Scenario:
    branch = project.open(take())
    yield
    return [land_squash(project, branch)]


def squash_updated(project: Project, take: Take) -> Scenario:
    branch = project.open(take())
    yield
    project.update(branch)
    yield
    return [land_squash(project, branch)]


def squash_unnamed(project: Project, take: Take) -> Scenario:
    branch = project.open(take())
    yield
    return [land_squash(project, branch, "A change without its number")]


def squash_moved(project: Project, take: Take) -> Scenario:
    """The author pushes once it is squashed, so its commit is all that is known to have landed."""
    branch = project.open(take())
    yield
    base = project.main
    known = land_squash(project, branch)
    project.push(branch, [project.do(branch.author, "Too late", new_file=True)])
    alone = int(known.merge_commit)
    return [
        replace(
            known,
            base=str(base),
            commits=(known.merge_commit,),
            paths=project.paths(base, alone),
        )
    ]


def squash_reverted(project: Project, take: Take) -> Scenario:
    branch = project.open(take())
    yield
    known = land_squash(project, branch)
    yield
    project.revert(branch, f'Revert "A change (#{branch.number})"')
    return [known]


def squash_relanded(project: Project, take: Take) -> Scenario:
    branch = project.open(take())
    yield
    known = land_squash(project, branch)
    project.revert(branch, f'Revert "A change (#{branch.number})"')
    yield
    project.squash(branch, f"A change (#{branch.number})")
    return [known]


def issue_named(project: Project, take: Take) -> Scenario:
    """A commit straight on main ends in the number of an issue."""
    number = take()
    project.advance("Prepare")
    work = project.do(MERGER, "fix")
    tree = apply_work(project.tree(project.main), [work])
    project.main = project.commit(f"Stop the crash (#{number})", MERGER, [project.main], tree)
    yield
    return [KnownPull(number=number, scenario="", state="absent")]


def fast_forward(project: Project, take: Take) -> Scenario:
    branch = project.open(take())
    project.main = branch.tip
    yield
    return [merged(project, branch, "none", branch.tip)]


def rejected(project: Project, take: Take) -> Scenario:
    branch = project.open(take())
    yield
    return [unmerged(branch.number)]


def reserved(project: Project, take: Take) -> Scenario:
    """A head without commits of its own, at a commit that main had passed."""
    number, old = take(), project.main
    project.advance("Meanwhile")
    project.point(number, old)
    yield
    return [unmerged(number)]
