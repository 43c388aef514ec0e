"""The Beam graph of each step. In: a collection of shards, parts or ranges. Out: files of the work.

run_graph("Rank", range(len(work.shards)), partial(rank_graph, work=work), beam_options)
"""

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Any

import apache_beam as beam
from apache_beam.options.pipeline_options import PipelineOptions
from apache_beam.pvalue import PCollection

from pipelines.dedup.bands import band_records, rows_by_shard, write_buckets
from pipelines.dedup.ranks import (
    COPIES,
    key_records,
    pick_best,
    sample_splitters,
    write_copies,
    write_ranked,
)
from pipelines.dedup.repeats import function_records, repeated_records, write_cuts
from pipelines.dedup.rounds import Round, check_range, propose_part
from pipelines.dedup.work import Work

Graph = Callable[["PCollection[Any]"], None]


def run_graph(name: str, elements: Iterable[Any], graph: Graph, options: Sequence[str]) -> None:
    """One pipeline over some elements, which its workers share."""
    with beam.Pipeline(options=PipelineOptions(list(options))) as pipeline:
        graph(
            pipeline
            | f"List{name}" >> beam.Create(list(elements))
            # Without it all is fused into one bundle, and a second worker brings nothing.
            | f"Spread{name}" >> beam.Reshuffle()
        )


def each_graph(shards: "PCollection[Any]", function: Callable[[Any], None]) -> None:
    """A function of each element that leaves files."""
    _ = shards | "Each" >> beam.Map(function)


def rank_graph(shards: "PCollection[Any]", work: Work) -> None:
    """Copies by shard and documents by range of preference."""
    pick = partial(pick_best, splitters=sample_splitters(work))
    found = (
        shards
        | "KeyRecords" >> beam.FlatMap(partial(key_records, work=work))
        | "GroupByDigest" >> beam.GroupByKey()
        | "PickBest" >> beam.FlatMap(pick).with_outputs(COPIES, main="best")
    )
    _ = (
        found.best
        | "GroupByPreference" >> beam.GroupByKey()
        | "WriteRanked" >> beam.Map(partial(write_ranked, work=work))
    )
    _ = (
        found[COPIES]
        | "GroupCopies" >> beam.GroupByKey()
        | "WriteCopies" >> beam.Map(partial(write_copies, work=work))
    )


def band_graph(reads: "PCollection[Any]", work: Work) -> None:
    """Buckets by part of the band keys."""
    _ = (
        reads
        | "RowsByShard" >> beam.FlatMap(partial(rows_by_shard, work=work))
        | "GroupByShard" >> beam.GroupByKey()
        | "BandRecords" >> beam.FlatMap(partial(band_records, work=work))
        | "GroupByBandKey" >> beam.GroupByKey()
        | "WriteBuckets" >> beam.Map(partial(write_buckets, work=work))
    )


def compare_graph(parts: "PCollection[Any]", now: Round, work: Work) -> None:
    """Similar pairs by range of ranks."""
    _ = (
        parts
        | "Propose" >> beam.FlatMap(partial(propose_part, now=now, work=work))
        | "GroupByRank" >> beam.GroupByKey()
        | "Check" >> beam.Map(partial(check_range, now=now, work=work))
    )


def repeats_graph(shards: "PCollection[Any]", work: Work) -> None:
    """Spans to cut by shard."""
    _ = (
        shards
        | "FunctionRecords" >> beam.FlatMap(partial(function_records, work=work))
        | "GroupByFunction" >> beam.GroupByKey()
        | "FindRepeated" >> beam.FlatMap(repeated_records)
        | "GroupCuts" >> beam.GroupByKey()
        | "WriteCuts" >> beam.Map(partial(write_cuts, work=work))
    )
