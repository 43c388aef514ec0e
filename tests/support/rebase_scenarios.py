"""Pull requests that are rebased, or look so. In: a project. Out: what is true of each.

Scenarios as in `merge_scenarios`. Some differ in nothing that git keeps: `rebase_copied` lands one
of two equal branches; `rebase_split` lands a series as two pull requests, where a stack would have
landed as the series and its first half.
"""

from dataclasses import replace

from known_pulls import Scenario, Take, copy_branch, land_rebase, merged, unmerged
from project import AUTHORS, MERGER, Branch, Edit, Project


def rebase(project: Project, take: Take) -> Scenario:
    branch = project.open(take())
    yield
    return [land_rebase(project, branch)]


def rebase_edited(project: Project, take: Take) -> Scenario:
    """A conflict was resolved, or a line polished, on the way."""
    branch = project.open(take())
    yield
    first, *rest = branch.work[0].edits
    polished = Edit(first.path, first.old, (first.new or b"").replace(b"edit", b"polished"))
    works = [replace(branch.work[0], edits=(polished, *rest)), *branch.work[1:]]
    return [merged(project, branch, "rebase", project.rebase(works)[-1])]


def rebase_empty(project: Project, take: Take) -> Scenario:
    """A commit without change, as one that starts continuous integration, is dropped."""
    branch = project.open(take())
    landing = list(branch.work)
    project.push(branch, [replace(project.do(branch.author, "Try CI again"), edits=())])
    yield
    return [merged(project, branch, "rebase", project.rebase(landing)[-1])]


def rebase_updated(project: Project, take: Take) -> Scenario:
    branch = project.open(take())
    yield
    project.update(branch)
    project.push(branch, [project.do(branch.author, "After the update")])
    yield
    return [land_rebase(project, branch)]


def rebase_moved(project: Project, take: Take) -> Scenario:
    branch = project.open(take())
    yield
    known = land_rebase(project, branch)
    project.push(branch, [project.do(branch.author, "Too late")])
    return [known]


def rebase_relanded(project: Project, take: Take) -> Scenario:
    branch = project.open(take())
    yield
    known = land_rebase(project, branch)
    project.revert(branch, "Revert a series")
    yield
    project.rebase(branch.work)
    return [known]


def rebase_partly(project: Project, take: Take) -> Scenario:
    """Some commits are picked, the pull request is closed."""
    branch = project.open(take(), 3)
    yield
    project.rebase(branch.work[:2])
    return [unmerged(branch.number)]


def rebase_copied(project: Project, take: Take) -> Scenario:
    """A second attempt with the same commits lands; which of both it was, git does not tell."""
    branch = project.open(take())
    yield
    copy = copy_branch(project, branch, take())
    yield
    return [unmerged(branch.number), land_rebase(project, copy)]


def rebase_retyped(project: Project, take: Take) -> Scenario:
    """Somebody else proposed the same change."""
    branch = project.open(take())
    other = Branch(number=take(), author=MERGER, base=project.main, tip=project.main)
    for work in branch.work:
        authored_at = project.time + 100
        project.push(other, [replace(work, author=AUTHORS[0], authored_at=authored_at)])
    yield
    return [land_rebase(project, branch), unmerged(other.number)]


def rebase_backported(project: Project, take: Take) -> Scenario:
    """The landed commits are proposed again, for a branch of an old release."""
    old = project.main
    branch = project.open(take())
    yield
    project.advance("Meanwhile")
    known = land_rebase(project, branch)
    yield
    backport = Branch(number=take(), author=branch.author, base=old, tip=old)
    project.push(backport, branch.work)
    project.store.refs[f"refs/heads/release-{backport.number}"] = backport.tip
    return [known, unmerged(backport.number)]


def rebase_stacked(project: Project, take: Take) -> Scenario:
    """The second goes on where the first ends; both land, one after the other."""
    first = project.open(take())
    second = replace(first, number=take(), work=[*first.work], commits=[*first.commits])
    project.push(second, [project.do(first.author, "On top", number=second.number)])
    yield
    known = land_rebase(project, first)
    yield
    landed = project.rebase(second.work[len(first.work) :])
    return [known, merged(project, second, "rebase", landed[-1])]


def rebase_stacked_whole(project: Project, take: Take) -> Scenario:
    """Only the second lands, and with it the work of the first, which was closed."""
    first = project.open(take())
    second = replace(first, number=take(), work=[*first.work], commits=[*first.commits])
    project.push(second, [project.do(first.author, "On top", number=second.number)])
    yield
    return [unmerged(first.number), land_rebase(project, second)]


def rebase_split(project: Project, take: Take) -> Scenario:
    """A large one is closed in favour of two small ones."""
    large = project.open(take(), 2)
    yield
    parts = []
    for work in large.work:
        part = Branch(number=take(), author=large.author, base=project.main, tip=project.main)
        project.push(part, [work])
        yield
        parts.append(land_rebase(project, part))
    return [unmerged(large.number), *parts]
