"""Trees of base commits: where they come from, and the folder that holds one."""

import os
import random
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.errors import RowError
from transforms.sandbox.folder import Folder
from transforms.synthesize.checkout import Checkout
from transforms.synthesize.snapshots import FolderSnapshots


def tree_of(folder: Folder) -> dict[str, tuple[bytes, bool]]:
    return {
        entry.path: (folder.read(entry.path), entry.executable)
        for entry in folder.walk()
        if entry.kind == "file"
    }


TREES = st.dictionaries(
    st.sampled_from(["a", "b", "d/a", "d/b", "d/e/f", "g/h"]),
    st.tuples(st.sampled_from(["", "x", "y"]), st.booleans()),
)


@settings(max_examples=40, deadline=None)
@given(trees=st.lists(TREES, min_size=1, max_size=4), rng=st.randoms(use_true_random=False))
def test_a_checkout_holds_exactly_the_last_tree(
    tmp_path_factory: pytest.TempPathFactory,
    trees: list[dict[str, tuple[str, bool]]],
    rng: random.Random,
) -> None:
    root = tmp_path_factory.mktemp("checkout") / "repo"
    checkout = Checkout(root, max_files=100, max_bytes=1000)
    for tree in trees:
        checkout.bring_to((path, text, mode) for path, (text, mode) in tree.items())
        assert tree_of(checkout.folder) == {p: (t.encode(), m) for p, (t, m) in tree.items()}
        vandalize(root, rng)


def vandalize(root: Path, rng: random.Random) -> None:
    """What a command might have left behind."""
    for path in sorted(root.rglob("*")):
        if path.is_file() and rng.random() < 0.3:
            path.write_text("changed")
    deeds = [
        lambda: (root / "link").symlink_to("/etc"),
        lambda: (root / "new" / "deep").mkdir(parents=True),
        lambda: os.mkfifo(root / "pipe"),
        lambda: (root / "d").is_dir() and (root / "d").chmod(0o500),
    ]
    rng.choice(deeds)()


def test_folder_snapshots_leave_out_what_is_not_text(tmp_path: Path) -> None:
    root = tmp_path / "acme" / "shop" / "c0ffee"
    root.mkdir(parents=True)
    (root / "b.txt").write_bytes(b"text\n")
    (root / "a.sh").write_bytes(b"echo\n")
    (root / "a.sh").chmod(0o755)
    (root / "image").write_bytes(b"\0\1")
    (root / "latin").write_bytes(b"\xff\xfe")
    (root / "link").symlink_to("/etc/passwd")
    snapshots = FolderSnapshots(tmp_path)
    snapshots.open()
    files = list(snapshots.files("acme/shop", "c0ffee"))
    assert files == [("a.sh", "echo\n", True), ("b.txt", "text\n", False)]
    with pytest.raises(RowError, match="missing_commit"):
        list(snapshots.files("acme/shop", "other"))
