"""Looks for planted values in all that a run wrote. In: a run's folder. Out: who survived where.

survivors(canaries, texts_of(run_dir, lambda name: not name.startswith("mine/")))
    ->  [("0012-PERSON-python-base64", "anonymize/source_files/shop-00000.parquet")]

The search is Aho-Corasick over bytes in any case, and shares nothing with what finds the values.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import ahocorasick
import pyarrow.parquet as pq

from transforms.anonymize.canaries import Canary
from transforms.anonymize.spellings import spellings

_MIN_SHOWN = 8


def strings_in(value: Any) -> Iterator[str]:
    """Every string in nested lists and dicts, keys included."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from strings_in(key)
            yield from strings_in(item)
    elif isinstance(value, list):
        for item in value:
            yield from strings_in(item)


def text_of(path: Path) -> str:
    """All that a file says: decoded cells of Parquet (compressed on disk), metadata, raw bytes."""
    parts = []
    if path.suffix == ".parquet":
        table = pq.read_table(path)
        parts += strings_in(table.to_pylist())
        parts += [str(table.schema), str(pq.read_metadata(path).metadata)]
    parts.append(path.read_bytes().decode("utf-8", "replace"))
    return "\n".join(parts)


def texts_of(run_dir: Path, wanted: Callable[[str], bool] = lambda name: True) -> dict[str, str]:
    """The texts of files by relative path, each with its path in front."""
    names = [
        str(path.relative_to(run_dir)) for path in sorted(run_dir.rglob("*")) if path.is_file()
    ]
    return {name: f"{name}\n{text_of(run_dir / name)}" for name in names if wanted(name)}


def survivors(canaries: Sequence[Canary], texts: Mapping[str, str]) -> list[tuple[str, str]]:
    """(id, file) of each canary that a file has in any spelling."""
    automaton = _automaton(tuple(canaries))
    found: set[tuple[int, str]] = set()
    for name, text in texts.items():
        for _, numbers in automaton.iter(_folded(text.encode("utf-8", "replace"))):
            found.update((number, name) for number in numbers)
    return [(canaries[number].id, name) for number, name in sorted(found)]


@cache
def _automaton(canaries: tuple[Canary, ...]) -> Any:
    owners: dict[str, set[int]] = {}
    for number, canary in enumerate(canaries):
        shown = [canary.shown.encode()] if len(canary.shown) >= _MIN_SHOWN else []
        for spelling in [*spellings(canary.value), *shown]:
            owners.setdefault(_folded(spelling), set()).add(number)
    automaton = ahocorasick.Automaton()
    for spelling, numbers in owners.items():
        automaton.add_word(spelling, numbers)
    automaton.make_automaton()
    return automaton


def _folded(data: bytes) -> str:
    """One character a byte, ASCII in lower case."""
    return data.lower().decode("latin-1")
