"""No planted value survives: every byte and every cell of every output after `mine` is searched."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from support import Samples, katydid


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
    """All that a file says: decoded cells of Parquet (compressed on disk), names, raw bytes."""
    parts = [str(path)]
    if path.suffix == ".parquet":
        table = pq.read_table(path)
        parts += strings_in(table.to_pylist())
        parts += [str(table.schema), str(pq.read_metadata(path).metadata)]
    parts.append(path.read_bytes().decode("utf-8", "replace"))
    return "\n".join(parts).casefold()


def searched(run_dir: Path) -> dict[str, str]:
    files = [path for path in sorted(run_dir.rglob("*")) if path.is_file()]
    return {str(path.relative_to(run_dir)): text_of(path) for path in files}


def test_canaries_are_in_what_was_mined(sample_run: Path, samples: Samples) -> None:
    """Else the test below could not fail."""
    mined = "\n".join(searched(sample_run / "mine").values())
    canaries = samples.module.load_canaries()
    assert len(canaries) >= 100
    found = [canary for canary in canaries if canary.value.casefold() in mined]
    assert len(found) >= 0.9 * len(canaries)
    assert {canary.kind for canary in found} == {canary.kind for canary in canaries}


def test_no_canary_is_in_any_output_after_anonymize(sample_run: Path, samples: Samples) -> None:
    texts = {
        name: text for name, text in searched(sample_run).items() if not name.startswith("mine/")
    }
    assert any(name.startswith("mix/dialogues/") for name in texts)
    survivors = [
        (canary.id, name)
        for canary in samples.module.load_canaries()
        for name, text in texts.items()
        if canary.value.casefold() in text
    ]
    assert survivors == []


def test_one_person_is_one_pseudonym(sample_run: Path) -> None:
    """In every repository, an author's address leads to one name and back."""
    query = "select distinct author.name as name, author.email as email from {}.pull_requests"
    raw = json.loads(katydid("sql", sample_run, query.format("mine"), "--json").stdout)
    pseudonyms = json.loads(katydid("sql", sample_run, query.format("anonymize"), "--json").stdout)
    assert {row["email"] for row in raw}.isdisjoint(row["email"] for row in pseudonyms)
    assert {row["name"] for row in raw}.isdisjoint(row["name"] for row in pseudonyms)
    assert len({row["email"] for row in pseudonyms}) <= len({row["email"] for row in raw})
