"""Evidence for the scenario of a change. In: a `Change`. Out: `Evidence` with points.

    migrations/0007_add_index.sql and a body that speaks of a query
        ->  database_systems: "100 % of the change is in sql files", "... under migrations", ...

Each file speaks by its name, its folders and what it imports, documentation also by its text. A
file counts by the square root of its changed lines, so that one long file does not silence the
others, and a test or a page beside code counts less than the code. What was changed for says more
than where: terms of the title weigh most.

Application development is the residual: program code about which nothing is known counts for it,
and the more there is for another scenario, the less does.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from math import sqrt
from pathlib import PurePosixPath

from schemas.labels import Scenario
from schemas.tables import FileChange
from transforms.label.change import Change, is_code, terms_of
from transforms.label.evidence import Evidence
from transforms.label.scenario_lexicon import EXTENSIONS, FILE_NAMES, FOLDERS, IMPORTS
from transforms.label.scenario_words import APPLICATION, INFRASTRUCTURE, STRONG_WORDS, WORDS

_MAX_TERMS = 3
_HEAD_CHARS = 10_000
"""Of a file's old content, where imports are, and what a page is about."""
_PLAIN_CODE_POINTS = 2.4
_PAGE_POINTS = 1.5
_PAGES_ON_EVERYTHING = ("readme", "authors")
_BESIDE_CODE = 0.3
_YIELDS = 0.7
"""How many points the residual loses for each that the best other scenario has."""

# Python, JavaScript, Java, C, Rust, C#, Ruby, and the bare strings of Go's import blocks.
_IMPORT = re.compile(
    r"""^[+ ]?+[ \t]*+(?:
        (?:from|import|use|using|require|require_relative)[ \t]+(?:static[ \t]+)?["'<]?([\w@./:-]+)
        | \#include[ \t]*["<]([\w./-]+)
        | .*\b(?:require|import)\(["']([\w@./-]+)["']\)
        | (?:import|export)\b.*\bfrom[ \t]+["']([\w@./-]+)["']
        | (?:\w+[ \t]+)?"([\w.-]+(?:/[\w.-]+)+)"$
    )""",
    re.MULTILINE | re.VERBOSE,
)
_PART = re.compile(r"[./:]+")
_PREFIX_POINTS = {"ci": 1.0, "build": 1.0, "deps": 1.0, "release": 1.0}
_NAMES = FILE_NAMES | EXTENSIONS
_PAIRS = {term for table in STRONG_WORDS.values() for term in table if " " in term}

_Entries = dict[Scenario, set[str]]
_EntriesOf = Callable[[FileChange], _Entries]


def find_scenario_evidence(change: Change) -> list[Evidence]:
    """All evidence, in no particular order."""
    found = [
        *_from_files(change, 3.0, "of the change is in {} files", _by_name),
        *_from_files(change, 2.4, "of the change is under {}", _by_folder),
        *_from_files(change, 2.0, "of the change imports {}", _by_import),
        *_from_files(change, 2.0, "of the change is documentation that speaks of {}", _by_page),
        *_from_plain_files(change),
        *_from_prefix(change),
        *_from_words(change, STRONG_WORDS, title_points=3.0, text_points=0.7),
        *_from_words(change, WORDS, title_points=1.0, text_points=0.25),
    ]
    return _yielding(found)


def _from_files(
    change: Change, points: float, sentence: str, entries_of: _EntriesOf
) -> Iterator[Evidence]:
    """One piece of evidence for each scenario that files' entries stand under."""
    weights: dict[Scenario, float] = {}
    entries: _Entries = {}
    for file in change.files:
        found = entries_of(file)
        for scenario, names in found.items():
            weight = _weight(file, change) / len(found)
            weights[scenario] = weights.get(scenario, 0.0) + weight
            entries.setdefault(scenario, set()).update(names)
    total = sum(_weight(file, change) for file in change.files)
    for scenario, weight in sorted(weights.items()):
        named = ", ".join(sorted(entries[scenario])[:_MAX_TERMS])
        percent = f"{100 * weight / total:.0f} % "
        yield Evidence(scenario, points * weight / total, percent + sentence.format(named))


def _from_plain_files(change: Change) -> Iterator[Evidence]:
    """What no table knows: program code and pages are the residual's, settings the build's."""
    plain = [file for file in change.files if not _special_scenarios(file)]
    total = sum(_weight(file, change) for file in change.files)
    for scenario, points, kind, belongs in (
        (APPLICATION, _PLAIN_CODE_POINTS, "general program code", _is_program),
        (APPLICATION, _PAGE_POINTS, "documentation", lambda file: file.is_documentation),
        (INFRASTRUCTURE, _PAGE_POINTS, "configuration", lambda file: file.is_configuration),
    ):
        weight = sum(_weight(file, change) for file in plain if belongs(file))
        if weight:
            sentence = f"{100 * weight / total:.0f} % of the change is {kind}"
            yield Evidence(scenario, points * weight / total, sentence)


def _from_prefix(change: Change) -> Iterator[Evidence]:
    if change.prefix in _PREFIX_POINTS:
        points = _PREFIX_POINTS[change.prefix]
        yield Evidence(INFRASTRUCTURE, points, f"title has the prefix {change.prefix}")


def _from_words(
    change: Change,
    table: dict[Scenario, frozenset[str]],
    *,
    title_points: float,
    text_points: float,
) -> Iterator[Evidence]:
    title = _without_parts(change.title_terms | change.scope_terms)
    text = (change.body_terms | change.issue_terms) - title
    for scenario, terms in table.items():
        in_title = sorted(terms & title)[:_MAX_TERMS]
        if in_title:
            points = title_points * (1 + 0.3 * (len(in_title) - 1))
            yield Evidence(scenario, points, f"title says {', '.join(in_title)}")
        in_text = sorted(terms & text)[:_MAX_TERMS]
        if in_text:
            yield Evidence(scenario, text_points * len(in_text), f"text says {', '.join(in_text)}")


def _without_parts(terms: frozenset[str]) -> frozenset[str]:
    """Terms less the words of a known pair: "sql injection" is not about SQL."""
    return terms - {word for pair in terms & _PAIRS for word in pair.split()}


def _yielding(found: list[Evidence]) -> list[Evidence]:
    """The residual's evidence shrunk by what there is for the best other scenario."""
    points: dict[str, float] = {}
    for item in found:
        points[item.label] = points.get(item.label, 0.0) + item.points
    own = points.pop(APPLICATION, 0.0)
    if not own or not points:
        return found
    scale = max(own - _YIELDS * max(points.values()), 0.0) / own
    return [
        replace(item, points=item.points * scale) if item.label == APPLICATION else item
        for item in found
    ]


def _by_name(file: FileChange) -> _Entries:
    name = PurePosixPath(file.path.lower()).name
    return _look_up({name, name.rpartition(".")[2] if "." in name else name}, _NAMES)


def _by_folder(file: FileChange) -> _Entries:
    path = PurePosixPath(file.path.lower())
    return _look_up({*path.parts[:-1], path.stem, *re.split(r"[-_.]", path.stem)}, FOLDERS)


def _by_import(file: FileChange) -> _Entries:
    """The residual speaks only where no special module is imported."""
    text = (file.base_content or "")[:_HEAD_CHARS] + "\n" + file.patch
    modules = {name.lower() for found in _IMPORT.findall(text) for name in found if name}
    found = _look_up({part for module in modules for part in _PART.split(module)}, IMPORTS)
    if len(found) > 1:
        found.pop(APPLICATION, None)
    return found


def _by_page(file: FileChange) -> _Entries:
    """The scenario that half of a page's terms or more belong to, with at least two of them."""
    stem = PurePosixPath(file.path.lower()).stem
    if not file.is_documentation or stem in _PAGES_ON_EVERYTHING:
        return {}
    terms = terms_of(f"{(file.base_content or '')[:_HEAD_CHARS]}\n{file.patch}".lower())
    terms |= terms_of(stem)
    found = {scenario: terms & (STRONG_WORDS[scenario] | WORDS[scenario]) for scenario in WORDS}
    points = {s: len(found[s]) + 2 * len(found[s] & STRONG_WORDS[s]) for s in found}
    best = max(points, key=lambda scenario: points[scenario])
    is_clear = len(found[best]) >= 2 and 2 * points[best] >= sum(points.values())
    return {best: set(found[best])} if is_clear else {}


def _look_up(names: set[str], table: dict[str, Scenario]) -> _Entries:
    grouped: _Entries = {}
    for name in names & table.keys():
        grouped.setdefault(table[name], set()).add(name)
    return grouped


def _is_program(file: FileChange) -> bool:
    return is_code(file) and file.language != "text"


def _special_scenarios(file: FileChange) -> set[Scenario]:
    found = {*_by_name(file), *_by_folder(file), *_by_import(file), *_by_page(file)}
    return found - {APPLICATION}


def _weight(file: FileChange, change: Change) -> float:
    """Square root of the changed lines (one for a bare rename), less for tests and pages."""
    beside = bool(change.code_files) and (file.is_test or file.is_documentation)
    return sqrt(max(file.num_added + file.num_deleted, 1)) * (_BESIDE_CODE if beside else 1.0)
