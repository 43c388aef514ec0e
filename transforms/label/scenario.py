"""Evidence for the scenario of a change. In: a `Change`. Out: `Evidence` with points.

    migrations/0007_add_index.sql and a body that speaks of a query
        ->  database_systems: "100 % of the change is in sql files", "... under migrations", ...

Each file speaks by its name, its folders and what it imports; it counts by its share of the
changed lines. Program code about which nothing of this is known counts for application
development, which is so the scenario of what is left, but not of what nothing is known about.
"""

import re
from collections.abc import Callable, Iterator
from pathlib import PurePosixPath

from schemas.labels import Scenario
from schemas.tables import FileChange
from transforms.label.change import Change, is_code
from transforms.label.evidence import Evidence
from transforms.label.scenario_lexicon import (
    APPLICATION,
    EXTENSIONS,
    FILE_NAMES,
    FOLDERS,
    IMPORTS,
    WORDS,
)

_MAX_TERMS = 3
_HEAD_CHARS = 10_000
"""Of a file's old content, where imports are."""
_PLAIN_CODE_POINTS = 2.2

# Python, JavaScript, Java, C, Rust, C#, Ruby, and the bare strings of Go's import blocks.
_IMPORT = re.compile(
    r"""^[+ ]?[ \t]*(?:
        (?:from|import|use|using|require|require_relative)[ \t]+(?:static[ \t]+)?["'<]?([\w@./:-]+)
        | \#include[ \t]*["<]([\w./-]+)
        | .*\b(?:require|import)\(["']([\w@./-]+)["']\)
        | (?:import|export)\b.*\bfrom[ \t]+["']([\w@./-]+)["']
        | (?:\w+[ \t]+)?"([\w.-]+(?:/[\w.-]+)+)"$
    )""",
    re.MULTILINE | re.VERBOSE,
)
_PART = re.compile(r"[./:]+")
_NAMES = FILE_NAMES | EXTENSIONS

_Entries = dict[Scenario, set[str]]
_EntriesOf = Callable[[FileChange], _Entries]


def find_scenario_evidence(change: Change) -> Iterator[Evidence]:
    """All evidence, in no particular order."""
    yield from _from_files(change, 3.0, "of the change is in {} files", _by_name)
    yield from _from_files(change, 2.0, "of the change is under {}", _by_folder)
    yield from _from_files(change, 2.5, "of the change imports {}", _by_import)
    yield from _from_plain_code(change)
    yield from _from_words(change)


def _from_files(
    change: Change, points: float, sentence: str, entries_of: _EntriesOf
) -> Iterator[Evidence]:
    """One piece of evidence for each scenario that files' entries stand under."""
    lines: dict[Scenario, int] = {}
    entries: _Entries = {}
    for file in change.files:
        for scenario, found in entries_of(file).items():
            lines[scenario] = lines.get(scenario, 0) + _num_lines(file)
            entries.setdefault(scenario, set()).update(found)
    total = sum(_num_lines(file) for file in change.files)
    for scenario, count in sorted(lines.items()):
        named = ", ".join(sorted(entries[scenario])[:_MAX_TERMS])
        percent = f"{100 * count / total:.0f} % "
        yield Evidence(scenario, points * count / total, percent + sentence.format(named))


def _from_plain_code(change: Change) -> Iterator[Evidence]:
    plain = [file for file in change.files if is_code(file) and not _special_scenarios(file)]
    total = sum(_num_lines(file) for file in change.files)
    count = sum(_num_lines(file) for file in plain if file.language != "text")
    if count:
        sentence = f"{100 * count / total:.0f} % of the change is general program code"
        yield Evidence(APPLICATION, _PLAIN_CODE_POINTS * count / total, sentence)


def _from_words(change: Change) -> Iterator[Evidence]:
    for scenario, terms in WORDS.items():
        in_title = sorted(terms & change.title_terms)[:_MAX_TERMS]
        if in_title:
            points = 1.2 + 0.4 * (len(in_title) - 1)
            yield Evidence(scenario, points, f"title says {', '.join(in_title)}")
        text = change.body_terms | change.issue_terms
        in_text = sorted((terms & text) - change.title_terms)[:_MAX_TERMS]
        if in_text:
            yield Evidence(scenario, 0.3 * len(in_text), f"text says {', '.join(in_text)}")


def _by_name(file: FileChange) -> _Entries:
    name = PurePosixPath(file.path.lower()).name
    return _look_up({name, name.rpartition(".")[2] if "." in name else name}, _NAMES)


def _by_folder(file: FileChange) -> _Entries:
    path = PurePosixPath(file.path.lower())
    return _look_up({*path.parts[:-1], path.stem}, FOLDERS)


def _by_import(file: FileChange) -> _Entries:
    text = (file.base_content or "")[:_HEAD_CHARS] + "\n" + file.patch
    modules = {name.lower() for found in _IMPORT.findall(text) for name in found if name}
    return _look_up({part for module in modules for part in _PART.split(module)}, IMPORTS)


def _look_up(names: set[str], table: dict[str, Scenario]) -> _Entries:
    grouped: _Entries = {}
    for name in names & table.keys():
        grouped.setdefault(table[name], set()).add(name)
    return grouped


def _special_scenarios(file: FileChange) -> set[Scenario]:
    return {*_by_name(file), *_by_folder(file), *_by_import(file)} - {APPLICATION}


def _num_lines(file: FileChange) -> int:
    """Changed lines; one for a file that is only renamed."""
    return max(file.num_added + file.num_deleted, 1)
