"""Many units of work in worker processes, with progress. In: a factory, units. Out: results.

    for result in each(LeakSearch, (run_path, originals), names, label="leaks"): ...

The factory is called once per worker, with arguments that are pickled over a pipe and never lie on
a disk. Results come in the order of the units, so that merging them is deterministic. What workers
print is dropped, since a library's warning may quote a row.
"""

import multiprocessing
import os
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from typing import Any

from tqdm import tqdm

LOG_EVERY_S = 10.0

_unit_function: Callable[[Any], Any] | None = None


def each(
    factory: Callable[..., Callable[[Any], Any]],
    arguments: tuple[Any, ...],
    units: Sequence[Any],
    *,
    label: str,
) -> Iterator[Any]:
    """`factory(*arguments)(unit)` for every unit, in order, on all cores."""
    num_workers = min(os.cpu_count() or 1, len(units)) or 1
    with ProcessPoolExecutor(
        num_workers,
        mp_context=multiprocessing.get_context("forkserver"),
        initializer=_open,
        initargs=(factory, arguments),
    ) as pool:
        yield from progress(pool.map(_call, units), total=len(units), label=label)


def progress(items: Iterable[Any], *, total: int, label: str) -> Iterator[Any]:
    """The items, counted on a bar, or in a line every ten seconds where there is no terminal."""
    start_s = said_s = time.monotonic()
    bar = tqdm(
        items, total=total, desc=label, unit="unit", disable=not sys.stderr.isatty(), leave=False
    )
    for number, item in enumerate(bar, start=1):
        now_s = time.monotonic()
        if bar.disable and now_s - said_s >= LOG_EVERY_S:
            said_s = now_s
            print(f"audit: {label} {number}/{total}, {now_s - start_s:.0f} s", file=sys.stderr)
        yield item


def _end_with_caller() -> None:
    """A worker waits for units on a pipe that it holds itself, so it would outlive a kill."""
    caller = multiprocessing.parent_process()
    assert caller is not None
    caller.join()
    os._exit(1)


def _open(factory: Callable[..., Callable[[Any], Any]], arguments: tuple[Any, ...]) -> None:
    global _unit_function
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, 1)
    os.dup2(null, 2)
    os.close(null)
    threading.Thread(target=_end_with_caller, daemon=True).start()
    _unit_function = factory(*arguments)


def _call(unit: Any) -> Any:
    assert _unit_function is not None
    return _unit_function(unit)
