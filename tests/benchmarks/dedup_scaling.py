"""Cost per MB and memory as a corpus grows. In: a corpus, a work folder. Out: a table by size.

    python tests/benchmarks/dedup_scaling.py /tmp/mixed/corpus /tmp/scaling --base 2500

Base files of a corpus, no two of them at Jaccard 0.5 or more, then four and sixteen times as many
by edits: in copy k of a file a share of lines, chosen by hash, is replaced by words that occur
nowhere else, one word fewer than the line had (so a base has most tokens and is kept). The Jaccard
of each edit to its base and to every other edit of it is computed from the two texts, and the
number to remove follows from the greedy rule within each family.
"""

import argparse
import hashlib
import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import dedup_ours
from dedup_corpus import read_corpus, write_shards
from dedup_cost import Cost, measure
from dedup_truth import LEAST, cached_truth, greedy, most_tokens_first, neighbours

from pipelines.text_table import render_table
from schemas.manifest import SIDE

THRESHOLD = 0.7
FACTORS = (1, 4, 16)
_SHARES = (0.01, 0.03, 0.5)
"""Of lines replaced, for the copies in turn: two near ones, one that is not."""
_WORD = re.compile(r"\w+")
_SIZE = 5
_SIGNATURE_BYTES = 4


class Size(NamedTuple):
    """One corpus, and what deduplicating it came to."""

    factor: int
    num_docs: int
    num_mb: float
    known: int
    """Files that have to go."""
    removed: int
    """Files that went."""
    right: int
    """Of these, files whose witness is a member of their family at the threshold or more."""
    cost: Cost
    num_perm: int


def choose_base(corpus: Path, truth_path: Path, num_files: int) -> list[dict[str, str]]:
    """The first files by id of which no two are at Jaccard 0.5 or more."""
    table = read_corpus(corpus)
    truth = cached_truth(truth_path, table["text"].to_pylist())
    alone = greedy(neighbours(truth, LEAST), most_tokens_first(truth))
    chosen = []
    for row, number in zip(table.to_pylist(), truth.set_of.tolist(), strict=True):
        if number in alone:
            alone.discard(number)
            chosen.append(row)
    return chosen[:num_files]


def edited(row: dict[str, str], copy: int) -> dict[str, str]:
    """The copy of a row; copy 0 is the row."""
    if copy == 0:
        return row
    share = _SHARES[copy % len(_SHARES)]
    lines = row["text"].split("\n")
    for index, line in enumerate(lines):
        mark = hashlib.sha1(f"{row['id']} {copy} {index}".encode()).hexdigest()
        num_words = len(_WORD.findall(line))
        if num_words > 1 and int(mark[:8], 16) < share * 2**32:
            lines[index] = " ".join(f"{mark[:16]}_{word}" for word in range(num_words - 1))
    name = hashlib.sha1(f"{row['id']} {copy}".encode()).hexdigest()
    return row | {"id": name, "text": "\n".join(lines), "path": f"{row['path']}.{copy}"}


def shingle_set(text: str) -> frozenset[tuple[str, ...]]:
    """Word 5-grams; of a shorter text, the text."""
    words = _WORD.findall(text.lower())
    if len(words) < _SIZE:
        return frozenset([(text,)])
    return frozenset(zip(*(words[shift:] for shift in range(_SIZE)), strict=False))


def near_pairs(family: Sequence[dict[str, str]]) -> dict[str, set[str]]:
    """id -> ids of the other members at the threshold or more."""
    sets = [(row["id"], shingle_set(row["text"])) for row in family]
    near: dict[str, set[str]] = {name: set() for name, _ in sets}
    for index, (name, items) in enumerate(sets):
        for other, others in sets[:index]:
            shared = len(items & others)
            if shared >= THRESHOLD * (len(items) + len(others) - shared):
                near[name].add(other)
                near[other].add(name)
    return near


def known_removed(family: Sequence[dict[str, str]], near: dict[str, set[str]]) -> int:
    """How many go when those with most tokens are kept first."""
    kept: set[str] = set()
    for row in sorted(family, key=lambda row: -len(_WORD.findall(row["text"]))):
        if kept.isdisjoint(near[row["id"]]):
            kept.add(row["id"])
    return len(family) - len(kept)


def run_size(
    base: list[dict[str, str]], factor: int, folder: Path, given: argparse.Namespace
) -> Size:
    """Build a corpus, deduplicate it and compare."""
    families = [[edited(row, copy) for copy in range(factor)] for row in base]
    rows = sorted((row for family in families for row in family), key=lambda row: row["id"])
    if not (folder / "run").exists():
        write_shards(folder / "corpus", rows)
        dedup_ours.make_run(folder / "corpus", folder / "run")
    near: dict[str, set[str]] = {}
    known = 0
    for family in families:
        found = near_pairs(family)
        near |= found
        known += known_removed(family, found)
    num_mb = sum(len(row["text"].encode()) for row in rows) / 1e6
    cost = middle_cost(folder, given)
    kept, rejected = dedup_ours.read_result(folder / "run")
    right = sum(is_right(row, near, kept) for row in rejected)
    counts = dedup_ours.read_counts(folder / "run")
    num_perm = counts["bands"] * counts["rows"]
    return Size(factor, len(near), num_mb, known, len(rejected), right, cost, num_perm)


def middle_cost(folder: Path, given: argparse.Namespace) -> Cost:
    """The run of median CPU."""
    command = dedup_ours.command(str(folder / "run"), given.workers, given.setting)
    costs = []
    for _ in range(given.rounds):
        dedup_ours.forget_result(folder / "run")
        cost = measure(command, folder / "log", folder / "run" / "dedup" / SIDE)
        if cost is None:
            raise SystemExit(f"dedup failed; see {folder / 'log'}")
        costs.append(cost)
    return sorted(costs)[len(costs) // 2]


def is_right(row: dict[str, Any], near: dict[str, set[str]], kept: set[str]) -> bool:
    """Whether the witness was kept and is near."""
    witness = row["duplicate_of"]
    return witness in kept and (
        row["reason"] == "exact_duplicate" or witness in near[row["row_id"]]
    )


def print_sizes(sizes: Sequence[Size]) -> None:
    """By size; in the last columns, what a further MB costs, and growth beyond signatures."""
    rows = []
    before: Size | None = None
    for size in sizes:
        beyond = size.cost.rss_mb - size.num_perm * _SIGNATURE_BYTES * size.num_docs / 1e6
        further = "-"
        if before is not None:
            further = f"{(size.cost.cpu_s - before.cost.cpu_s) / (size.num_mb - before.num_mb):.3f}"
        rows.append(
            [f"{size.factor}x", size.num_docs, f"{size.num_mb:.1f}", size.known, size.removed,
             size.right, f"{size.cost.cpu_s:.1f}", f"{size.cost.wall_s:.1f}",
             f"{size.cost.cpu_s / size.num_mb:.3f}", f"{size.cost.wall_s / size.num_mb:.3f}",
             further, round(size.cost.rss_mb), round(size.cost.pss_mb), round(beyond),
             f"{size.cost.scratch_mb / size.num_mb:.2f}"]
        )  # fmt: skip
        before = size
    print(render_table(rows, ["", "files", "MB", "known", "removed", "right", "CPU s", "wall s",
                              "CPU s/MB", "wall s/MB", "of further MB", "RSS MB", "PSS MB",
                              "RSS - signatures", "scratch/text"]))  # fmt: skip


def main() -> None:
    """Measure each size."""
    parser = argparse.ArgumentParser()
    parser.add_argument("corpus", type=Path)
    parser.add_argument("work", type=Path)
    parser.add_argument("--base", type=int, default=2500)
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("-s", "--setting", action="append", default=[])
    given = parser.parse_args()
    work = given.work.resolve()
    work.mkdir(parents=True, exist_ok=True)
    base = choose_base(given.corpus, work / "truth.npz", given.base)
    run_size(base[:100], 1, work / "first", given)  # Not shown: it may have to compile.
    sizes = [run_size(base, factor, work / f"{factor}x", given) for factor in FACTORS]
    print_sizes(sizes)
    (work / "sizes.json").write_text(json.dumps([size._asdict() for size in sizes], indent=1))


if __name__ == "__main__":
    main()
