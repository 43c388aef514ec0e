"""Deduplication beside other tools: one corpus of real files, exact truth, Parquet in and out.

    python -m venv peers; peers/bin/pip install 'datatrove[io]' datasketch regex rensa spacy \\
        tokenizers 'xxhash<4'
    python3.12 -m venv td; td/bin/pip install text-dedup==0.4.0
    python tests/benchmarks/dedup.py /tmp/mixed --peers peers/bin/python \\
        --text-dedup td/bin/python --roots /usr/lib/python3 /usr/share /data/node_modules

In: a work folder; folders to build a corpus from if it holds none (`dedup_corpus.py` has more
options). Out: a table of cost, one of what was removed against all pairs at Jaccard 0.7 or more
(`dedup_truth.py`). Each side runs in processes of its own with two workers where it has workers;
rounds alternate, medians are shown, start and imports included; ours runs once before, since the
first run of an installation compiles its loops. Of text-dedup the newest version
that can be installed from PyPI is 0.4.0; it writes Arrow files and does not verify.
"""

import argparse
import json
import shutil
import sys
from collections.abc import Mapping, Sequence
from itertools import islice
from pathlib import Path
from statistics import median
from typing import Any

import dedup_ours
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from dedup_corpus import LANGUAGES, find_files, print_corpus, read_corpus, read_files, write_shards
from dedup_cost import Cost, measure
from dedup_truth import Truth, cached_truth, greedy, most_tokens_first, neighbours, score

from pipelines.text_table import render_table

THRESHOLD = 0.7
OURS = "katydid"
SIDES = (OURS, "rensa:25x10", "rensa-class:25x10", "datatrove:25x10", "datatrove:14x8",
         "datasketch:25x10", "text-dedup:25x10", "datatrove-stock:14x8")  # fmt: skip
_PEERS = Path(__file__).with_name("dedup_peers.py")
_QUIET = {"HF_HUB_OFFLINE": "1", "HF_DATASETS_OFFLINE": "1"}


def main() -> None:
    """Build what is missing, measure, print."""
    given = parse_arguments()
    work = given.work.resolve()
    if not (work / "corpus").exists():
        rows = list(islice(read_files(find_files(given.roots, [*LANGUAGES.values()])), given.files))
        write_shards(work / "corpus", rows)
    corpus = read_corpus(work / "corpus")
    print_corpus(corpus)
    texts = corpus["text"].to_pylist()
    truth = cached_truth(work / "truth.npz", texts)
    least = print_truth(truth)
    if OURS in given.only:
        if not (work / "run").exists():
            dedup_ours.make_run(work / "corpus", work / "run")
        run_side(OURS, work, given)  # Not counted: the first run of an installation compiles.
    costs: dict[str, list[Cost]] = {}
    kept: dict[str, set[str]] = {}
    for _ in range(given.rounds):
        for side in given.only:
            cost = run_side(side, work, given)
            if cost is not None:
                costs.setdefault(side, []).append(cost)
                kept[side] = read_kept(side, work)
    num_mb = sum(len(text.encode()) for text in texts) / 1e6
    print_costs(costs, len(texts), num_mb)
    print_scores(truth, corpus["id"].to_pylist(), kept, least)
    if OURS in kept:
        print_witnesses(truth, corpus["id"].to_pylist(), work / "run")
    saved = {side: [cost._asdict() for cost in rounds] for side, rounds in costs.items()}
    (work / "costs.json").write_text(json.dumps(saved, indent=1))
    sys.exit(any(len(costs.get(side, ())) < given.rounds for side in given.only))


def parse_arguments() -> argparse.Namespace:
    """What is asked for."""
    parser = argparse.ArgumentParser()
    parser.add_argument("work", type=Path, help="corpus, truth, outputs and logs lie here")
    parser.add_argument("--roots", nargs="+", default=[], help="folders to build a corpus from")
    parser.add_argument("--files", type=int, default=20_000)
    parser.add_argument("--only", nargs="+", default=[*SIDES], help="sides, as name:BANDSxROWS")
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--workers", type=int, default=2, help="of ours; the peers have two")
    parser.add_argument("--peers", default=sys.executable, help="a Python that has them")
    parser.add_argument("--text-dedup", default=sys.executable, help="a Python that has it")
    parser.add_argument("-s", "--setting", action="append", default=[], help="of ours")
    return parser.parse_args()


def run_side(side: str, work: Path, given: argparse.Namespace) -> Cost | None:
    """Measure one side; None when it failed."""
    out = work / "out" / side
    for folder in (out, out.with_name(f"{side}-stages")):
        shutil.rmtree(folder, ignore_errors=True)
    (work / "out").mkdir(exist_ok=True)
    if side == OURS:
        dedup_ours.forget_result(work / "run")
        command = dedup_ours.command(str(work / "run"), given.workers, given.setting)
    elif side.startswith("text-dedup"):
        command = text_dedup(given.text_dedup, side, work / "corpus", out)
    else:
        command = [absolute(given.peers), str(_PEERS), side, str(work / "corpus"), str(out)]
    cost = measure(command, work / "out" / f"{side}.log", environment=_QUIET)
    print(side, "failed" if cost is None else [round(value, 1) for value in cost], file=sys.stderr)
    return cost


def absolute(python: str) -> str:
    """Commands run in another folder; the link of a virtual environment must stay a link."""
    return str(Path(python).absolute())


def text_dedup(python: str, side: str, corpus: Path, out: Path) -> list[str]:
    """text-dedup's command line."""
    bands, rows = map(int, side.partition(":")[2].split("x"))
    options = {
        "path": "parquet",
        "data_files": f"{corpus}/*.parquet",
        "split": "train",
        "column": "text",
        "output": out / "kept",
        "cache_dir": out / "cache",
        "num_proc": 2,
        "threshold": THRESHOLD,
        "num_perm": bands * rows,
        "b": bands,
        "r": rows,
    }
    words = [str(word) for name, value in options.items() for word in (f"--{name}", value)]
    return [absolute(python), "-m", "text_dedup.minhash", *words]


def read_kept(side: str, work: Path) -> set[str]:
    """Ids that a side left."""
    if side == OURS:
        return dedup_ours.read_result(work / "run")[0]
    out = work / "out" / side
    files = sorted((out / "kept").glob("*.arrow"))
    if files:
        return {i for file in files for i in pa.ipc.open_stream(file).read_all()["id"].to_pylist()}
    return set(pq.read_table(out, columns=["id"])["id"].to_pylist())


def print_truth(truth: Truth) -> int:
    """How much there is to remove; returns the least that removes all, our order of preference."""
    near = neighbours(truth, THRESHOLD)
    order = most_tokens_first(truth)
    orders = {
        "most tokens first": order,
        "fewest tokens first": order[::-1],
        "most neighbours first": sorted(order, key=lambda number: -len(near[number])),
        "fewest neighbours first": sorted(order, key=lambda number: len(near[number])),
    }
    removed = {
        name: len(truth.set_of) - len(greedy(near, numbers)) for name, numbers in orders.items()
    }
    print(f"\n{len(near):,} distinct sets, {int(np.sum(truth.jaccards >= THRESHOLD)):,} pairs of "
          f"them at {THRESHOLD} or more. To remove, greedily:")  # fmt: skip
    print(render_table([[name, number] for name, number in removed.items()], ["order", "files"]))
    return removed["most tokens first"]


def print_costs(costs: Mapping[str, list[Cost]], num_docs: int, num_mb: float) -> None:
    """Medians, and how many times ours."""
    middle = {side: Cost(*map(median, zip(*rounds, strict=True))) for side, rounds in costs.items()}
    ours = middle.get(OURS)
    rows = [
        [
            side,
            len(costs[side]),
            *(f"{value:.1f}" for value in cost[:2]),
            *(round(value) for value in cost[2:4]),
            round(num_docs / cost.wall_s),
            f"{num_mb / cost.wall_s:.1f}",
            f"{cost.cpu_s / num_mb:.3f}",
            f"{cost.cpu_s / ours.cpu_s:.2f}" if ours else "-",
            f"{cost.wall_s / ours.wall_s:.2f}" if ours else "-",
        ]
        for side, cost in sorted(middle.items(), key=lambda item: item[1].cpu_s)
    ]
    print()
    print(render_table(rows, ["", "rounds", "CPU s", "wall s", "RSS MB", "PSS MB", "docs/s", "MB/s",
                              "CPU s/MB", "CPU/ours", "wall/ours"]))  # fmt: skip


def print_scores(
    truth: Truth, ids: Sequence[str], kept: Mapping[str, set[str]], least: int
) -> None:
    """What each side removed, against the truth."""
    rows = []
    for side, names in kept.items():
        found = score(truth, [name in names for name in ids], THRESHOLD)
        precision = found.supported / found.removed if found.removed else 1.0
        rows.append(
            [side, found.removed, f"{precision:.4f}", found.left,
             f"{found.left / max(least, 1):.2%}", found.unlike]
        )  # fmt: skip
    print()
    print(render_table(rows, ["", "removed", "precision", "left", "left/least",
                              "no other at 0.5"]))  # fmt: skip


def print_witnesses(truth: Truth, ids: Sequence[str], run: Path) -> None:
    """Whether the rows that ours names are what it says."""
    kept, rejected = dedup_ours.read_result(run)
    found = dedup_ours.check_witnesses(truth, ids, kept, rejected, THRESHOLD)
    print(f"\nwitnesses kept and similar: {found.right:,} of {found.all:,}; "
          f"similarity as told: {found.exact:,}")  # fmt: skip
    counts: dict[str, Any] = dedup_ours.read_counts(run)
    print(", ".join(f"{name} {value:,}" for name, value in counts.items()))


if __name__ == "__main__":
    main()
