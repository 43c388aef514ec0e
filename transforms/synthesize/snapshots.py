"""Where the files of a base commit come from. In: repository and commit. Out: paths and texts.

    source = MemorySnapshots({("acme/shop", "3f2a..."): {"src/cart.py": "def total(): ...\\n"}})
    source.open()
    list(source.files("acme/shop", "3f2a..."))  ->  [("src/cart.py", "def total(): ...\\n", False)]

Texts must already be anonymized, with the same key as the pull requests: what a source gives is
written to disk and shown in dialogues.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Protocol

from schemas.errors import RowError
from schemas.reasons import Reason
from transforms.sandbox.folder import Folder


class SnapshotSource(Protocol):
    """Gives the tree of a commit. Instances are pickled to workers, then opened once in each."""

    def open(self) -> None:
        """Build what is costly and cannot be pickled."""

    def files(self, repo: str, commit: str) -> Iterator[tuple[str, str, bool]]:
        """(path, text, executable) of each text file; nothing of any other commit.

        Raises RowError(MISSING_COMMIT) or RowError(TREE_TOO_LARGE).
        """


class MemorySnapshots:
    """Trees given as dictionaries: (repo, commit) -> path -> text."""

    def __init__(
        self,
        trees: Mapping[tuple[str, str], Mapping[str, str]],
        executables: frozenset[str] = frozenset(),
    ) -> None:
        self.trees = trees
        self.executables = executables

    def open(self) -> None:
        """Nothing to build."""

    def files(self, repo: str, commit: str) -> Iterator[tuple[str, str, bool]]:
        """The tree's files, in its order."""
        tree = self.trees.get((repo, commit))
        if tree is None:
            raise RowError(Reason.MISSING_COMMIT, "no snapshot of the base commit")
        for path, text in tree.items():
            yield path, text, path in self.executables


class FolderSnapshots:
    """Trees that lie as folders: `root/acme/shop/3f2a.../src/cart.py`."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def open(self) -> None:
        """Nothing to build."""

    def files(self, repo: str, commit: str) -> Iterator[tuple[str, str, bool]]:
        """The folder's text files by path; links and other files are left out."""
        root = self.root / repo / commit
        if not root.is_dir():
            raise RowError(Reason.MISSING_COMMIT, "no snapshot of the base commit")
        folder = Folder(root)
        for entry in folder.walk():
            text = _text(folder.read(entry.path)) if entry.kind == "file" else None
            if text is not None:
                yield entry.path, text, entry.executable


def _text(data: bytes) -> str | None:
    try:
        return None if b"\0" in data else data.decode("utf-8")
    except UnicodeDecodeError:
        return None
