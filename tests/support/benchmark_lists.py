"""Invented benchmark lists in the published formats, and changes that copy them."""

import json
from pathlib import Path
from typing import Any

from schemas.tables import FileChange
from transforms.decontaminate.benchmarks import Benchmarks, read_benchmarks

GOLD = """\
def settle(order, rates):
    total = sum(line.price * line.count for line in order.lines)
    discount = rates.get(order.customer, 0)
    if discount and total > order.minimum:
        total -= round(total * discount, 2)
    for fee in order.fees:
        if fee.kind == "express":
            total += fee.amount
    return max(total, 0)
"""
TEST = """\
def test_settle_takes_the_discount_off():
    order = make_order(prices=[10, 20], customer="ada", minimum=5)
    assert settle(order, {"ada": 0.1}) == 27
    assert settle(order, {}) == 30
"""
BASE = "c0ffee" + "0" * 34


def patch_of(added: str, removed: str = "", path: str = "pay/settle.py") -> str:
    """A diff of one file as git prints it."""
    hunk = hunk_of(added, removed)
    return f"diff --git a/{path} b/{path}\n--- a/{path}\n+++ b/{path}\n{hunk}"


def hunk_of(added: str, removed: str = "", context: str = "import os\n") -> str:
    """A hunk: one line of context, lines removed, lines added."""
    body = "".join(f" {line}\n" for line in context.splitlines())
    body += "".join(f"-{line}\n" for line in removed.splitlines())
    body += "".join(f"+{line}\n" for line in added.splitlines())
    num_old = len((context + removed).splitlines())
    return f"@@ -1,{num_old} +1,{len((context + added).splitlines())} @@\n{body}"


def instance(**fields: Any) -> dict[str, Any]:
    """A row as SWE-bench publishes it."""
    return {
        "repo": "acme/shop",
        "instance_id": "acme__shop-41",
        "base_commit": BASE,
        "patch": patch_of(GOLD),
        "test_patch": patch_of(TEST, path="tests/test_settle.py"),
        "problem_statement": "Discounts are not taken off",
        "hints_text": "",
        "created_at": "2024-01-01T12:00:00Z",
        "version": "1.2",
        "FAIL_TO_PASS": '["tests/test_settle.py"]',
        "PASS_TO_PASS": "[]",
        "environment_setup_commit": BASE,
    } | fields


def write_list(path: Path, *rows: dict[str, Any]) -> str:
    """A JSON Lines file, as an entry of `decontaminate.lists`."""
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return str(path)


def read_one(path: Path, *rows: dict[str, Any], columns: tuple[str, ...] = ()) -> Benchmarks:
    """What a list of these rows is read as."""
    return read_benchmarks((write_list(path / "bench.jsonl", *rows),), columns)


def change(patch: str, **fields: Any) -> FileChange:
    """A changed Python file."""
    values: dict[str, Any] = {
        "path": "other/place.py",
        "old_path": None,
        "status": "modified",
        "language": "python",
        "is_test": False,
        "is_generated": False,
        "is_vendored": False,
        "is_documentation": False,
        "is_configuration": False,
        "num_added": patch.count("\n+"),
        "num_deleted": patch.count("\n-"),
        "patch": patch,
        "base_content": None,
    }
    return FileChange(**values | fields)
