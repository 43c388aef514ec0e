"""Evidence for the task type of a change. In: a `Change`. Out: `Evidence` with points.

    fix(cart): round totals, a test and four lines of code change
        ->  bug_fixing: "title has the prefix fix", "few lines of code change, with tests"

What people say they did counts most (a prefix, then the first word of the title); which files
change decides where nothing is said; the shape of the code change tips what is close.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace

from schemas.tables import FileChange
from transforms.label.change import Change
from transforms.label.evidence import Evidence
from transforms.label.lexicon import (
    BUG,
    CONFIGURATION,
    ENHANCEMENT,
    FEATURE,
    ISSUE_WORDS,
    PERFORMANCE,
    PREFIXES,
    REFACTORING,
    TESTS,
    TITLE_VERBS,
    UNDERSTANDING,
    WEAK_TITLE_VERBS,
    WORDS,
)

_MAX_BODY_TERMS = 3
_FEW_LINES = 30
_VERB_POINTS = {
    FEATURE: 2.0,
    ENHANCEMENT: 2.1,
    BUG: 2.0,
    REFACTORING: 2.3,
    PERFORMANCE: 2.0,
    TESTS: 2.3,
    UNDERSTANDING: 2.0,
    CONFIGURATION: 2.0,
}
"""Of a verb that names the task: "test" and "refactor" are said of less else than "fix"."""
_WEAK_VERB = 1.0
_OBJECT_SHARES = {UNDERSTANDING: 2.0, TESTS: 1.5, CONFIGURATION: 1.0}
"""Of a title's other words, after a verb that names the task: "fix a typo" is about words."""
_FEATURES = (ENHANCEMENT, FEATURE)
"""At a tie the second is the stronger."""
_BENCHMARK_PARTS = ("bench", "perf")


def find_task_type_evidence(change: Change) -> list[Evidence]:
    """All evidence, in no particular order."""
    found = [
        *_from_prefixes(change),
        *_from_words(change),
        *_from_issues(change),
        *_from_files(change),
        *_from_additions(change),
        *_from_restructuring(change),
    ]
    return _as_one_kind_of_feature(found)


def _from_prefixes(change: Change) -> Iterator[Evidence]:
    if change.prefix:
        yield from _prefix(change, change.prefix, 4.0, f"title has the prefix {change.prefix}")
    elif change.commit_prefixes:
        ((most, count),) = Counter(sorted(change.commit_prefixes)).most_common(1)
        yield from _prefix(change, most, 2.5, f"{count} commits have the prefix {most}")


def _prefix(change: Change, prefix: str, points: float, sentence: str) -> Iterator[Evidence]:
    label = PREFIXES[prefix]
    if label is FEATURE and not _builds_new(change):
        label = ENHANCEMENT
    yield Evidence(label, points / 2 if prefix == "chore" else points, sentence)


def _from_words(change: Change) -> Iterator[Evidence]:
    """After a verb that says what is done, the rest of a title says what it is done to."""
    first = change.title.split(maxsplit=1)[:1]
    verb = re.split(r"[^a-z0-9]", first[0].strip("`'\"("))[0] if first else ""
    for label, verbs in TITLE_VERBS.items():
        if verb in verbs:
            yield Evidence(label, _VERB_POINTS[label], f"title starts with {verb}")
    for label, verbs in WEAK_TITLE_VERBS.items():
        if verb in verbs:
            yield Evidence(label, _WEAK_VERB, f"title starts with {verb}")
    said = {label for label, verbs in TITLE_VERBS.items() if verb in verbs}
    for label, terms in WORDS.items():
        in_title = sorted((terms & change.title_terms) - {verb})
        if in_title:
            points = 1.2 + 0.4 * (len(in_title) - 1)
            share = _OBJECT_SHARES.get(label, 0.75) if said and label not in said else 1.0
            yield Evidence(label, points * share, f"title says {', '.join(in_title)}")
        in_body = sorted((terms & change.body_terms) - change.title_terms)[:_MAX_BODY_TERMS]
        if in_body:
            yield Evidence(label, 0.25 * len(in_body), f"text says {', '.join(in_body)}")


def _from_issues(change: Change) -> Iterator[Evidence]:
    if not change.issues.strip():
        return
    yield Evidence(BUG, 0.3, "an issue is closed")
    for label, terms in ISSUE_WORDS.items():
        found = sorted(terms & change.issue_terms)[:_MAX_BODY_TERMS]
        if found:
            yield Evidence(label, 0.5 * len(found), f"a closed issue says {', '.join(found)}")


def _from_files(change: Change) -> Iterator[Evidence]:
    files = change.files
    if not files:
        return
    documentation = [file for file in files if file.is_documentation]
    if all(file.is_documentation for file in files):
        yield Evidence(UNDERSTANDING, 3.0, "only documentation changes")
    elif all(file.is_test for file in files):
        yield Evidence(TESTS, 3.0, "only test files change")
    elif all(file.is_configuration for file in files):
        yield Evidence(CONFIGURATION, 3.0, "only configuration changes")
    elif all(file.is_configuration or file.is_documentation for file in files):
        yield Evidence(CONFIGURATION, 1.5, "only configuration and documentation change")
    elif change.is_comments_only and not any(file.is_test for file in files):
        yield Evidence(UNDERSTANDING, 2.0, "only comments of code change")
    elif 2 * _num_lines(documentation) >= _num_lines(files):
        yield Evidence(UNDERSTANDING, 1.0, "most changed lines are documentation")
    elif 2 * sum(file.is_configuration for file in files) >= len(files):
        yield Evidence(CONFIGURATION, 0.8, "half of the files are configuration or more")
    if any(part in file.path.lower() for file in files for part in _BENCHMARK_PARTS):
        yield Evidence(PERFORMANCE, 1.0, "benchmark files change")


def _from_additions(change: Change) -> Iterator[Evidence]:
    if not change.code_files:
        return
    num_changed = len(change.added) + len(change.removed)
    has_tests = any(file.is_test for file in change.files)
    new_files = sum(file.status == "added" for file in change.code_files)
    if new_files:
        yield Evidence(FEATURE, 1.2, f"adds {new_files} files of code")
    if change.num_new_definitions >= 3 and len(change.added) > 3 * len(change.removed):
        sentence = f"adds {change.num_new_definitions} public definitions and removes little"
        yield Evidence(FEATURE, 1.0, sentence)
    elif not new_files and len(change.added) > 2 * len(change.removed) + 10:
        yield Evidence(ENHANCEMENT, 0.8, "code that exists grows")
    if change.removed:
        yield Evidence(BUG, 0.5, "code that exists changes")
    if has_tests and not new_files and 0 < num_changed <= _FEW_LINES:
        yield Evidence(BUG, 0.8, "few lines of code change, with tests")


def _from_restructuring(change: Change) -> Iterator[Evidence]:
    has_tests = any(file.is_test for file in change.files)
    renamed = sum(file.status == "renamed" for file in change.code_files)
    if renamed:
        yield Evidence(REFACTORING, 1.2, f"renames {renamed} files of code")
    if change.removed and not change.added:
        yield Evidence(REFACTORING, 0.8, "code is only removed")
    elif len(change.removed) >= 5 and change.moved_share >= 0.5:
        yield Evidence(REFACTORING, 1.2, "most removed lines of code come back elsewhere")
    elif not has_tests and 0.7 < len(change.added) / max(len(change.removed), 1) < 1.4:
        yield Evidence(REFACTORING, 0.6, "as much code is removed as added, without tests")


def _builds_new(change: Change) -> bool:
    """Whether a feature is a thing of its own rather than more of what exists."""
    if any(file.status == "added" for file in change.code_files):
        return True
    return change.num_new_definitions >= 3 and len(change.added) > 3 * len(change.removed)


def _as_one_kind_of_feature(found: list[Evidence]) -> list[Evidence]:
    """What speaks for the weaker of the two kinds of feature speaks for the stronger."""
    points = {label: sum(x.points for x in found if x.label == label) for label in _FEATURES}
    weaker, stronger = sorted(_FEATURES, key=lambda label: points[label])
    return [replace(x, label=stronger) if x.label == weaker else x for x in found]


def _num_lines(files: Iterable[FileChange]) -> int:
    return sum(file.num_added + file.num_deleted for file in files)
