"""The Beam graph of each step. In: functions, with a GroupByKey between each two. Out: their files.

    run_graph(rank_graph(work), range(len(work.shards)), beam_options, work)
    run_here(rank_graph(work), range(len(work.shards)))          the same, in this process

Every function but the last yields (key, value), and all but the first take (key, values) of a key.
"""

import uuid
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
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
from schemas.errors import KatydidError, StageError


@dataclass(frozen=True, kw_only=True)
class Graph:
    """One step of the work."""

    name: str
    functions: tuple[Callable[[Any], Any], ...]


def run_graph(graph: Graph, elements: Iterable[Any], options: Sequence[str], work: Work) -> None:
    """One pipeline over some elements, which its workers share.

    Raises StageError with what a worker says of the user's files or of the disk.
    """
    try:
        with beam.Pipeline(options=PipelineOptions(list(options))) as pipeline:
            _add_steps(pipeline, graph, elements, work)
    except (KatydidError, OSError, RuntimeError) as error:
        # Beam adds a step's name to it, or makes of it a RuntimeError that quotes a traceback.
        for path in sorted(work.path("").glob("*.error")):
            said = path.read_text(encoding="utf-8") or "a worker could not write; is the disk full?"
            raise StageError(f"dedup: {said}") from error
        raise


def _add_steps(pipeline: beam.Pipeline, graph: Graph, elements: Iterable[Any], work: Work) -> None:
    values = (
        pipeline
        | f"List{graph.name}" >> beam.Create(list(elements))
        # Without it all is fused into one bundle, and a second worker brings nothing.
        | f"Spread{graph.name}" >> beam.Reshuffle()
    )
    for number, function in enumerate(graph.functions[:-1]):
        values = (
            values
            | f"{graph.name}{number}" >> beam.FlatMap(partial(_yield, function=function, work=work))
            | f"Group{graph.name}{number}" >> beam.GroupByKey()
        )
    last = partial(_call, function=graph.functions[-1], work=work)
    _ = values | f"{graph.name}Last" >> beam.Map(last)


def _yield(value: Any, function: Callable[[Any], Iterable[Any]], work: Work) -> Iterator[Any]:
    with _errors_written_down(work):
        yield from function(value)


def _call(value: Any, function: Callable[[Any], Any], work: Work) -> None:
    with _errors_written_down(work):
        function(value)


@contextmanager
def _errors_written_down(work: Work) -> Iterator[None]:
    """For the driver to say: Beam turns them into a RuntimeError that quotes a traceback."""
    try:
        yield
    except (KatydidError, OSError) as error:
        work.path(f"{uuid.uuid4().hex}.error").write_text(str(error), encoding="utf-8")
        raise


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
        partial(repeated_records, work=work),
        partial(write_cuts, work=work),
    )
    return Graph(name="Repeats", functions=functions)
