"""The tools of the assistant, one by one."""

import re
import resource
import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from replay import CART, CHANGES, LONG, NEVER, TREE, pull_request
from sandboxed import needs_bwrap

from schemas.arrow import to_batch
from schemas.errors import SandboxError, StageError
from schemas.tables import PullRequest
from transforms.sandbox.bubblewrap import Sandbox
from transforms.sandbox.folder import Folder
from transforms.synthesize.checkout import Checkout
from transforms.synthesize.rows import Synthesize
from transforms.synthesize.snapshots import MemorySnapshots
from transforms.synthesize.tools import Toolbox, clip


@pytest.fixture
def toolbox(tmp_path: Path) -> Toolbox:
    checkout = Checkout(tmp_path / "repo", max_files=100, max_bytes=10**6)
    checkout.bring_to((path, text, path.endswith(".sh")) for path, text in TREE.items())
    return Toolbox(checkout.folder, None, replace(NEVER, max_observation_bytes=400))


@pytest.mark.parametrize(
    ("name", "arguments", "status", "text"),
    [
        ("list_files", {"path": "src"}, 0, "src/shop/\n"),
        ("list_files", {"path": "README.md"}, 2, "list_files: README.md: is not a folder\n"),
        ("list_files", {"path": ".."}, 2, "list_files: ..: is not a plain path"),
        ("search", {"pattern": "def tax"}, 0, "src/shop/cart.py:18:def tax(amount):\n"),
        ("search", {"pattern": "x", "path": "with space"}, 0, "with space/it's.py:1:x = 1\n"),
        ("search", {"pattern": "x", "path": "/etc"}, 2, "search: /etc: is not a relative path\n"),
        ("search", {"pattern": "zzz"}, 1, "search: no line contains 'zzz'\n"),
        ("read_file", {"path": "src/shop/windows.py", "start": 2, "end": 2}, 0, "second = 2\r\n"),
        ("read_file", {"path": "src/shop/windows.py", "start": 3, "end": 9}, 0, "third = 3\r\n"),
        ("read_file", {"path": "src/shop/empty.txt"}, 0, ""),
        ("read_file", {"path": "absent"}, 1, "read_file: absent: no such file or folder\n"),
        ("read_file", {"path": "README.md", "start": 9}, 1, "read_file: README.md: has only 3"),
        ("read_file", {"path": "README.md", "start": 0}, 2, "read_file: README.md: 0 to None"),
        ("read_file", {"path": "/etc/passwd"}, 1, "read_file: /etc/passwd: is not a relative"),
        ("edit_file", {"path": "README.md", "old_str": "# Sh", "new_str": ""}, 0, "edited README"),
        ("edit_file", {"path": "README.md", "old_str": "no", "new_str": ""}, 1, "edit_file: READ"),
        ("edit_file", {"path": "README.md", "old_str": "", "new_str": "x"}, 1, "edit_file: READM"),
        ("edit_file", {"path": "../x", "old_str": "", "new_str": "x"}, 1, "edit_file: ../x: is n"),
        ("edit_file", {"path": "n/x", "old_str": "", "new_str": "x"}, 0, "wrote n/x, 1 lines\n"),
    ],
)
def test_tools_print(
    toolbox: Toolbox, name: str, arguments: dict[str, str | int], status: int, text: str
) -> None:
    observation = toolbox.call(name, arguments)
    assert observation.exit_status == status
    assert observation.text.startswith(text)


def test_a_failed_edit_changes_nothing(toolbox: Toolbox) -> None:
    arguments: dict[str, str | int] = {
        "path": "src/shop/cart.py",
        "old_str": "total",
        "new_str": "",
    }
    observation = toolbox.call("edit_file", arguments)
    assert observation.exit_status == 1
    assert f"{CART.count('total')} times" in observation.text
    assert toolbox.folder.read("src/shop/cart.py") == CART.encode()


def test_links_lead_the_tools_nowhere(toolbox: Toolbox, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("canary\n")
    (toolbox.folder.root / "link").symlink_to(tmp_path / "secret")
    (toolbox.folder.root / "up").symlink_to(tmp_path)
    calls: list[tuple[str, dict[str, str | int]]] = [
        ("read_file", {"path": "link"}),
        ("read_file", {"path": "up/secret"}),
        ("search", {"pattern": "canary"}),
        ("search", {"pattern": "canary", "path": "up"}),
        ("search", {"pattern": "canary", "path": "link"}),
        ("list_files", {"path": "up"}),
        ("edit_file", {"path": "link", "old_str": "canary", "new_str": "gone"}),
        ("edit_file", {"path": "up/made", "old_str": "", "new_str": "made"}),
    ]
    for name, arguments in calls:
        observation = toolbox.call(name, arguments)
        assert observation.exit_status != 0
        assert "canary\n" not in observation.text
    assert (tmp_path / "secret").read_text() == "canary\n"
    assert not (tmp_path / "made").exists()


def test_long_results_say_what_was_cut(toolbox: Toolbox) -> None:
    text = toolbox.call("read_file", {"path": "src/shop/long.py"}).text
    kept, cut = text[: text.rindex("[")], text[text.rindex("[") :]
    assert LONG.startswith(kept)
    assert cut == f"[{len(LONG) - len(kept)} more bytes are not shown]\n"


@given(st.text(max_size=60), st.integers(min_value=0, max_value=80))
def test_clip_keeps_a_prefix(text: str, size: int) -> None:
    clipped = clip(text.encode(), size)
    if len(text.encode()) <= size:
        assert clipped == text
        return
    kept, _, end = clipped.rpartition("[")
    assert text.startswith(kept.removesuffix("\n"))
    assert re.fullmatch(r"\d+ more bytes are not shown\]\n", end)


def test_a_checkout_has_no_history(toolbox: Toolbox) -> None:
    assert ".git" not in toolbox.call("list_files", {"path": "."}).text


def test_a_search_with_many_hits_keeps_few(toolbox: Toolbox) -> None:
    text = "foo\n" * 500_000
    toolbox.folder.write("many.txt", text.encode())
    toolbox.config = replace(NEVER, max_search_hits=3)
    tracemalloc.start()
    observation = toolbox.call("search", {"pattern": "foo"})
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    hits = "".join(f"many.txt:{number}:foo\n" for number in (1, 2, 3))
    assert observation.text == f"{hits}[499997 more matching lines are not shown]\n"
    assert peak < 3 * len(text)


@contextmanager
def no_room(limit: int, value: int) -> Iterator[None]:
    """The machine, not a path, is at its end."""
    before = resource.getrlimit(limit)
    resource.setrlimit(limit, (value, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(limit, before)


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("list_files", {"path": "."}),
        ("search", {"pattern": "tax"}),
        ("search", {"pattern": "tax", "path": "src"}),
        ("read_file", {"path": "README.md"}),
        ("edit_file", {"path": "made", "old_str": "", "new_str": "x"}),
    ],
)
def test_too_many_open_files_are_no_observation(
    toolbox: Toolbox, name: str, arguments: dict[str, str | int]
) -> None:
    with (
        pytest.raises(OSError, match=r"[Tt]oo many open files"),
        no_room(resource.RLIMIT_NOFILE, 0),
    ):
        toolbox.call(name, arguments)


def test_a_full_disk_is_no_observation(toolbox: Toolbox) -> None:
    arguments: dict[str, str | int] = {"path": "made", "old_str": "", "new_str": "x" * 5000}
    with pytest.raises(OSError, match="File too large"), no_room(resource.RLIMIT_FSIZE, 1000):
        toolbox.call("edit_file", arguments)


def test_a_full_disk_ends_the_run_and_rejects_no_row() -> None:
    stage = Synthesize(NEVER, 1, MemorySnapshots({("acme/shop", "c0ffee"): TREE}))
    stage.open()
    batch = to_batch(PullRequest, [pull_request(*CHANGES["one line"])])
    with (
        pytest.raises(StageError, match="File too large"),
        no_room(resource.RLIMIT_FSIZE, 1000),
    ):
        stage.apply("pull_requests", batch)
    assert len(stage.apply("pull_requests", batch).kept) == 1


@needs_bwrap
def test_a_sandbox_that_fails_ends_the_run(sandbox: Sandbox, tmp_path: Path) -> None:
    toolbox = Toolbox(Folder(tmp_path / "absent"), sandbox, NEVER)
    with pytest.raises(SandboxError):
        toolbox.call("run_command", {"command": "true"})
