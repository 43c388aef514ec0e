"""The words that task types are told by. Edit these tables to teach `label` something.

    words("crash", "stack trace")    ->  the terms, as a set; a term is one or two lower-case words

All are lower case. A term counts once for each text that it occurs in.
"""

from schemas.labels import TaskType

FEATURE = TaskType.FEATURE_IMPLEMENTATION
ENHANCEMENT = TaskType.FEATURE_ENHANCEMENT
BUG = TaskType.BUG_FIXING
REFACTORING = TaskType.REFACTORING
PERFORMANCE = TaskType.PERFORMANCE_OPTIMIZATION
TESTS = TaskType.TEST_CASE_GENERATION
UNDERSTANDING = TaskType.CODE_UNDERSTANDING
CONFIGURATION = TaskType.CONFIGURATION_AND_DEPLOYMENT

PREFIXES: dict[str, TaskType] = {
    "feat": FEATURE,
    "feature": FEATURE,
    "fix": BUG,
    "bug": BUG,
    "bugfix": BUG,
    "hotfix": BUG,
    "refactor": REFACTORING,
    "style": REFACTORING,
    "cleanup": REFACTORING,
    "perf": PERFORMANCE,
    "test": TESTS,
    "tests": TESTS,
    "docs": UNDERSTANDING,
    "doc": UNDERSTANDING,
    "build": CONFIGURATION,
    "ci": CONFIGURATION,
    "chore": CONFIGURATION,
    "deps": CONFIGURATION,
    "release": CONFIGURATION,
}
"""Before ":" in a conventional commit ("fix(cart): ...") or before "/" in a branch name."""


def words(text: str) -> frozenset[str]:
    """Terms separated by commas."""
    return frozenset(term.strip() for term in text.split(","))


TITLE_VERBS: dict[TaskType, frozenset[str]] = {
    FEATURE: words("implement, implements, introduce, introduces, create, creates"),
    ENHANCEMENT: words("improve, improves, enhance, extend, extends, expand"),
    BUG: words(
        "fix, fixes, fixed, fixing, correct, prevent, avoid, repair, resolve, handle, ensure, "
        "revert, restore, ignore, properly, correctly, preserve, don, do, only, never, always"
    ),
    REFACTORING: words(
        "refactor, refactors, refactored, refactoring, rename, renames, move, moves, moved, "
        "simplify, clean, cleanup, extract, restructure, reorganize, deduplicate, inline, split, "
        "reformat, format, modernize, tidy, rewrite, merge, consolidate, convert, unify, lint, "
        "reuse, reduce"
    ),
    PERFORMANCE: words("optimize, optimise, optimizes, speed, speedup, accelerate, cache, memoize"),
    TESTS: words("test, tests, testing, cover"),
    UNDERSTANDING: words(
        "document, documents, explain, clarify, describe, typo, typos, comment, reword, docs, doc"
    ),
    CONFIGURATION: words(
        "bump, bumps, upgrade, pin, unpin, lock, release, deploy, configure, publish, downgrade, "
        "prepare, setup, relax, rollback"
    ),
}
"""First word of a title, after any prefix, where it says plainly what is done."""

WEAK_TITLE_VERBS: dict[TaskType, frozenset[str]] = {
    FEATURE: words("add, adds, added, adding, new"),
    ENHANCEMENT: words(
        "allow, allows, support, supports, enable, let, accept, show, display, expose, provide"
    ),
    REFACTORING: words("remove, removes, drop, delete, replace, use, switch"),
    BUG: words("set, pass, check, skip, report, return, disable, exclude, include, make, use"),
    CONFIGURATION: words("set, run, build, version, update, use, disable"),
}
"""First words that leave more open; one word may stand under several task types."""

WORDS: dict[TaskType, frozenset[str]] = {
    FEATURE: words("new feature, new command, new option, new api, initial support, from scratch"),
    ENHANCEMENT: words(
        "improvement, improvements, enhancement, more flexible, better error, also accept, "
        "also support, optionally, backward compatible, backwards compatible, customize, "
        "configurable, option to, usability, by default"
    ),
    BUG: words(
        "bug, bugs, crash, crashes, crashed, regression, exception, traceback, broken, incorrect, "
        "incorrectly, wrong, wrongly, leak, leaks, deadlock, fails, failing, failure, hang, "
        "hangs, infinite loop, off by, null pointer, segfault, race condition, unexpected, "
        "not working, edge case, missing, bugfix, fix, fixes, no longer, issue where, "
        "invalid, error, instead of, undefined, regressed, broke, do not, don, not, only, should, "
        "when, during, cannot, without, correct, correctly, properly, avoid, prevent, ensure"
    ),
    REFACTORING: words(
        "refactor, refactoring, cleanup, clean up, dead code, duplicate code, duplication, "
        "readability, unused, deprecated, tech debt, technical debt, no functional, "
        "no behavior, restructure, code style, formatting, lint, type hints, type annotations, "
        "typing, helper, deprecated, redundant, unnecessary"
    ),
    PERFORMANCE: words(
        "performance, faster, slow, slower, speed, speedup, speed up, latency, throughput, "
        "memory usage, hot path, quadratic, overhead, benchmark, benchmarks, expensive, "
        "less memory, startup time, lazily, lazy, perf, optimization, optimize, profiling, "
        "caching, memoize, avoid copying, fewer allocations, build times"
    ),
    TESTS: words(
        "test, tests, unit test, unit tests, test case, test cases, test coverage, coverage, "
        "fixture, fixtures, flaky, pytest, jest, e2e, snapshot tests, integration tests, testing"
    ),
    UNDERSTANDING: words(
        "docs, documentation, docstring, docstrings, readme, typo, typos, tutorial, changelog, "
        "comments, comment, wording, spelling, grammar, examples, guide, faq, broken link, jsdoc"
    ),
    CONFIGURATION: words(
        "ci, workflow, workflows, docker, dockerfile, dependency, dependencies, deploy, "
        "deployment, release, version bump, github actions, renovate, dependabot, pre-commit, "
        "lockfile, lock file, pipeline, packaging, bazel, kubernetes, helm, terraform, tox, "
        "python version, node version, publish, pyproject, makefile, update dependency, nightly, "
        "to version"
    ),
}
"""Terms anywhere in a title (full points) or in a body, an issue or a commit (some)."""

ISSUE_WORDS: dict[TaskType, frozenset[str]] = {
    BUG: words(
        "bug, crash, traceback, exception, expected behavior, actual behavior, regression, "
        "steps to, to reproduce, broken"
    ),
    ENHANCEMENT: words(
        "feature request, enhancement, would be, it would, nice to, proposal, should support"
    ),
    PERFORMANCE: words("slow, performance, memory usage, latency"),
}
"""Terms in the linked issues."""
