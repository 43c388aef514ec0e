"""A repository and its pull requests, full of canaries. In: canaries, a folder. Out: a project.

project = plant(make_canaries(seed=7, num=3000), folder)
project.repository      a bare git repository, project.pulls what GitHub says of it

Half of the files are there from the start; every pull request adds three, changes one that was
there, and has canaries in its commits' messages, its text and its reviews.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import cycle, islice
from pathlib import Path

from commit_store import CommitStore, Person, StoredCommit, Tree
from fake_pulls import Comment, Pull, Review

from transforms.anonymize.canaries import Canary, files_of, identities_of

_MERGER = Person(name="Mo Merge", email="mo@example.com")
_FILES_PER_PULL = 3
_LICENSE = b"Apache License\nVersion 2.0, January 2004\n"


@dataclass(frozen=True, kw_only=True)
class CanaryProject:
    """What was planted."""

    repository: Path
    pulls: list[Pull]


class _Main:
    """The branch that everything lands on."""

    def __init__(self) -> None:
        self.store = CommitStore()
        self.time = 1_700_000_000
        self.tree: Tree = {"LICENSE": _LICENSE}
        self.tip = self.commit("Start", _MERGER, ())

    def commit(
        self, message: str, author: Person, parents: Sequence[int], tree: Tree | None = None
    ) -> int:
        self.time += 600
        stored = StoredCommit(
            message=message,
            author=author,
            authored_at=self.time,
            committer=author,
            committed_at=self.time,
            parents=tuple(parents),
            tree=dict(self.tree if tree is None else tree),
        )
        return self.store.add(stored)


def plant(canaries: Sequence[Canary], folder: Path) -> CanaryProject:
    """Write the repository to a new folder."""
    files = [*files_of(canaries).items(), *_files_of_paths(canaries)]
    people = [Person(name=name, email=email) for name, email in identities_of(canaries)]
    authors = iter([*people, *islice(cycle(people), 10 * len(files))])
    early, late = files[::2], files[1::2]
    main = _Main()
    main.tree |= {path: text.encode() for path, text in early}
    main.tip = main.commit("Add the first files", next(authors), (main.tip,))
    words = {place: _texts(canaries, place) for place in ("commit", "pull_request", "review")}
    pulls: list[Pull] = []
    for start in range(0, len(late), _FILES_PER_PULL):
        number = len(pulls) + 1
        added = late[start : start + _FILES_PER_PULL]
        changed = early[number % len(early)]
        left = -(-(len(late) - start) // _FILES_PER_PULL)
        _land(main, number, [*added, changed], _share(words["commit"], left), authors)
        texts = _share(words["pull_request"], left)
        reviews = _share(words["review"], left)
        pulls.append(_pull(number, texts, reviews, added[0][0]))
    for person in authors:
        if person not in people:
            break
        main.tree["NEWS.md"] = f"News {main.time}\n".encode()
        main.tip = main.commit("Write the news", person, (main.tip,))
        people.remove(person)
    main.store.refs["refs/heads/main"] = main.tip
    main.store.write(folder)
    return CanaryProject(repository=folder, pulls=pulls)


def _files_of_paths(canaries: Sequence[Canary]) -> Iterator[tuple[str, str]]:
    for canary in canaries:
        if canary.language == "path":
            yield canary.text, f"Notes number {canary.id[:4]}.\n"


def _texts(canaries: Sequence[Canary], place: str) -> list[str]:
    return [canary.text for canary in canaries if canary.language == place]


def _share(texts: list[str], left: int) -> list[str]:
    """As many as must go now, if all are to go in `left` turns."""
    count = -(-len(texts) // left)
    taken, texts[:] = texts[:count], texts[count:]
    return taken


def _land(
    main: _Main,
    number: int,
    files: Sequence[tuple[str, str]],
    messages: Sequence[str],
    authors: Iterator[Person],
) -> None:
    """A branch with a commit for each file, the last of which changes one, and its merge."""
    tip, tree = main.tip, dict(main.tree)
    for index, (path, text) in enumerate(files):
        tree[path] = (tree[path] + b"\n") if path in tree else text.encode()
        words = "\n\n".join(messages[index :: len(files)])
        tip = main.commit(f"Step {number}.{index}\n\n{words}", next(authors), (tip,), tree)
    main.store.refs[f"refs/pull/{number}/head"] = tip
    main.tree = tree
    message = f"Merge pull request #{number} from shop/step-{number}\n\nStep {number}"
    main.tip = main.commit(message, _MERGER, (main.tip, tip))


def _pull(number: int, texts: Sequence[str], reviews: Sequence[str], path: str) -> Pull:
    title = next((text for text in texts if "\n" not in text), f"Step {number}")
    comments = tuple(
        Comment(number=1000 * number + index, at=index, body=text, path=path)
        for index, text in enumerate(reviews)
    )
    return Pull(
        number=number,
        updated=10 * number,
        title=title,
        body="\r\n\r\n".join(texts),
        comments=comments[::2],
        reviews=(Review(number=1000 * number + 999, at=50, comments=comments[1::2]),),
    )
