"""synthesize: replayed dialogues on invented pull requests, and what they may never do."""

import json
import os
import pickle
import random
import re
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from difflib import SequenceMatcher
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rows import FILE_CHANGE, PULL_REQUEST

from schemas.arrow import to_batch
from schemas.errors import ConfigError, RowError
from schemas.tables import (
    Dialogue,
    FileChange,
    Identity,
    LinkedIssue,
    PullRequest,
    Rejected,
    ToolCall,
)
from transforms.outcome import Outcome
from transforms.patch import Hunk, apply_hunks, parse_hunks, render_hunks, split_lines
from transforms.sandbox.bubblewrap import find_sandbox, open_to_sandbox
from transforms.sandbox.folder import Folder, remove_folder
from transforms.synthesize.checkout import Checkout
from transforms.synthesize.config import SynthesizeConfig
from transforms.synthesize.plan import plan_change
from transforms.synthesize.rows import Synthesize
from transforms.synthesize.snapshots import FolderSnapshots, MemorySnapshots
from transforms.synthesize.task import search_terms
from transforms.synthesize.tools import Toolbox, clip, find_all

NEVER = SynthesizeConfig(run_commands="never")
WHEN = datetime(2026, 1, 2, tzinfo=UTC)
WHO = Identity(name="Person 1", email="person1@example.invalid")
Tree = dict[str, str]

CART = """\
import math


def cart_total(items):
    total = 0
    for item in items:
        total += item.price
    return total


def order_total(items):
    total = 0
    for item in items:
        total += item.price
    return total


def tax(amount):
    return amount * 0.2
"""
LONG = "".join(f"value_{i} = {i}  # line {i}\n" for i in range(1, 401))
TREE: Tree = {
    "README.md": "# Shop\n\nTotals and taxes.\n",
    "src/shop/__init__.py": "",
    "src/shop/cart.py": CART,
    "src/shop/long.py": LONG,
    "src/shop/windows.py": "first = 1\r\nsecond = 2\r\nthird = 3\r\n",
    "src/shop/unicode.py": 'greeting = "gr\u00fc\u00df dich \u2028 \U0001f40c"\n\tindented = 1',
    "src/shop/empty.txt": "",
    "scripts/build.sh": "#!/bin/bash\nset -e\nmake all\n",
    "tests/test_cart.py": "from shop.cart import cart_total\n\n\ndef test_empty():\n    pass\n",
    "-rf": "a file with a nasty name\n",
    "with space/it's.py": "x = 1\n",
}


def hunks_between(old: str, new: str) -> list[Hunk]:
    """The difference with three lines of context, as git would cut it."""
    a, b = split_lines(old), split_lines(new)
    hunks = []
    for group in SequenceMatcher(None, a, b, autojunk=False).get_grouped_opcodes(3):
        lines: list[tuple[str, str]] = []
        for kind, a1, a2, b1, b2 in group:
            if kind == "equal":
                lines += [(" ", text) for text in a[a1:a2]]
                continue
            lines += [("-", text) for text in a[a1:a2]]
            lines += [("+", text) for text in b[b1:b2]]
        old_start, num_old = group[0][1], group[-1][2] - group[0][1]
        hunks.append(
            Hunk(
                old_start=old_start + (num_old > 0),
                new_start=group[0][3] + 1,
                lines=tuple(lines),
            )
        )
    return hunks


def change(path: str, old: str | None, new: str | None, **values: object) -> FileChange:
    status = "added" if old is None else "deleted" if new is None else "modified"
    suffix = path.rpartition(".")[2]
    usual = replace(
        FILE_CHANGE,
        path=path,
        status=status,
        language={"py": "python", "sh": "bash", "js": "javascript"}.get(suffix, "text"),
        is_test=path.startswith("tests/"),
        is_documentation=suffix == "md",
        patch=render_hunks(hunks_between(old or "", new or "")),
        base_content=old,
    )
    return replace(usual, **values)  # type: ignore[arg-type]  # fields by name


def pull_request(*files: FileChange, **values: object) -> PullRequest:
    body = "`cart_total` returns too many digits."
    usual = replace(PULL_REQUEST, pr_id="pr-1", body=body, author=WHO, files=files)
    return replace(usual, **values)  # type: ignore[arg-type]  # fields by name


def edited(path: str, *pairs: tuple[str, str], tree: Tree = TREE) -> FileChange:
    new = tree[path]
    for before, after in pairs:
        assert before in new
        new = new.replace(before, after, 1)
    return change(path, tree[path], new)


SECOND_RETURN = CART.rindex("    return total")
CHANGES: dict[str, tuple[FileChange, ...]] = {
    "one line": (edited("src/shop/cart.py", ("amount * 0.2", "round(amount * 0.2, 2)")),),
    "identical blocks": (
        change(
            "src/shop/cart.py",
            CART,
            CART[:SECOND_RETURN] + CART[SECOND_RETURN:].replace("total", "round(total, 2)", 1),
        ),
    ),
    "both identical blocks": (
        change("src/shop/cart.py", CART, CART.replace("return total", "return round(total, 2)")),
    ),
    "insertion": (edited("src/shop/cart.py", ("import math\n", "import math\nimport re\n")),),
    "insertion at the start": (change("src/shop/cart.py", CART, "# Carts.\n" + CART),),
    "insertion at the end": (change("src/shop/cart.py", CART, CART + "\n\nRATE = 0.2\n"),),
    "removal": (edited("src/shop/cart.py", ("import math\n\n\n", "")),),
    "several hunks in a long file": (
        edited(
            "src/shop/long.py",
            ("value_7 = 7 ", "value_7 = 8 "),
            ("value_9 = 9 ", "value_9 = 8 "),
            ("value_200 = 200  # line 200\n", ""),
            ("value_399 = 399", "value_399 = other_value"),
        ),
    ),
    "carriage returns": (edited("src/shop/windows.py", ("second = 2\r\n", "second = 4\r\n")),),
    "no newline at the end": (edited("src/shop/unicode.py", ("indented = 1", "indented = 2\n")),),
    "unicode": (edited("src/shop/unicode.py", ("dich", "\u00e9uch \u2029")),),
    "everything removed": (change("README.md", TREE["README.md"], ""),),
    "text for an empty file": (change("src/shop/empty.txt", "", "no longer empty"),),
    "a new file": (
        change("src/shop/new_module.py", None, "def fresh_name():\n    return 1\n"),
        edited("src/shop/cart.py", ("import math\n", "import shop.new_module\n")),
    ),
    "a new file in a new folder": (change("docs/guide/intro.md", None, "# Guide"),),
    "a new empty file": (change("src/extra/__init__.py", None, "", patch="", num_added=0),),
    "several files": (
        edited("README.md", ("Totals", "Rounded totals")),
        edited("src/shop/cart.py", ("amount * 0.2", "amount * TAX_RATE")),
        edited("tests/test_cart.py", ("pass", "assert cart_total([]) == 0")),
        edited("scripts/build.sh", ("make all", "make all check")),
    ),
    "nasty names": (
        edited("-rf", ("nasty", "strange")),
        edited("with space/it's.py", ("x = 1", "x = 2")),
    ),
    "what does not parse": (edited("src/shop/cart.py", ("def tax(amount):", "def tax(amount:")),),
}
SHELL_CHANGES: dict[str, tuple[FileChange, ...]] = {
    "deletion": (
        change("with space/it's.py", TREE["with space/it's.py"], None),
        edited("README.md", ("Totals", "Sums")),
    ),
    "renaming": (
        change(
            "lib/deep/basket.py",
            CART,
            CART.replace("0.2", "0.25"),
            old_path="src/shop/cart.py",
            status="renamed",
        ),
        change("-r", TREE["-rf"], TREE["-rf"], old_path="-rf", status="renamed", patch=""),
    ),
}


def run(
    rows: list[PullRequest], config: SynthesizeConfig = NEVER, tree: Tree = TREE, seed: int = 1
) -> Outcome[Dialogue]:
    snapshots = MemorySnapshots({("acme/shop", row.base_commit): tree for row in rows})
    stage = pickle.loads(pickle.dumps(Synthesize(config, seed, snapshots)))
    stage.open()
    outcome: Outcome[Dialogue] = stage.apply("pull_requests", to_batch(PullRequest, rows))
    assert len(outcome.kept) + len(outcome.rejected) == len(rows)
    to_batch(Dialogue, outcome.kept)
    return outcome


def only(outcome: Outcome[Dialogue]) -> Dialogue:
    assert outcome.rejected == []
    return outcome.kept[0]


def reason(outcome: Outcome[Dialogue]) -> tuple[str, str]:
    rejected: Rejected = outcome.rejected[0]
    return rejected.reason, rejected.detail


@pytest.fixture(
    scope="module",
    params=[
        "never",
        pytest.param(
            "require",
            marks=pytest.mark.skipif(find_sandbox() is None, reason="no sandbox on this machine"),
        ),
    ],
)
def config(request: pytest.FixtureRequest) -> SynthesizeConfig:
    return SynthesizeConfig(run_commands=request.param, ambiguous_edit_rate=0.7)


@pytest.fixture
def shell_config() -> SynthesizeConfig:
    if find_sandbox() is None:
        pytest.skip("no sandbox on this machine")
    return SynthesizeConfig(run_commands="require")


def rows_of(changes: dict[str, tuple[FileChange, ...]]) -> list[PullRequest]:
    return [pull_request(*files, pr_id=name) for name, files in changes.items()]


@pytest.fixture(scope="module")
def dialogues(config: SynthesizeConfig) -> list[Dialogue]:
    """A dialogue of every change that this configuration can replay."""
    changes = CHANGES | (SHELL_CHANGES if config.run_commands == "require" else {})
    outcome = run(rows_of(changes), config)
    assert outcome.rejected == []
    return outcome.kept


def calls_of(dialogue: Dialogue) -> Iterator[tuple[int, ToolCall, dict[str, str]]]:
    for index, message in enumerate(dialogue.messages):
        for call in message.tool_calls:
            yield index, call, json.loads(call.arguments)


@pytest.fixture
def outside() -> Iterator[Path]:
    """A folder that any uid may pass through, unlike `tmp_path`, which pytest keeps private."""
    folder = Path(tempfile.mkdtemp(prefix="katydid-test-"))
    open_to_sandbox(folder)
    yield folder
    remove_folder(folder)


def test_replaying_the_calls_makes_the_change(dialogues: list[Dialogue], outside: Path) -> None:
    """Independent of the stage's own comparison: the recorded calls alone, on a fresh checkout."""
    for dialogue in dialogues:
        files = _files(dialogue)
        checkout = Checkout(outside / "again", max_files=100, max_bytes=10**6)
        checkout.bring_to((path, text, False) for path, text in TREE.items())
        toolbox = Toolbox(checkout.folder, find_sandbox(), NEVER)
        for _, call, arguments in calls_of(dialogue):
            toolbox.call(call.name, dict(arguments))
        tree = {entry.path for entry in checkout.folder.walk() if entry.kind == "file"}
        for file in files:
            if file.status == "deleted":
                assert file.path not in tree
                continue
            base = file.base_content or ""
            new = apply_hunks(base, parse_hunks(file.patch))
            assert checkout.folder.read(file.path) == new.encode()
        renamed = {file.old_path for file in files if file.old_path}
        assert not renamed & tree


def test_every_call_is_answered_in_order(dialogues: list[Dialogue]) -> None:
    for dialogue in dialogues:
        waiting: list[str] = []
        roles = [message.role for message in dialogue.messages]
        assert roles[:2] == ["system", "user"]
        assert roles[-1] == "assistant"
        for message in dialogue.messages:
            if message.role == "tool":
                assert message.tool_call_id == waiting.pop(0)
                assert message.is_error == (message.exit_status != 0)
            else:
                assert waiting == []
                assert message.content
                waiting = [call.call_id for call in message.tool_calls]
        assert waiting == []
        assert dialogue.num_tool_calls == sum(1 for _ in calls_of(dialogue))
        assert dialogue.num_failed_calls == sum(m.is_error for m in dialogue.messages)


def test_arguments_fit_the_tools(dialogues: list[Dialogue]) -> None:
    types = {"string": str, "integer": int}
    for dialogue in dialogues:
        tools = {tool.name: json.loads(tool.parameters) for tool in dialogue.tools}
        for _, call, arguments in calls_of(dialogue):
            schema = tools[call.name]
            assert set(schema["required"]) <= set(arguments) <= set(schema["properties"])
            for name, value in arguments.items():
                assert isinstance(value, types[schema["properties"][name]["type"]])
            assert call.arguments == json.dumps(arguments, sort_keys=True, ensure_ascii=False)


def test_old_text_was_read_before_it_is_replaced(dialogues: list[Dialogue]) -> None:
    for dialogue in dialogues:
        for index, call, arguments in calls_of(dialogue):
            if call.name == "edit_file":
                shown = [m.content for m in dialogue.messages[:index] if m.role == "tool"]
                assert any(arguments["old_str"] in text for text in shown)


def test_no_path_is_named_before_it_is_seen(dialogues: list[Dialogue]) -> None:
    folders = {str(parent) for path in TREE for parent in Path(path).parents} - {"."}
    for dialogue in dialogues:
        seen = ""
        for message in dialogue.messages:
            said = message.content + "".join(call.arguments for call in message.tool_calls)
            if message.role == "assistant":
                for path in [*TREE, *folders]:
                    pattern = rf"(?<![\w./-]){re.escape(path)}(?![\w/-]|\.\w)"
                    assert path in seen or not re.search(pattern, said), (path, said)
            seen += said + "\n"


def test_no_line_of_the_change_is_told_before_it_is_read(dialogues: list[Dialogue]) -> None:
    """New text appears for the first time in an edit."""
    for dialogue in dialogues:
        first_edit = next(i for i, call, _ in calls_of(dialogue) if call.name == "edit_file")
        before = "\n".join(str(message) for message in dialogue.messages[:first_edit])
        for name in ("round(", "fresh_name", "TAX_RATE", "other_value", "new_module"):
            assert name not in before


def test_a_dialogue_explores_reads_edits_and_reports(dialogues: list[Dialogue]) -> None:
    for dialogue in dialogues:
        names = [call.name for _, call, _ in calls_of(dialogue)]
        assert names[0] == "list_files"
        assert "edit_file" in names
        assert all(file.path in dialogue.messages[-1].content for file in _files(dialogue))


def _files(dialogue: Dialogue) -> tuple[FileChange, ...]:
    return (CHANGES | SHELL_CHANGES)[dialogue.pr_id]


def test_nothing_of_this_machine_is_told(dialogues: list[Dialogue]) -> None:
    for dialogue in dialogues:
        text = str(dialogue)
        assert "/tmp" not in text
        assert str(os.getpid()) not in text
        assert "katydid-" not in text


def test_same_input_same_dialogues_whatever_the_order(
    config: SynthesizeConfig, dialogues: list[Dialogue]
) -> None:
    first = {dialogue.pr_id: dialogue for dialogue in dialogues}
    again = run(rows_of({name: CHANGES[name] for name in sorted(CHANGES, reverse=True)}), config)
    assert again.kept == [first[name] for name in sorted(CHANGES, reverse=True)]


def test_another_seed_gives_another_course() -> None:
    rows = rows_of(CHANGES)
    assert run(rows, seed=1).kept != run(rows, seed=2).kept


def test_several_files_are_read_at_once(dialogues: list[Dialogue]) -> None:
    dialogue = next(d for d in dialogues if d.pr_id == "several files")
    reads = [[c for c in m.tool_calls if c.name == "read_file"] for m in dialogue.messages]
    assert max(len(calls) for calls in reads) == 4


def test_ambiguous_edits_fail_for_real_and_are_mended() -> None:
    row = pull_request(*CHANGES["identical blocks"])
    dialogue = only(run([row], replace(NEVER, ambiguous_edit_rate=1.0)))
    edits = [
        (json.loads(call.arguments), answer)
        for message in dialogue.messages
        for call in message.tool_calls
        if call.name == "edit_file"
        for answer in dialogue.messages
        if answer.tool_call_id == call.call_id
    ]
    (short, error), (full, success) = edits
    assert short["old_str"] == "    return total\n"
    assert "must occur once, it occurs 2 times, at lines 8, 15" in error.content
    assert (error.is_error, success.is_error) == (True, False)
    assert short["old_str"] in full["old_str"]
    assert only(run([row], replace(NEVER, ambiguous_edit_rate=0.0))).num_failed_calls == 0


def test_a_search_without_a_hit_is_an_error() -> None:
    row = pull_request(*CHANGES["one line"], body="The `no_such_name` is wrong.")
    dialogue = only(run([row]))
    (failed,) = (message for message in dialogue.messages if message.is_error)
    assert failed.content == "search: no line contains 'no_such_name'\n"
    assert failed.exit_status == 1


def test_a_failed_check_is_reported(shell_config: SynthesizeConfig) -> None:
    if not Path("/usr/bin/python3").exists():
        pytest.skip("no python3 in /usr/bin")
    dialogue = only(run([pull_request(*CHANGES["what does not parse"])], shell_config))
    (failed,) = (message for message in dialogue.messages if message.is_error)
    assert "SyntaxError" in failed.content
    assert failed.content.endswith("exit status: 1\n")
    assert "The check of `src/shop/cart.py` failed" in dialogue.messages[-1].content


def test_without_a_sandbox_there_is_no_shell() -> None:
    for dialogue in run(rows_of(CHANGES), NEVER).kept:
        assert "run_command" not in {tool.name for tool in dialogue.tools}
        assert "run_command" not in {call.name for _, call, _ in calls_of(dialogue)}
        assert "sandbox" not in dialogue.messages[0].content


def test_with_a_sandbox_there_is_one(shell_config: SynthesizeConfig) -> None:
    dialogue = only(run([pull_request(*CHANGES["several files"])], shell_config))
    assert dialogue.tools[-1].name == "run_command"
    commands = [a["command"] for _, call, a in calls_of(dialogue) if call.name == "run_command"]
    assert "bash -n scripts/build.sh" in commands


def hostile_tree(canary: Path) -> Tree:
    touch = f"touch {canary}"
    python = f"import os\nos.system({touch!r})\n"
    return TREE | {
        "Makefile": f"all:\n\t{touch}\n",
        "conftest.py": python,
        "setup.py": python,
        "sitecustomize.py": python,
        "py_compile.py": python,
        "json.py": python,
        ".gitattributes": "* filter=evil\n",
        ".git/config": f'[core]\n\tfsmonitor = "{touch}"\n[filter "evil"]\n\tsmudge = {touch}\n',
        ".git/hooks/post-checkout": f"#!/bin/sh\n{touch}\n",
        ".bashrc": touch,
        ".env": f"BASH_ENV=$({touch})",
        "$(touch pwned)": "x\n",
        "; touch pwned; .py": "y = 1\n",
        "--help": "z\n",
    }


def test_a_hostile_tree_does_nothing_to_the_host(config: SynthesizeConfig, tmp_path: Path) -> None:
    canary = tmp_path / "touched"
    tree = hostile_tree(canary)
    names = ["$(touch pwned)", "; touch pwned; .py", "--help", "conftest.py", "Makefile"]
    files = [change(name, tree[name], tree[name] + "more = 1\n") for name in names]
    dialogue = only(run([pull_request(*files)], config, tree))
    assert not canary.exists()
    assert "pwned" not in [line for m in dialogue.messages for line in m.content.split("\n")]


@pytest.mark.parametrize("path", ["../escape.txt", "/etc/escape.txt", "a/../../escape.txt", "a//b"])
def test_a_tree_with_names_that_lead_outside_is_rejected(path: str) -> None:
    outcome = run([pull_request(*CHANGES["one line"])], tree=TREE | {path: "x"})
    assert reason(outcome)[0] == "unsuitable_change"
    assert not Path("/etc/escape.txt").exists()


def test_rejections() -> None:
    one = CHANGES["one line"]
    binary = change("logo.png", None, "", patch="")
    unknown = change("logo.png", "", "x", base_content=None)
    cases: dict[str, tuple[PullRequest, str]] = {
        "no title": (pull_request(*one, title="  "), "unsuitable_change"),
        "deletion only": (pull_request(SHELL_CHANGES["deletion"][0]), "unsuitable_change"),
        "renaming": (pull_request(*SHELL_CHANGES["renaming"]), "unsuitable_change"),
        "mode only": (pull_request(change("a", "x", "x", patch="")), "unsuitable_change"),
        "binary": (pull_request(*one, binary), "unsuitable_change"),
        "unknown base": (pull_request(unknown), "no_base_content"),
        "wrong patch": (pull_request(replace(one[0], patch="@@ -1 +1 @@\n-no\n+yes\n")), ""),
        "no patch": (pull_request(replace(one[0], patch="rubbish")), "patch_does_not_apply"),
        "other base": (pull_request(change("README.md", "# Other\n", "# New\n")), ""),
        "exists": (pull_request(change("README.md", None, "# New\n")), "replay_mismatch"),
        "no such file": (pull_request(change("absent.py", "a\n", "b\n")), "replay_mismatch"),
        "through a file": (pull_request(change("README.md/x", "a\n", "b\n")), "replay_mismatch"),
        "outside": (pull_request(change("../x", "a\n", "b\n")), "unsuitable_change"),
    }
    outcome = run([replace(row, pr_id=name) for name, (row, _) in cases.items()])
    assert outcome.kept == []
    found = {rejected.row_id: rejected.reason for rejected in outcome.rejected}
    wanted = {name: slug for name, (_, slug) in cases.items()}
    wanted |= {"wrong patch": "patch_does_not_apply", "other base": "replay_mismatch"}
    assert found == wanted
    assert {rejected.stage for rejected in outcome.rejected} == {"synthesize"}


def test_only_deletions_are_rejected_with_a_shell_too(shell_config: SynthesizeConfig) -> None:
    outcome = run([pull_request(SHELL_CHANGES["deletion"][0])], shell_config)
    assert reason(outcome) == ("unsuitable_change", "renames, deletions or modes only")


def test_limits_are_kept() -> None:
    row = pull_request(*CHANGES["several files"])
    assert reason(run([row], replace(NEVER, max_files=3))) == ("too_many_edits", "4 files > 3")
    assert reason(run([row], replace(NEVER, max_edits=3))) == ("too_many_edits", "4 edits > 3")
    assert reason(run([row], replace(NEVER, max_tree_files=5)))[0] == "tree_too_large"
    assert reason(run([row], replace(NEVER, max_tree_bytes=500)))[0] == "tree_too_large"
    small = replace(NEVER, max_observation_bytes=20)
    assert (
        reason(run([pull_request(*CHANGES["identical blocks"])], small))[0] == "unsuitable_change"
    )


def test_a_missing_commit_rejects_the_row_alone() -> None:
    rows = [pull_request(*CHANGES["one line"], pr_id=f"pr-{i}") for i in range(3)]
    stage = Synthesize(NEVER, 1, MemorySnapshots({("acme/shop", "c0ffee"): TREE}))
    stage.open()
    rows[1] = replace(rows[1], base_commit="unknown")
    outcome = stage.apply("pull_requests", to_batch(PullRequest, rows))
    assert [dialogue.pr_id for dialogue in outcome.kept] == ["pr-0", "pr-2"]
    assert [rejected.reason for rejected in outcome.rejected] == ["missing_commit"]


def test_a_wrong_setting_stops_the_run() -> None:
    with pytest.raises(ConfigError, match="auto, require or never"):
        Synthesize(replace(NEVER, run_commands="yes"), 1, MemorySnapshots({})).open()


def test_the_request_holds_the_issues_and_no_form_comments() -> None:
    issue = LinkedIssue(number=7, title="Cents are lost", body="See `tax`. <!-- secret -->")
    body = "<!-- describe your\nchange -->Fixes #7.\r\n\r\n\r\n\r\nThanks <!-- unclosed"
    row = pull_request(*CHANGES["one line"], body=body, linked_issues=(issue,))
    text = only(run([row])).messages[1].content
    opening, _, rest = text.partition("\n\n")
    assert opening
    assert rest == "Round totals\n\nFixes #7.\n\nThanks\n\nIssue #7: Cents are lost\n\nSee `tax`."
    short = only(run([row], replace(NEVER, max_task_chars=50))).messages[1].content
    assert short.endswith("more characters are not shown]")


def test_search_terms() -> None:
    text = "Add --dry-run to `Cart.total()` so that cart_total and getTotal() agree in shop.cart"
    assert search_terms(text) == [
        *("Cart.total()", "--dry-run", "Cart.total", "cart_total", "getTotal", "shop.cart")
    ]
    assert search_terms("Fix rounding of every value") == ["rounding"]


@pytest.mark.parametrize("seed", range(20))
def test_random_changes_of_repetitive_files_replay(seed: int) -> None:
    """Few different lines, many places: every edit must grow, many must join."""
    rng = random.Random(seed)
    lines = [rng.choice(["a\n", "b\n", "\n", "  a\n", "ab\n"]) for _ in range(rng.randint(1, 60))]
    new = [line for line in lines if rng.random() < 0.9]
    for _ in range(rng.randint(1, 6)):
        new.insert(rng.randint(0, len(new)), rng.choice(["a\n", "c\n", "\n"]))
    old_text = "".join(lines).removesuffix("\n" if rng.random() < 0.3 else "")
    tree = {"f.txt": old_text}
    row = pull_request(change("f.txt", old_text, "".join(new)))
    dialogue = only(run([row], replace(NEVER, ambiguous_edit_rate=1.0), tree, seed))
    edits = [json.loads(c.arguments) for _, c, _ in calls_of(dialogue) if c.name == "edit_file"]
    assert all(old_text.count(edit["old_str"]) for edit in edits if edit["old_str"])


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.sampled_from(["a\n", "b\n", "\n", "a\r\n", "ba\n"]), max_size=14),
    st.lists(st.sampled_from(["a\n", "b\n", "c\n", "\n", "a"]), max_size=14),
)
def test_edits_are_exact_and_name_their_place(old_lines: list[str], new_lines: list[str]) -> None:
    old, new = "".join(old_lines), "".join(new_lines)
    row = pull_request(change("f.py", old, new))
    if old == new:
        with pytest.raises(RowError):
            plan_change(row, NEVER, has_shell=False)
        return
    (plan,) = plan_change(row, NEVER, has_shell=False)
    text, last_line = old, 0
    for edit in plan.edits:
        assert edit.first_line > last_line or not old
        last_line = edit.last_line
        if edit.short_old_str:
            assert len(find_all(text, edit.short_old_str)) > 1
        assert len(find_all(text, edit.old_str)) == 1 or not old
        text = text.replace(edit.old_str, edit.new_str, 1)
    assert text == new


# The checkout and the tools by themselves.


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


def test_a_checkout_has_no_history(toolbox: Toolbox) -> None:
    assert ".git" not in toolbox.call("list_files", {"path": "."}).text


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
