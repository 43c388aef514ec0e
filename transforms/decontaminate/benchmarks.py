"""Benchmark rows understood. In: `ListFile`s. Out: instances, texts, and notes for the operator.

    made = read_benchmarks(("swe-bench=/data/test.parquet",))
    made.instances[0].repo, .number     ->  "django/django", 11099
    made.notes                          ->  ("swe-bench: 2294 instances of 12 repositories", ...)

Two shapes. Rows with `instance_id`, a patch, or `repo` and `base_commit` are instances of the
SWE-bench family (`patch`, or `fix_patch` as in Multi-SWE-bench; `test_patch`; `repo`, or `org` and
`repo`; `base_commit`, or `base.sha`; `pull_number`, `pr_number` or `number`, or the end of
"owner__name-123"). Other rows are texts, of the columns `TEXT_COLUMNS` and those configured.
A list without rows, without known columns or with blank rows alone is an error.
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from schemas.errors import ConfigError, InputError
from transforms.decontaminate.lists import ListFile, Row, digest_of, parse_entry, read_rows
from transforms.decontaminate.patches import PatchFile, read_patch

TEXT_COLUMNS = (
    "prompt", "canonical_solution", "test", "declaration", "complete_prompt", "instruct_prompt",
    "text", "code", "test_list", "challenge_test_list", "question_title", "question_content",
    "starter_code", "question", "solutions",
)  # fmt: skip
"""HumanEval, BigCodeBench, MBPP, LiveCodeBench, APPS."""
PATCH_COLUMNS = {"patch": "gold", "fix_patch": "gold", "gold_patch": "gold", "test_patch": "test"}
_IDS = ("instance_id", "task_id", "question_id", "problem_id", "id", "name")
_NUMBERS = ("pull_number", "pr_number", "number")
_COMMITS = ("commit_urls", "commit_url", "merge_commit", "merge_commit_sha", "head_commit")
_NAMED = re.compile(r"(?P<owner>[\w.-]+?)__(?P<name>[\w.-]+)-(?P<number>[0-9]{1,9})")
_SHA = re.compile(r"(?<![0-9a-f])[0-9a-f]{40}(?![0-9a-f])")


@dataclass(frozen=True, kw_only=True)
class Instance:
    """One task of the SWE-bench family; "" and None where the list does not say."""

    benchmark: str
    instance_id: str
    repo: str
    number: int | None
    base_commit: str
    solutions: tuple[str, ...]
    """Commits that hold the solution."""
    patches: tuple[tuple[str, tuple[PatchFile, ...]], ...]
    """("gold" or "test", its files)."""
    statement: str


@dataclass(frozen=True, kw_only=True)
class BenchmarkText:
    """One text of a benchmark."""

    benchmark: str
    instance_id: str
    column: str
    text: str


@dataclass(kw_only=True)
class Benchmarks:
    """What all lists say."""

    instances: list[Instance] = field(default_factory=list)
    texts: list[BenchmarkText] = field(default_factory=list)
    digests: list[dict[str, str]] = field(default_factory=list)
    """Name and SHA-256 of each list, in order; never where it lies."""
    notes: tuple[str, ...] = ()


def read_benchmarks(entries: Sequence[str], text_columns: Sequence[str] = ()) -> Benchmarks:
    """Read every list, in order; an instance or text that an earlier one has is left out.

    Raises ConfigError or InputError that names the file, and the row where there is one.
    """
    made = Benchmarks()
    for entry in entries:
        file = parse_entry(entry)
        made.digests.append({"name": file.name, "sha256": digest_of(file.path)})
        made.notes += (_read_list(file, tuple(text_columns), made),)
    # The same instance stands in SWE-bench, Lite and Verified.
    made.instances = list({_content(one): one for one in reversed(made.instances)}.values())[::-1]
    made.texts = list({one.text: one for one in reversed(made.texts)}.values())[::-1]
    return made


def _content(instance: Instance) -> Any:
    return (instance.repo.lower(), instance.number, instance.base_commit, instance.patches)


def _read_list(file: ListFile, text_columns: tuple[str, ...], made: Benchmarks) -> str:
    """Add a list's rows; what the operator should know of it."""
    counts: Counter[str] = Counter()
    repos = set()
    for number, row in read_rows(file.path):
        counts["rows"] += 1
        if is_instance(row):
            instance = _instance(file.name, number, row, counts)
            if instance is not None:
                made.instances.append(instance)
                repos |= {instance.repo.lower()} - {""}
            continue
        columns = [name for name in (*TEXT_COLUMNS, *text_columns) if name in row]
        if not columns:
            raise ConfigError(
                f"{file.path}, row {number}: no known column among {', '.join(map(str, row))}; "
                "name those with text in decontaminate.text_columns"
            )
        texts = [(name, _text(row[name])) for name in columns]
        texts = [(name, text) for name, text in texts if text.strip()]
        counts["texts"] += bool(texts)
        counts["blank rows"] += not texts
        made.texts += [
            BenchmarkText(benchmark=file.name, instance_id=_id(row, number), column=name, text=text)
            for name, text in texts
        ]
    return _note(file, counts, len(repos))


def _note(file: ListFile, counts: Counter[str], num_repos: int) -> str:
    if not counts["rows"]:
        raise InputError(f"{file.path}: no rows; nothing would be checked, so download it again")
    if counts["rows"] == counts["blank rows"]:
        raise InputError(f"{file.path}: every row is blank; download it again, with its columns")
    num_instances = counts["rows"] - counts["blank rows"] - counts["texts"]
    parts = [f"{counts['texts']} texts"] if counts["texts"] else []
    if num_instances:
        parts.append(f"{num_instances} instances of {num_repos} repositories")
    for name in ("blank rows", "without repository", "without patch", "unreadable patches"):
        parts += [f"{counts[name]} {name}"] if counts[name] else []
    return f"{file.name}: {', '.join(parts)}"


def is_instance(row: Row) -> bool:
    """Whether a row is of the SWE-bench family."""
    names = set(row)
    return bool(names & {"instance_id", *PATCH_COLUMNS}) or {"repo", "base_commit"} <= names


def _instance(benchmark: str, row_number: int, row: Row, counts: Counter[str]) -> Instance | None:
    name = _id(row, row_number)
    named = _NAMED.fullmatch(name)
    repo = _text(row.get("repo")).strip()
    if row.get("org") and "/" not in repo:
        repo = f"{_text(row['org']).strip()}/{repo}"
    if not repo and named:
        repo = f"{named['owner']}/{named['name']}"
    number = next((int(_text(row[key])) for key in _NUMBERS if _text(row.get(key)).isdigit()), None)
    if number is None and named:
        number = int(named["number"])
    base = row.get("base")
    base_commit = _text(row.get("base_commit")) or (
        _text(base.get("sha")) if isinstance(base, dict) else ""
    )
    solutions = " ".join([name, *(_text(row.get(key)) for key in _COMMITS)]).lower()
    patches = _patches(row, counts)
    statement = _text(row.get("problem_statement"))
    if not (patches or base_commit or (repo and number is not None) or statement):
        counts["blank rows"] += 1
        return None
    counts["without repository"] += not repo
    counts["without patch"] += not patches
    return Instance(
        benchmark=benchmark,
        instance_id=name,
        repo=repo,
        number=number,
        base_commit=base_commit.strip().lower(),
        solutions=tuple(sorted(set(_SHA.findall(solutions)))),
        patches=patches,
        statement=statement,
    )


def _patches(row: Row, counts: Counter[str]) -> tuple[tuple[str, tuple[PatchFile, ...]], ...]:
    patches = []
    for column, kind in PATCH_COLUMNS.items():
        text = _text(row.get(column))
        files = read_patch(text)
        counts["unreadable patches"] += bool(text.strip()) and not files
        if files:
            patches.append((kind, files))
    return tuple(patches)


def _id(row: Row, number: int) -> str:
    return next((_text(row[key]) for key in _IDS if _text(row.get(key))), f"row {number}")


def _text(value: Any) -> str:
    """A column's value as text; lists line by line."""
    if value is None:
        return ""
    return "\n".join(map(_text, value)) if isinstance(value, list) else str(value)
