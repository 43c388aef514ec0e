"""Writes the committed streams. In: `sources/<repository>/*.txt`. Out: `<repository>.fi`.

    python data_samples/generate.py            rewrites every stream that changed, prints its path

A source file is one pull request, in the order of its number: `07-csv-import.txt` is #7 (number 0
starts the repository). A header, the body, then commits with what each does to files:

    title: Refuse to issue more than there is
    author: mira                 the key of a person in canaries.toml
    merge: squash                merge, squash, rebase, none (never merged), or direct (no request)
    branch: negative-stock
    base: 4                      optional: the branch starts where main was after #4

    Stock could go below zero. Fixes #8.

    %% commit Refuse to issue more than there is     optional where there is one commit
    %% by jonas                                      optional: another author
    %% edit src/brine/stock.py
    %% old
        level -= quantity
    %% new
        level = withdraw(level, quantity)
    %% write tests/test_stock.py
    ...the whole file...
    %% shared .editorconfig editorconfig             a file of sources/shared
    %% rename src/a.py -> src/b.py
    %% symlink docs/README.md -> ../README.md
    %% delete src/c.py

Merging applies the same changes to main as it then is, so an edit must fit in both places.
"""

import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

HERE = Path(__file__).resolve().parent
SOURCES = HERE / "sources"
DELIMITER = "END_OF_TEXT"
GITHUB = "GitHub <noreply@github.com>"
BOT = "dependabot[bot] <49699333+dependabot[bot]@users.noreply.github.com>"
ZONES = ("+0000", "+0200", "-0500", "+0530", "-0700")
DAY_S = 86_400

Tree = dict[str, tuple[str, str]]
"""Path -> (git mode, text with placeholders)."""
Changes = dict[str, tuple[str, str] | None]
"""Path -> what is there afterwards; None for a deleted file."""


class SourceError(ValueError):
    """A source file says something that cannot be done; the message names the file."""


@dataclass(kw_only=True)
class Commit:
    """A commit as written in a source file."""

    message: str
    author: str
    steps: list[tuple[str, str, str]] = field(default_factory=list)
    """(directive, argument, text) in order."""


@dataclass(frozen=True, kw_only=True)
class PullRequest:
    """A source file, read."""

    source: str
    number: int
    header: dict[str, str]
    body: str
    commits: list[Commit]


@dataclass(kw_only=True)
class History:
    """What has been written of one repository."""

    branch: str
    start_s: int
    maintainer: str
    lines: list[str] = field(default_factory=list)
    mark: int = 0
    tree: Tree = field(default_factory=dict)
    tip: int = 0
    """The mark of main's last commit."""
    past: dict[int, tuple[int, Tree]] = field(default_factory=dict)
    """Pull request number -> main's tip and tree after it."""


def generate(folder: Path) -> str:
    """The fast-import stream of one folder of source files. Raises SourceError."""
    requests = [read_source(path) for path in sorted(folder.glob("*.txt"))]
    first = requests[0].header
    history = History(
        branch=f"refs/heads/{first['branch']}",
        start_s=int(first["start"]),
        maintainer=first["author"],
    )
    for request in requests:
        _add(history, request)
    return "".join(history.lines)


def read_source(path: Path) -> PullRequest:
    """Parse a source file."""
    prose, *sections = re.split(r"^%% ", path.read_text(encoding="ascii"), flags=re.MULTILINE)
    head, _, body = prose.partition("\n\n")
    header = dict(line.split(": ", 1) for line in head.splitlines())
    if missing := {"title", "author", "merge", "branch"} - set(header):
        raise SourceError(f"{path}: the header lacks {', '.join(sorted(missing))}")
    message = f"{header['title']}\n\n{body.strip()}".strip()
    commits = list(_read_commits(sections, message, header["author"]))
    number = int(path.name.split("-")[0])
    return PullRequest(
        source=str(path), number=number, header=header, body=body.strip(), commits=commits
    )


def _read_commits(sections: list[str], message: str, author: str) -> Iterator[Commit]:
    commit: Commit | None = None
    for section in sections:
        line, _, text = section.partition("\n")
        directive, _, argument = line.partition(" ")
        if directive == "commit":
            if commit:
                yield commit
            commit = Commit(message=f"{argument}\n\n{text}".strip(), author=author)
            continue
        commit = commit or Commit(message=message, author=author)
        if directive == "by":
            commit.author = argument
        else:
            commit.steps.append((directive, argument, text))
    if commit:
        yield commit


def _add(history: History, request: PullRequest) -> None:
    """Write a pull request's own commits, then what merging it does to main."""
    merge, opened_s = request.header["merge"], history.start_s + request.number * 2 * DAY_S
    if merge == "direct":
        _replay(history, request, opened_s)
    else:
        head, title = _write_branch(history, request, opened_s), request.header["title"]
        merged_s = opened_s + DAY_S + request.number % 7 * 3_600
        if merge == "merge":
            branch = f"{_login(request.header['author'])}/{request.header['branch']}"
            message = f"Merge pull request #{request.number} from {branch}\n\n{title}"
            _land(history, request, f"{message}\n\n{request.body}", merged_s, head)
        elif merge == "squash":
            message = f"{title} (#{request.number})\n\n{request.body}"
            _land(history, request, message, merged_s, None)
        elif merge == "rebase":
            _replay(history, request, merged_s)
        elif merge != "none":
            raise SourceError(f"{request.source}: no way of merging is called {merge!r}")
    history.past[request.number] = (history.tip, dict(history.tree))


def _write_branch(history: History, request: PullRequest, opened_s: int) -> int:
    """The commits of refs/pull/N/head; gives the mark of the last one."""
    base = request.header.get("base")
    parent, tree = history.past[int(base)] if base else (history.tip, history.tree)
    tree, ref = dict(tree), f"refs/pull/{request.number}/head"
    for index, commit in enumerate(request.commits):
        changes = _changes(commit, tree, request.source)
        who = f"{_identity(commit.author)} {_time(opened_s + index * 2_820, commit.author)}"
        parent = _write(history, ref, (who, who), commit.message, [parent], changes)
    if "keep" in request.header:
        history.lines.append(f"reset refs/heads/{request.header['branch']}\nfrom :{parent}\n\n")
    return parent


def _land(
    history: History, request: PullRequest, message: str, when_s: int, head: int | None
) -> None:
    """One commit on main that holds the whole pull request."""
    tree, changes = dict(history.tree), Changes()
    for commit in request.commits:
        changes |= _changes(commit, tree, request.source)
    author = history.maintainer if head else request.header["author"]
    who = f"{_identity(author)} {_time(when_s, author)}"
    people = (who, f"{GITHUB} {_time(when_s, author)}")
    parents = [history.tip, head] if head else [history.tip]
    history.tip = _write(history, history.branch, people, message.strip(), parents, changes)
    history.tree = tree


def _replay(history: History, request: PullRequest, when_s: int) -> None:
    """Each commit again on top of main, committed by the maintainer."""
    for index, commit in enumerate(request.commits):
        changes = _changes(commit, history.tree, request.source)
        written_s = history.start_s + request.number * 2 * DAY_S + index * 2_820
        who = f"{_identity(commit.author)} {_time(written_s, commit.author)}"
        committer = f"{_identity(history.maintainer)} {_time(when_s + index, history.maintainer)}"
        parents = [history.tip] if history.tip else []
        people = (who, committer)
        history.tip = _write(history, history.branch, people, commit.message, parents, changes)


def _changes(commit: Commit, tree: Tree, source: str) -> Changes:
    """What the commit does to the tree, which is changed in place."""
    before = dict(tree)
    path = old = ""
    for directive, argument, text in commit.steps:
        if directive in ("old", "new", "edit"):
            path = argument or path
            if directive == "new":
                tree[path] = (tree[path][0], _edited(tree[path][1], old, text, f"{source}: {path}"))
            old = text
        elif directive == "write":
            mode = "100755" if text.startswith("#!") else "100644"
            tree[argument] = (mode, text)
        elif directive == "shared":
            path, name = argument.split()
            tree[path] = ("100644", (SOURCES / "shared" / name).read_text(encoding="ascii"))
        elif directive == "symlink":
            link, _, target = argument.partition(" -> ")
            tree[link] = ("120000", target + "{{chop}}\n")
        elif directive == "rename":
            source_path, _, path = argument.partition(" -> ")
            tree[path] = tree.pop(source_path)
        elif directive == "delete":
            del tree[argument]
        else:
            raise SourceError(f"{source}: there is no directive {directive!r}")
    paths = sorted(before.keys() | tree.keys())
    return {path: tree.get(path) for path in paths if tree.get(path) != before.get(path)}


def _edited(text: str, old: str, new: str, where: str) -> str:
    if text.count(old) != 1:
        raise SourceError(f"{where}: {text.count(old)} places, not one, read:\n{old}")
    return text.replace(old, new)


def _write(
    history: History,
    ref: str,
    people: tuple[str, str],
    message: str,
    parents: list[int],
    changes: Changes,
) -> int:
    """Append one commit to the stream; gives its mark."""
    history.mark += 1
    lines = [f"commit {ref}\n", f"mark :{history.mark}\n"]
    lines += [f"author {people[0]}\n", f"committer {people[1]}\n", _data(message + "\n")]
    lines += [f"{'merge' if at else 'from'} :{parent}\n" for at, parent in enumerate(parents)]
    for path, entry in changes.items():
        lines += [f"M {entry[0]} inline {path}\n", _data(entry[1])] if entry else [f"D {path}\n"]
    history.lines += [*lines, "\n"]
    return history.mark


def _data(text: str) -> str:
    return f"data <<{DELIMITER}\n{text}{DELIMITER}\n"


def _identity(key: str) -> str:
    return BOT if key == "bot" else f"{{{{canary:{key}.name}}}} <{{{{canary:{key}.email}}}}>"


def _login(key: str) -> str:
    return "dependabot" if key == "bot" else f"{{{{canary:{key}.login}}}}"


def _time(seconds: int, key: str) -> str:
    return f"{seconds + 30_000} {ZONES[sum(key.encode()) % len(ZONES)]}"


def main() -> None:
    """Rewrite the streams that differ from what the sources say."""
    for folder in sorted(SOURCES.iterdir()):
        stream = HERE / f"{folder.name}.fi"
        if folder.name == "shared":
            continue
        text = generate(folder)
        if not stream.exists() or stream.read_text(encoding="ascii") != text:
            stream.write_text(text, encoding="ascii")
            sys.stdout.write(f"{stream}\n")


if __name__ == "__main__":
    main()
