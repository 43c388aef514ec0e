"""The Beam graph of each step. In: functions, with a GroupByKey between each two. Out: their files.

    run_graph(rank_graph(work), range(len(work.shards)), beam_options)
    run_here(rank_graph(work), range(len(work.shards)))          the same, in this process

Every function but the last yields (key, value), and all but the first take (key, values) of a key.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import apache_beam as beam
from apache_beam.options.pipeline_options import PipelineOptions

from pipelines.dedup.bands import rows_by_shard, write_bands, write_buckets
from pipelines.dedup.ranks import key_records, pick_best, sample_splitters, write_group
from pipelines.dedup.repeats import function_records, repeated_records, write_cuts
from pipelines.dedup.rounds import Round, check_range, propose_part
from pipelines.dedup.work import Work


@dataclass(frozen=True, kw_only=True)
class Graph:
    """One step of the work."""

    name: str
    functions: tuple[Callable[[Any], Any], ...]


def run_graph(graph: Graph, elements: Iterable[Any], options: Sequence[str]) -> None:
    """One pipeline over some elements, which its workers share."""
    with beam.Pipeline(options=PipelineOptions(list(options))) as pipeline:
        values = (
            pipeline
            | f"List{graph.name}" >> beam.Create(list(elements))
            # Without it all is fused into one bundle, and a second worker brings nothing.
            | f"Spread{graph.name}" >> beam.Reshuffle()
        )
        for number, function in enumerate(graph.functions[:-1]):
            values = (
                values
                | f"{graph.name}{number}" >> beam.FlatMap(function)
                | f"Group{graph.name}{number}" >> beam.GroupByKey()
            )
        _ = values | f"{graph.name}Last" >> beam.Map(graph.functions[-1])


def run_here(graph: Graph, elements: Iterable[Any]) -> None:
    """Without Beam, whose embedded runner takes 0.1 to 0.2 s of CPU for nothing at all."""
    values: Iterable[Any] = elements
    for function in graph.functions[:-1]:
        groups = defaultdict(list)
        for value in values:
            for key, found in function(value):
                groups[key].append(found)
        values = sorted(groups.items(), key=lambda group: group[0])
    for value in values:
        graph.functions[-1](value)


def rank_graph(work: Work) -> Graph:
    """Over shards: copies by shard and documents by range of preference."""
    functions = (
        partial(key_records, work=work),
        partial(pick_best, splitters=sample_splitters(work)),
        partial(write_group, work=work),
    )
    return Graph(name="Rank", functions=functions)


def band_graph(work: Work) -> Graph:
    """Over ranges of ranks: buckets by part of the band keys."""
    functions = (rows_by_shard, write_bands, write_buckets)
    return Graph(name="Band", functions=tuple(partial(each, work=work) for each in functions))


def compare_graph(now: Round, work: Work) -> Graph:
    """Over parts of the band keys: similar pairs by range of ranks."""
    functions = (propose_part, check_range)
    return Graph(
        name="Compare", functions=tuple(partial(each, now=now, work=work) for each in functions)
    )


def repeats_graph(work: Work) -> Graph:
    """Over shards: spans to cut by shard."""
    functions = (
        partial(function_records, work=work),
        repeated_records,
        partial(write_cuts, work=work),
    )
    return Graph(name="Repeats", functions=functions)
