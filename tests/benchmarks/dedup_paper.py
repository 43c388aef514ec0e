"""What deduplicating many documents would take, reckoned from a run. In: a run. Out: two tables.

    python tests/benchmarks/dedup_paper.py RUN SIZES --documents 1e9 --price 0.04

RUN has a finished dedup stage; SIZES is `sizes.json` of `dedup_scaling.py`, against whose scratch
and CPU the formulas are checked first. Bytes follow from the formats, rates are measured: CPU per
further MB between the two largest sizes, and the serial pass over similar pairs here and now.
"""

import argparse
import json
import time
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.compute as pc
import pyarrow.parquet as pq

from pipelines.dedup.work import Limits
from pipelines.text_table import render_table
from transforms.dedup.survivors import decide, new_verdicts

_ROW_BYTES = 36 + 8 + 8 + 16 + 4 + 8 + 8
"""A sketch's id, preference, digest, fork, place and size."""
_KEY_BYTES, _BEST_BYTES, _RANK_BYTES = 48, 32, 16
_BAND_BYTES, _PAIR_BYTES, _RANKED_BYTES, _VERDICT_BYTES = 12, 8, 16 + 16 + 4, 9
_NUM_TIMED_PAIRS = 5_000_000


def scratch_bytes(pairs: dict[str, Any]) -> float:
    """Bytes of scratch a document."""
    per_document = pairs["shingles"] / pairs["distinct"]
    num_perm = pairs["bands"] * pairs["rows"]
    candidates = pairs["candidate_pairs"] / pairs["documents"]
    return (
        _ROW_BYTES
        + 4 * num_perm
        + 8 * per_document
        + (_BAND_BYTES * pairs["bands"] + _RANKED_BYTES + _VERDICT_BYTES)
        + _PAIR_BYTES * candidates
    )


def serial_ns() -> float:
    """Nanoseconds a similar pair in the one pass that decides."""
    random = np.random.default_rng(0)
    later = np.sort(random.integers(1, 2**23, _NUM_TIMED_PAIRS).astype(np.uint64))
    earlier = (later * random.random(_NUM_TIMED_PAIRS)).astype(np.uint64)
    pairs = np.unique(later << np.uint64(32) | earlier)
    nothing = np.empty((0, 2), np.uint32), np.empty((0, 64), np.uint32), np.empty(0, np.uint8)
    similarities = np.full(len(pairs), 0.8)
    times = []
    for _ in range(3):
        verdicts = new_verdicts(2**23)
        start = time.perf_counter()
        decide(range(2**23), pairs, similarities, *nothing, verdicts)
        times.append(time.perf_counter() - start)
    return min(times) / len(pairs) * 1e9


def check(sizes: list[dict[str, Any]], pairs: dict[str, Any], text_bytes: float) -> None:
    """The formula for scratch beside what was measured at each size."""
    rows = []
    for size in sizes:
        measured = size["cost"][4] * 1e6 / size["num_docs"]
        share = size["num_mb"] * 1e6 / size["num_docs"] / text_bytes
        shingles = pairs["shingles"] * share
        formula = scratch_bytes(pairs | {"shingles": shingles})
        rows.append([f"{size['factor']}x", size["num_docs"], round(measured), round(formula)])
    print(render_table(rows, ["", "files", "scratch a file, measured", "by formula"]))


def main() -> None:
    """Check, then reckon."""
    parser = argparse.ArgumentParser()
    parser.add_argument("run", type=Path)
    parser.add_argument("sizes", type=Path)
    parser.add_argument("--documents", type=float, default=1e9)
    parser.add_argument("--price", type=float, default=0.04, help="Of a core-hour.")
    given = parser.parse_args()
    pairs = json.loads((given.run / "dedup" / "PAIRS.json").read_text())
    sizes = json.loads(given.sizes.read_text())
    folder = given.run / "anonymize" / "source_files"
    texts = [pq.read_table(path, columns=["text"])["text"] for path in sorted(folder.iterdir())]
    text_bytes = sum(pc.sum(pc.binary_length(text)).as_py() for text in texts) / pairs["documents"]
    check(sizes, pairs, text_bytes)
    small, large = sizes[-2:]
    cpu_per_mb = (large["cost"][0] - small["cost"][0]) / (large["num_mb"] - small["num_mb"])
    n = given.documents
    limits = Limits()
    candidates = pairs["candidate_pairs"] / pairs["documents"]
    similar = pairs["similar_pairs"] / pairs["documents"]
    between = _BAND_BYTES * pairs["bands"] + _PAIR_BYTES * candidates
    core_hours = cpu_per_mb * n * text_bytes / 1e6 / 3600
    ns = serial_ns()
    rows = [
        ["text", f"{text_bytes:,.0f} B a document", f"{n * text_bytes / 1e12:.2f} TB"],
        ["scratch", f"{scratch_bytes(pairs):,.0f} B", f"{n * scratch_bytes(pairs) / 1e12:.2f} TB"],
        ["through Beam's shuffle", f"{_KEY_BYTES + _BEST_BYTES + _RANK_BYTES} B",
         f"{n * (_KEY_BYTES + _BEST_BYTES + _RANK_BYTES) / 1e9:,.0f} GB"],
        ["from worker to worker in files", f"{between:,.0f} B", f"{n * between / 1e9:,.0f} GB"],
        ["parts of the band keys", f"{limits.part_bytes >> 20} MB each",
         f"{n * _BAND_BYTES * pairs['bands'] / limits.part_bytes:,.0f}"],
        ["memory of a worker", "a part 4 times, a chunk of shingles",
         f"{4 * (limits.part_bytes >> 20) + 8 * (limits.shingles_per_chunk >> 20)} MB"],
        ["verdicts, mapped", f"{_VERDICT_BYTES} B", f"{n * _VERDICT_BYTES / 1e9:,.0f} GB"],
        ["serial pass of a round", f"{similar:.2f} pairs at {ns:.0f} ns",
         f"{n * similar * ns / 1e9:,.0f} s"],
        ["CPU", f"{cpu_per_mb:.4f} s a MB", f"{core_hours:,.0f} core-hours"],
        ["cost", f"{given.price} a core-hour", f"{core_hours * given.price:,.0f}"],
    ]  # fmt: skip
    print(render_table(rows, ["", "measured or by format", f"for {n:,.0f} documents"]))


if __name__ == "__main__":
    main()
