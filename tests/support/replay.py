"""Invented pull requests on an invented tree, and their dialogues.

only(run([pull_request(*CHANGES["one line"])])).messages
"""

import json
import pickle
from collections.abc import Iterator
from dataclasses import replace
from difflib import SequenceMatcher

from rows import FILE_CHANGE, PULL_REQUEST

from schemas.arrow import to_batch
from schemas.discussion import Identity
from schemas.tables import (
    Dialogue,
    FileChange,
    PullRequest,
    Rejected,
    ToolCall,
)
from transforms.outcome import Outcome
from transforms.patch import Hunk, render_hunks, split_lines
from transforms.synthesize.config import SynthesizeConfig
from transforms.synthesize.rows import Synthesize
from transforms.synthesize.snapshots import MemorySnapshots

NEVER = SynthesizeConfig(run_commands="never")
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


def rows_of(changes: dict[str, tuple[FileChange, ...]]) -> list[PullRequest]:
    return [pull_request(*files, pr_id=name) for name, files in changes.items()]


def calls_of(dialogue: Dialogue) -> Iterator[tuple[int, ToolCall, dict[str, str]]]:
    for index, message in enumerate(dialogue.messages):
        for call in message.tool_calls:
            yield index, call, json.loads(call.arguments)
