"""Why a branch does not change what its squash commit changes. In: a `Branch`. Out: a sentence.

    cause(plain, branch)  ->  "head moved after the merge"

By plain git: ancestry, dates, contents, patch ids (`git cherry`), authors. First that holds.
"""

from plain_git import Branch, PlainGit


def cause(plain: PlainGit, branch: Branch) -> str:
    """One of a few sentences."""
    squash, head = branch.squash, branch.squash.head or ""
    extra = branch.files - branch.squashed_files
    lacking = branch.squashed_files - branch.files
    if branch.base == head:
        return "head has no commit of its own"
    if plain.is_ancestor(squash.sha, head):
        return "head holds the squash commit: used again after the merge"
    if _time(plain, head) > _time(plain, squash.sha):
        return "head moved after the merge"
    if not branch.files & branch.squashed_files:
        return "no file in common: the number is another project's, or the head another change"
    if extra and not lacking and _is_there(plain, squash.parent, head, extra):
        return "rest of the branch was on the default branch already"
    if "- " in plain.ask("cherry", squash.parent, head):
        return "branch stands on commits that landed under other names"
    if not lacking:
        return "squash leaves files of the branch out"
    return "squash changes files that the branch does not"


def _time(plain: PlainGit, sha: str) -> int:
    return int(plain.ask("show", "--no-patch", "--format=%ct", sha))


def _is_there(plain: PlainGit, parent: str, head: str, paths: frozenset[str]) -> bool:
    """Whether both commits have the same contents at the paths."""
    sides = []
    for sha in (parent, head):
        names = "".join(f"{sha}:{path}\n" for path in sorted(paths))
        found = plain.ask("cat-file", "--batch-check=%(objectname)", stdin=names)
        sides.append([line.split(":")[0].replace(sha, "") for line in found.splitlines()])
    return sides[0] == sides[1]
