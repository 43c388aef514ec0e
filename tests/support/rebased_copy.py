"""A real history replayed by rebase. In: a repository, a folder. Out: a copy, what landed in it.

    known = copy_rebased(Path("click.git"), folder, num_pulls=200)

Pull requests that the repository merged by merge commits are told apart by those commits' words.
In the copy main is one line: before each fork and each landing it is brought to the tree that the
repository had there, by one commit; then the commits of a pull request are merged onto it, three
ways, by `git merge-tree`. Numbers are cut out of all messages. Every fourth pull request does not
land, and of every eighth only the first half does. The repository itself is only read.
"""

import re
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pipelines.mine.environment import inherited_environment, safe_environment

_MERGE = re.compile(r"Merge pull request #(\d+) ")
_MAX_SERIES = 10


@dataclass(frozen=True, kw_only=True)
class RebasedPull:
    """A pull request of the copy."""

    number: int
    outcome: str
    """"landed", "dropped in part" (a commit had no effect any more), "rejected" or "partly"."""
    branch: tuple[str, ...]
    landed: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class _Source:
    number: int
    time: int
    before: str
    """Main before the merge."""
    fork: str
    commits: tuple[str, ...]


class _Git:
    """Plumbing in a scratch repository that borrows another's objects."""

    def __init__(self, folder: Path, objects: Path) -> None:
        self._environment = inherited_environment() | safe_environment(str(folder))
        self("init", "--quiet", "--bare", "--template=", "-b", "main")
        (folder / "objects" / "info" / "alternates").write_text(f"{objects}\n")

    def __call__(self, *arguments: str, who: Mapping[str, str] | None = None) -> str:
        result = self.answer(*arguments, who=who or {})
        result.check_returncode()
        return result.stdout.strip()

    def answer(self, *arguments: str, who: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
        command = ["git", *arguments]
        environment = {**self._environment, **who}
        return subprocess.run(
            command, env=environment, capture_output=True, text=True, errors="replace", check=False
        )

    def commit(
        self, tree: str, parents: Sequence[str], message: str, who: Mapping[str, str]
    ) -> str:
        options = [option for parent in parents for option in ("-p", parent)]
        return self("commit-tree", tree, *options, "-m", message or "-", who=who)


def copy_rebased(repository: Path, folder: Path, *, num_pulls: int) -> list[RebasedPull]:
    """Write the copy to a new folder; in landing order, without those that are in conflict."""
    folder.mkdir(parents=True)
    git = _Git(folder, repository.resolve() / "objects")
    environment = inherited_environment() | safe_environment(str(repository.resolve()))
    command = ["git", "rev-parse", "HEAD"]
    result = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    sources = _sources(git, result.stdout.strip(), num_pulls)
    return _replay(git, sources)


def _sources(git: _Git, tip: str, num_pulls: int) -> list[_Source]:
    log = git("log", "--first-parent", "--merges", "--reverse", "--format=%H %ct %P|%s", tip)
    found = []
    for line in log.splitlines():
        facts, _, subject = line.partition("|")
        match = _MERGE.match(subject)
        if not match or len(facts.split()) != 4:
            continue
        _, time, before, head = facts.split()
        series = git("rev-list", "--reverse", "--topo-order", "--parents", f"{before}..{head}")
        rows = [row.split() for row in series.splitlines()]
        # A line of commits without merges: what GitHub's button can rebase.
        if 0 < len(rows) <= _MAX_SERIES and all(len(row) == 2 for row in rows):
            commits = tuple(row[0] for row in rows)
            source = _Source(
                number=int(match[1]), time=int(time), before=before, fork=rows[0][1],
                commits=commits,
            )  # fmt: skip
            found.append(source)
    step = max(1, len(found) // num_pulls)
    return found[::step][:num_pulls]


def _replay(git: _Git, sources: Sequence[_Source]) -> list[RebasedPull]:
    events: list[tuple[int, int, int]] = []
    for index, source in enumerate(sources):
        forked_at = int(git("show", "-s", "--format=%ct", source.fork))
        events += [(min(forked_at, source.time), 0, index), (source.time, 1, index)]
    main = ""
    branches: dict[int, list[str]] = {}
    pulls: list[RebasedPull] = []
    for time, is_landing, index in sorted(events):
        source = sources[index]
        main = _sync(git, main, source.before if is_landing else source.fork, time)
        if not is_landing:
            branches[index] = _branch(git, main, source)
            continue
        outcome = "rejected" if index % 4 == 1 else "landed"
        works = branches[index]
        if index % 8 == 3 and len(works) > 1:
            outcome, works = "partly", works[: len(works) // 2]
        landed = [] if outcome == "rejected" else _land(git, main, works, time)
        if landed is None:
            continue  # In conflict, as nothing is resolved by hand here.
        main = landed[-1] if landed else main
        if outcome == "landed" and len(landed) < len(works):
            outcome = "dropped in part" if landed else "rejected"
        git("update-ref", f"refs/pull/{source.number}/head", branches[index][-1])
        pull = RebasedPull(
            number=source.number,
            outcome=outcome,
            branch=tuple(branches[index]),
            landed=tuple(landed),
        )
        pulls.append(pull)
    git("update-ref", "refs/heads/main", main)
    return pulls


def _sync(git: _Git, main: str, state: str, time: int) -> str:
    """Main with the tree that the repository had in some state."""
    who = _person("COMMITTER", "Sync", "sync@example.com", time)
    who |= _person("AUTHOR", "Sync", "sync@example.com", time)
    return git.commit(f"{state}^{{tree}}", [main] if main else [], "Sync", who)


def _branch(git: _Git, main: str, source: _Source) -> list[str]:
    branch = [main]
    for sha in source.commits:
        who = _who(git, sha)
        branch.append(git.commit(f"{sha}^{{tree}}", [branch[-1]], _message(git, sha), who))
    return branch[1:]


def _land(git: _Git, main: str, works: Sequence[str], time: int) -> list[str] | None:
    landed = [main]
    for sha in works:
        who = _who(git, sha) | _person("COMMITTER", "Mo Merge", "mo@example.com", time)
        # The parent of both is the work's, so that is the merge's base.
        ours = git.commit(f"{landed[-1]}^{{tree}}", [f"{sha}^"], "ours", who)
        merged = git.answer("merge-tree", "--write-tree", ours, sha, who={})
        if merged.returncode:
            return None
        tree = merged.stdout.split("\n")[0]
        if tree != git("rev-parse", f"{landed[-1]}^{{tree}}"):
            landed.append(git.commit(tree, [landed[-1]], _message(git, sha), who))
    return landed[1:]


def _message(git: _Git, sha: str) -> str:
    return re.sub(r"#\d+", "", git("show", "-s", "--format=%B", sha))


def _who(git: _Git, sha: str) -> dict[str, str]:
    fields = git("show", "-s", "--format=%an%n%ae%n%at%n%cn%n%ce%n%ct", sha).split("\n")
    author, committer = fields[:3], fields[3:]
    return _person("AUTHOR", author[0], author[1], int(author[2])) | _person(
        "COMMITTER", committer[0], committer[1], int(committer[2])
    )


def _person(role: str, name: str, email: str, time: int) -> dict[str, str]:
    return {
        f"GIT_{role}_NAME": name or "-",
        f"GIT_{role}_EMAIL": email,
        f"GIT_{role}_DATE": f"{time} +0000",
    }
