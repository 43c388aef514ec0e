"""dedup's own Beam graph. In: the stage's input shards. Out: for each, a side file of its losers.

    prepare(inputs, config, seed, "run/dedup", ["--runner=FnApiRunner"])
        ->  {("source_files", "click-00000"): "run/dedup/_side/source_files-click-00000.parquet"},
            {"documents": 20000, "distinct": 16363, ...}

    sketches    text is read once and becomes a preference, a digest, a signature and shingles
    ranks       copies are grouped, documents numbered by preference
    bands       documents that share a band key
    rounds      pairs proposed, checked exactly, decided; again while documents wait
    repeats     an option: functions that a better file holds as well
    side files  who goes, for whom, how similar

Elements are shards, or packed arrays of numbers: no document goes through a shuffle. Each step
leaves files in the stage's scratch, which every worker must see, so that a step holds one part in
memory whatever the size of the corpus.
"""

import shutil
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from pipelines.dedup.earlier import (
    earlier_shards,
    join_new_keys,
    take_matching,
    with_matching,
    write_new_keys,
)
from pipelines.dedup.graphs import (
    Graph,
    band_graph,
    compare_graph,
    rank_graph,
    repeats_graph,
    run_graph,
    run_here,
)
from pipelines.dedup.index import (
    INDEX,
    earlier_indexes,
    finish_index,
    index_path,
    restore_sketch,
    write_index_file,
)
from pipelines.dedup.ranks import count_shingles, join_ranked
from pipelines.dedup.repeats import mark_witnesses
from pipelines.dedup.rounds import Round, decide_ranges, new_verdict_files
from pipelines.dedup.side_files import write_losers, write_side_file
from pipelines.dedup.sketches import write_sketch
from pipelines.dedup.work import UNRANKED, Limits, SketchedShard, Work
from pipelines.shards import InputShard
from schemas.errors import StageError
from schemas.manifest import SIDE
from transforms.dedup.config import DedupConfig

ShardKey = tuple[str, str]
Run = Callable[[Graph, Iterable[Any]], None]
_RANKS_PER_READ = 1 << 20


def prepare(
    inputs: Sequence[InputShard],
    config: DedupConfig,
    seed: int,
    stage_folder: str,
    beam_options: Sequence[str],
    forks: Mapping[str, str] | None = None,
    limits: Limits | None = None,
) -> tuple[dict[ShardKey, str], dict[str, int]]:
    """Write a side file for each shard; (their paths by table and name, counts of the work).

    A side file has the columns of `SIDE_SCHEMA`, sorted by row_id; it is empty where a shard loses
    nothing. `forks` names repositories whose rows are all dropped, and what each is a fork of.
    Raises StageError when a shard is corrupt or holds an id twice, or a disk is full; ConfigError
    and InputError where `dedup.against` names something else than earlier runs with an index.
    """
    ordered = sorted(inputs, key=lambda shard: (shard.table, shard.name))
    out = f"{stage_folder}/{SIDE}"
    side = {(s.table, s.name): f"{out}/{s.table}-{s.name}.parquet" for s in ordered}
    work = Work(
        folder=f"{out}/work",
        config=config,
        seed=seed,
        shards=tuple(_sketched(shard) for shard in ordered if shard.table in config.tables),
        forks=dict(forks or {}),
        limits=limits or Limits(),
    )
    _make_folder(Path(work.folder))
    run = partial(run_graph, options=beam_options, work=work)
    earlier = earlier_shards(work, earlier_indexes(config.against, stage_folder))
    index = index_path(stage_folder)
    # Until this run has one of its own, what it kept is not what the index says.
    (index / INDEX).unlink(missing_ok=True)
    numbers = range(len(work.shards))
    run(_each("Sketch", _sketch, work=work, index=index), numbers)
    if config.against:
        work = _with_earlier_runs(work, earlier, run)
    counts = _decide_all(work, run_here if work.is_small else run)
    if config.repeated_functions == "cut":
        mark_witnesses(work)
        run(repeats_graph(work), numbers)
    if config.write_index:
        index.mkdir(exist_ok=True)
    write = _each("Write", _write_results, work=work, side=side, index=index)
    (run_here if work.is_small else run)(write, numbers)
    if config.write_index:
        finish_index(work, index)
    for shard in ordered:
        if shard.table not in config.tables:
            write_losers([], side[shard.table, shard.name])
    shutil.rmtree(work.folder)
    return side, counts


def _sketched(shard: InputShard) -> SketchedShard:
    return SketchedShard(
        table=shard.table,
        name=shard.name,
        path=shard.path,
        num_rows=shard.num_rows,
        sha256=shard.sha256,
    )


def _make_folder(folder: Path) -> None:
    if folder.exists():
        shutil.rmtree(folder)
    folder.mkdir(parents=True)


def _each(name: str, function: Callable[..., None], **arguments: Any) -> Graph:
    """A function of each element that leaves files."""
    return Graph(name=name, functions=(partial(function, **arguments),))


def _sketch(number: int, work: Work, index: Path) -> None:
    """A shard's sketch."""
    if not (work.config.write_index and restore_sketch(number, work, index)):
        write_sketch(number, work)


def _with_earlier_runs(work: Work, earlier: tuple[SketchedShard, ...], run: Run) -> Work:
    """The work with what earlier runs kept and might be similar to a row of this one."""
    numbers = range(len(work.shards))
    run(_each("NewKeys", write_new_keys, work=work), numbers)
    join_new_keys(work)
    work = replace(work, shards=(*work.shards, *earlier))
    run(_each("Match", take_matching, work=work), range(len(numbers), len(work.shards)))
    return with_matching(work)


def _decide_all(work: Work, run: Run) -> dict[str, int]:
    """Ranks, bands and rounds; the verdicts are left in the scratch folder."""
    run(rank_graph(work), range(len(work.shards)))
    num_documents, num_before = join_ranked(work)
    if num_documents >= UNRANKED:
        raise StageError(
            f"dedup: {num_documents:,} documents are more than can be numbered in 32 bits; "
            "split the run by table or language"
        )
    reads = [
        (begin, min(begin + _RANKS_PER_READ, num_documents))
        for begin in range(0, num_documents, _RANKS_PER_READ)
    ]
    run(band_graph(work), reads)
    new_verdict_files(num_documents, work)
    counts = Counter[str](rounds=0)
    is_waiting = num_documents > 0
    while is_waiting:
        counts["rounds"] += 1
        now = Round(number=counts["rounds"], num_documents=num_documents, num_before=num_before)
        run(compare_graph(now, work), range(1 << work.band_bits))
        of_round = decide_ranges(now, work)
        is_waiting = of_round.pop("waiting") > 0
        counts.update(of_round)
    return {
        "documents": sum(shard.num_rows for shard in work.shards if not shard.is_before),
        "distinct": num_documents - num_before,
        "earlier": num_before,
        "shingles": count_shingles(work),
        "bands": work.config.banding.bands,
        "rows": work.config.banding.rows,
        "rounds": counts["rounds"],
        "candidate_pairs": counts["candidate_pairs"],
        "similar_pairs": counts["similar_pairs"],
        "passed_over": counts["passed_over"],
    }


def _write_results(number: int, work: Work, side: dict[ShardKey, str], index: Path) -> None:
    """A shard's side file and, if wanted, its index."""
    shard = work.shards[number]
    lost = write_side_file(number, work, side[shard.table, shard.name])
    if work.config.write_index and work.rows(number).exists():
        write_index_file(number, lost, work, index)
