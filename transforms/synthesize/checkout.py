"""A base commit's files in a folder. In: a snapshot. Out: a folder that holds it and nothing else.

    checkout = Checkout(Path("/tmp/work/repo"), max_files=20_000, max_bytes=128 << 20)
    checkout.bring_to(snapshots.files("acme/shop", "3f2a..."))

There is no `.git` and so no future to look at. The folder is kept from one commit to the next:
every file is read and compared with the snapshot, whatever happened to it in between, and only what
differs is written. Links and locked folders that a command left make the folder be made anew.
"""

from collections.abc import Iterable
from pathlib import Path

from schemas.errors import RowError
from schemas.reasons import Reason
from transforms.sandbox.folder import Folder, is_fault_of_path, remove_folder

Tree = dict[str, tuple[bytes, bool]]


class Checkout:
    """The work folder of dialogues, one after the other."""

    def __init__(self, root: Path, *, max_files: int, max_bytes: int) -> None:
        self.folder = Folder(root)
        self.max_files = max_files
        self.max_bytes = max_bytes
        self._make_empty()

    def bring_to(self, files: Iterable[tuple[str, str, bool]]) -> None:
        """Make the folder hold these files. Raises RowError for a tree that cannot be held."""
        wanted = self._collect(files)
        if not self._drop_others(wanted):
            self._make_empty()
        try:
            self._write_all(wanted)
        except PermissionError:
            self._make_empty()
            self._write_all(wanted)

    def _collect(self, files: Iterable[tuple[str, str, bool]]) -> Tree:
        tree: Tree = {}
        num_bytes = 0
        for path, text, executable in files:
            data = text.encode("utf-8")
            num_bytes += len(data)
            tree[path] = (data, executable)
            if len(tree) > self.max_files:
                raise RowError(Reason.TREE_TOO_LARGE, f"more than {self.max_files} files")
            if num_bytes > self.max_bytes:
                raise RowError(Reason.TREE_TOO_LARGE, f"more than {self.max_bytes} bytes")
        return tree

    def _drop_others(self, wanted: Tree) -> bool:
        """Delete what is not wanted; False where the folder is better made anew."""
        try:
            entries = list(self.folder.walk())
            for entry in reversed(entries):
                if entry.kind == "other":
                    return False
                if entry.kind == "file" and entry.path not in wanted:
                    self.folder.delete(entry.path)
                if entry.kind == "folder" and not self.folder.entries(entry.path):
                    self.folder.delete(entry.path)
        except OSError:
            return False
        return True

    def _write_all(self, wanted: Tree) -> None:
        for path, (data, executable) in wanted.items():
            try:
                if not self._holds(path, data, executable):
                    self.folder.write(path, data, executable=executable)
            except OSError as error:
                if not is_fault_of_path(error):
                    raise
                # A name that leads outside, or is too long: git can hold it, we write none.
                detail = f"unsafe path in the tree: {error.strerror}"
                raise RowError(Reason.UNSUITABLE_CHANGE, detail) from None

    def _holds(self, path: str, data: bytes, executable: bool) -> bool:
        try:
            return self.folder.is_executable(path) == executable and self.folder.read(path) == data
        except FileNotFoundError:
            return False

    def _make_empty(self) -> None:
        remove_folder(self.folder.root)
        self.folder.root.mkdir(mode=0o700)
