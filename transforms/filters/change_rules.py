"""Rules on the changed files. In: a row. Out: the row with fewer files, or a fault.

    keep_languages=python    drops the other files of the row
    max_python_files=3       of a row with 4 of them: "4 > 3"

Faults of the change as it was come first, then files are dropped, then faults of what is left.
"""

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import PurePosixPath
from typing import Any

from schemas.errors import RowError
from schemas.tables import FileChange, PullRequest
from transforms.filters.rule import (
    Change,
    Fault,
    RepositoryFacts,
    Rule,
    Value,
    at_least,
    at_most,
    fraction_of,
)
from transforms.patch import parse_hunks

_PROSE = frozenset({"asciidoc", "markdown", "restructuredtext"})
_ENGLISH = re.compile(r"\s(?:the|be|to|of|and|that|have|with)\s")
_DATA_PATHS = {
    "json": ("pack", "lock", "output"),
    "yaml": ("pack", "lock", "yarn", "output", "swagger", "openapi"),
}
"""The Stack v2's code keeps one list per language, the paper one for both."""


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


# Those that The Stack v2's language_labels.csv leaves out in every language that it lists them
# under; extensions that mean one thing there and another here (".cfg", ".lock", ".inc") stay.
EXCLUDED_EXTENSIONS = _words(
    "1d 2 3d 9 aj anim asc ash asset aux bdf bicep bison bpl cdf ck cmp cocci conll conllu csv cwl "
    "dae desktop diff dockerignore dpr edn eml env eps eslintignore factor frx gbl gbo gbr gbs "
    "gcode geo gitignore gitmodules gn gp gtl gto gtp gts ihlp jsonld kml ltx make mat maxpat mbox "
    "md5 meta mf mps mrc ms mtl nc njk npmignore obj p patch pb pck ph pkl plot pls plt pot prefab "
    "prefs project ps pt pub reg res rest resx rktd rss rtf sc service sexp sha1 sha256 sha512 sig "
    "sl snap sthlp sum svg tab te tmcommand tmlanguage tmsnippet tmtheme toc tps trg tsv ttl unity "
    "url vtt vw wikitext xbm xpm yy"
)


def _extension(path: str) -> str:
    """In lower case without the dot; of ".gitignore" what follows the dot; else ""."""
    _, dot, extension = PurePosixPath(path).name.lower().rpartition(".")
    return extension if dot else ""


def _tests_changed(row: PullRequest, facts: RepositoryFacts, value: bool) -> str | None:
    is_any = any(file.is_test for file in row.files)
    return None if is_any else f"0 tests of {len(row.files)} files"


def _only_extensions(
    row: PullRequest, facts: RepositoryFacts, extensions: tuple[str, ...]
) -> str | None:
    others = sum(_extension(file.path) not in extensions for file in row.files)
    return f"{others} other files of {len(row.files)}" if others else None


def _no_added_or_deleted(row: PullRequest, facts: RepositoryFacts, value: bool) -> str | None:
    num = sum(file.status in ("added", "deleted") for file in row.files)
    return f"{num} of {len(row.files)} files" if num else None


def _parsable_patch(row: PullRequest, facts: RepositoryFacts, value: bool) -> str | None:
    num = sum(not _is_parsable(file.patch) for file in row.files)
    return f"{num} of {len(row.files)} patches" if num else None


def _is_parsable(patch: str) -> bool:
    try:
        parse_hunks(patch)
    except RowError:
        return False
    return True


def _max_non_test_files(row: PullRequest, facts: RepositoryFacts, most: int) -> str | None:
    return at_most(sum(not file.is_test for file in row.files), most)


def _has_diff(row: PullRequest, facts: RepositoryFacts, value: bool) -> str | None:
    is_any = any(file.patch for file in row.files)
    return None if is_any else f"0 patches in {len(row.files)} files"


def _min_python_files(row: PullRequest, facts: RepositoryFacts, least: int) -> str | None:
    return at_least(_num_python_files(row), least)


def _max_python_files(row: PullRequest, facts: RepositoryFacts, most: int) -> str | None:
    return at_most(_num_python_files(row), most)


def _num_python_files(row: PullRequest) -> int:
    return sum(file.language == "python" for file in row.files)


def _max_edit_blocks(row: PullRequest, facts: RepositoryFacts, most: int) -> str | None:
    lines = (line for file in row.files for line in file.patch.split("\n"))
    return at_most(sum(line.startswith("@@ ") for line in lines), most)


def _keep(is_kept: Callable[[FileChange, Any], bool]) -> Change:
    """A change that keeps the files for which the function says so."""

    def change(row: PullRequest, facts: RepositoryFacts, value: Any) -> PullRequest:
        return replace(row, files=tuple(file for file in row.files if is_kept(file, value)))

    return change


def _keep_by_base(is_kept: Callable[[str, FileChange, Any], bool]) -> Change:
    """The same by base content; a file without one cannot be judged and stays."""
    return _keep(
        lambda file, value: file.base_content is None or is_kept(file.base_content, file, value)
    )


def _share(part: int, text: str) -> float:
    return part / len(text) if text else 0.0


def _is_alphanumeric(text: str, file: FileChange, least: float) -> bool:
    return _share(sum(map(str.isalnum, text)), text) > least


def _is_not_hex(text: str, file: FileChange, most: float) -> bool:
    return _share(2 * text.count("\\x"), text) < most


def _is_shorter(text: str, file: FileChange, most: int) -> bool:
    return len(text.splitlines()) < most


def _has_short_lines(text: str, file: FileChange, most: int) -> bool:
    lengths = [len(line) for line in text.splitlines()]
    return file.language in _PROSE or sum(lengths) < most * max(len(lengths), 1)


def _has_no_long_line(text: str, file: FileChange, most: int) -> bool:
    longest = max((len(line) for line in text.splitlines()), default=0)
    return file.language in _PROSE or longest < most


def _has_english(text: str, file: FileChange, value: bool) -> bool:
    return file.language != "markdown" or _ENGLISH.search(text) is not None


def _sample_data(row: PullRequest, facts: RepositoryFacts, rate: float) -> PullRequest:
    total = max(sum(len(file.base_content or "") for file in row.files), 1)
    files = tuple(
        file
        for file in row.files
        if not _is_data(file, total) or fraction_of("sample_data", row.pr_id, file.path) < rate
    )
    return replace(row, files=files)


def _is_data(file: FileChange, total: int) -> bool:
    """By its path, or by being more than half of all base text."""
    words = _DATA_PATHS.get(file.language)
    if words is None:
        return False
    return any(word in file.path for word in words) or len(file.base_content or "") / total > 0.5


def _fault(name: str, sentence: str, fault: Fault, default: Value = True) -> Rule:
    return Rule(name=name, sentence=sentence, default=default, fault=fault)


def _change(name: str, sentence: str, change: Change, default: Value = True) -> Rule:
    return Rule(name=name, sentence=sentence, default=default, change=change)


CHANGE_RULES = (
    _fault("tests_changed", "A test is among the changed files.", _tests_changed),
    _fault(
        "only_extensions",
        "Every changed file has one of these extensions.",
        _only_extensions,
        ("py", "md", "rst"),
    ),
    _fault("no_added_or_deleted_files", "No file is added or deleted.", _no_added_or_deleted),
    _fault("parsable_patch", "Every patch is a well-formed unified diff.", _parsable_patch),
    _fault(
        "max_non_test_files",
        "At most N changed files are no tests.",
        _max_non_test_files,
        3,
    ),
    _change(
        "keep_modified_files",
        "Only files that are under the same path, with text, before and after.",
        _keep(lambda file, _: file.status == "modified" and file.base_content is not None),
    ),
    _change(
        "keep_languages",
        "Only files in these languages.",
        _keep(lambda file, languages: file.language in languages),
        ("python",),
    ),
    _change(
        "drop_extensions",
        "No files with these extensions.",
        _keep(lambda file, extensions: _extension(file.path) not in extensions),
        EXCLUDED_EXTENSIONS,
    ),
    _change(
        "drop_low_alphanumeric",
        "No files of which at most this share of the characters is letters and digits.",
        _keep_by_base(_is_alphanumeric),
        0.25,
    ),
    _change(
        "drop_hex",
        "No files of which at least this share is hexadecimal escapes.",
        _keep_by_base(_is_not_hex),
        0.25,
    ),
    _change(
        "drop_long_files",
        "No files of N lines or more.",
        _keep_by_base(_is_shorter),
        100_000,
    ),
    _change(
        "drop_long_average_lines",
        "No files with lines of N characters or more on average; prose formats are exempt.",
        _keep_by_base(_has_short_lines),
        100,
    ),
    _change(
        "drop_long_lines",
        "No files with a line of N characters or more; prose formats are exempt.",
        _keep_by_base(_has_no_long_line),
        1_000,
    ),
    _change(
        "drop_markdown_without_english",
        "No Markdown without any of eight common English words.",
        _keep_by_base(_has_english),
    ),
    _change(
        "sample_data_files",
        "Of YAML and JSON that is locks, packages, output or over half of the text, this share.",
        _sample_data,
        0.1,
    ),
    _fault("has_diff", "A changed file with a patch is left.", _has_diff),
    _fault("min_python_files", "At least N Python files are left.", _min_python_files, 1),
    _fault("max_python_files", "At most N Python files are left.", _max_python_files, 5),
    _fault("max_edit_blocks", "The patches left have at most N hunks.", _max_edit_blocks, 5),
)
