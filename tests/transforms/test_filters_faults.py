"""Each rejecting rule on a row just inside and just outside of its limit."""

from dataclasses import fields, replace

import pytest
from filtered import APPROVAL, COMMENT, FACTS, ISSUE, PERSON, PROGRAM, ROW, check, files

from schemas.reasons import Reason
from transforms.filters.rule import RepositoryFacts
from transforms.filters.rules import RULES, rules_of

ONE_HUNK = "@@ -1 +1 @@\n-a = 1\n+a = 2\n"
PYTHON = ("a.py", "b.py", "c.py", "d.py")

# rule: setting, what is different in a row that passes, what is different in a row that fails
ROWS = {
    "license": ("license", {"license": "MIT OR GPL-3.0-only"}, {"license": "unknown"}),
    "not_in_swe_bench": ("not_in_swe_bench", {"repo": "acme/django"}, {"repo": "Django/django"}),
    "human_author": ("human_author", {"author": PERSON}, {"author": PROGRAM}),
    "merged": ("merged", {"state": "merged"}, {"state": "unknown"}),
    "merged_or_approved": (
        "merged_or_approved",
        {"state": "unmerged", "events": (APPROVAL,)},
        {"state": "unmerged", "events": (replace(APPROVAL, review_state="commented"),)},
    ),
    "human_discussion": (
        "human_discussion",
        {"events": (replace(COMMENT, author=PROGRAM), COMMENT)},
        {"events": (replace(COMMENT, author=PROGRAM), replace(COMMENT, author_kind="bot"))},
    ),
    "linked_issue": ("linked_issue", {"linked_issues": (ISSUE,)}, {"linked_issues": ()}),
    "linked_issue_by_host": (
        "linked_issue_by_host",
        {"linked_issues": (replace(ISSUE, evidence="reference"),)},
        {"linked_issues": (ISSUE,)},
    ),
    "tests_changed": (
        "tests_changed",
        {"files": files("a.py") + files("test_a.py", is_test=True)},
        {"files": files("a.py")},
    ),
    "only_extensions": (
        "only_extensions=py,md",
        {"files": files("a.py", "docs/README.MD")},
        {"files": files("a.py", "docs/py")},
    ),
    "no_added_or_deleted_files": (
        "no_added_or_deleted_files",
        {"files": files("a.py", status="renamed")},
        {"files": files("a.py") + files("b.py", status="added")},
    ),
    "parsable_patch": (
        "parsable_patch",
        {"files": files("a.py") + files("b.png", patch="")},
        {"files": files("a.py", patch="@@ -1,2 +1 @@\n-a = 1\n+a = 2\n")},
    ),
    "max_non_test_files": (
        "max_non_test_files=3",
        {"files": files(*PYTHON[:3]) + files("test_a.py", is_test=True)},
        {"files": files(*PYTHON)},
    ),
    "has_diff": (
        "has_diff",
        {"files": files("a.py") + files("b.png", patch="")},
        {"files": files("b.png", patch="")},
    ),
    "min_python_files": (
        "min_python_files=2",
        {"files": files(*PYTHON[:2])},
        {"files": files("a.py") + files("b.go", language="go")},
    ),
    "max_python_files": (
        "max_python_files=3",
        {"files": files(*PYTHON[:3]) + files("b.go", language="go")},
        {"files": files(*PYTHON)},
    ),
    "max_edit_blocks": (
        "max_edit_blocks=3",
        {"files": files("a.py", "b.py", "c.py", patch=ONE_HUNK)},
        {"files": files("a.py", "b.py", patch=ONE_HUNK * 2)},
    ),
    "no_description_words": (
        "no_description_words=qwiet",
        {"body": "quiet"},
        {"body": "By QWIET AI"},
    ),
    "min_description_chars": (
        "min_description_chars=20",
        {"body": "b" * 20},
        {"body": "b" * 19},
    ),
    "min_title_chars": ("min_title_chars=10", {"title": "t" * 10}, {"title": "t" * 9}),
    "no_title_words": (
        "no_title_words=depend,release",
        {"title": "Spend less"},
        {"title": "An Independent cart"},
    ),
    "min_chars": (
        "min_chars=200",
        {"files": (), "title": "t" * 100, "body": "b" * 80, "events": (COMMENT,)},
        {"files": (), "title": "t" * 100, "body": "b" * 79, "events": (COMMENT,)},
    ),
    "max_chars": (
        "max_chars=200",
        {"files": (), "title": "t" * 100, "body": "b" * 80, "events": (COMMENT,)},
        {"files": (), "title": "t" * 100, "body": "b" * 81, "events": (COMMENT,)},
    ),
    "max_tokens": (
        "max_tokens=100",
        {"title": "", "files": files("a.py", patch="", base_content="b" * 343)},
        {"title": "", "files": files("a.py", patch="", base_content="b" * 344)},
    ),
}
FACTS_CASES = {
    "repository_languages": (
        "repository_languages=go,python",
        {"language": "Python"},
        {"language": "Java"},
    ),
    "not_a_fork": ("not_a_fork", {"is_fork": False}, {"is_fork": True}),
    "min_stars": ("min_stars=5", {"stars": 5}, {"stars": 4}),
    "min_closed_issues": ("min_closed_issues=15", {"closed_issues": 15}, {"closed_issues": 14}),
    "min_pull_requests": (
        "min_pull_requests=101",
        {"num_pull_requests": 101},
        {"num_pull_requests": 100},
    ),
    "sample_repository": (
        "sample_repository=100",
        {"num_pull_requests": 1},
        {"num_pull_requests": 10**12},
    ),
}


@pytest.mark.parametrize("name", ROWS)
def test_a_row_at_the_limit_passes_and_one_past_it_is_rejected(name: str) -> None:
    setting, inside, outside = ROWS[name]
    assert check(setting, replace(ROW, **inside)) is None
    found = check(setting, replace(ROW, **outside))
    assert found is not None
    assert found[0] == f"rule_{name}"


@pytest.mark.parametrize("name", FACTS_CASES)
def test_a_repository_at_the_limit_passes_and_one_past_it_is_rejected(name: str) -> None:
    setting, inside, outside = FACTS_CASES[name]
    # The draw is by the row's id; "p1" is drawn at a rate of 0.8.
    row = replace(ROW, pr_id="p1")
    assert check(setting, row, replace(FACTS, **inside)) is None
    found = check(setting, row, replace(FACTS, **outside))
    assert found is not None
    assert found[0] == f"rule_{name}"


def test_every_rejecting_rule_and_every_reason_of_a_rule_is_tested_here() -> None:
    tested = ROWS.keys() | FACTS_CASES.keys()
    assert tested == {rule.name for rule in RULES.values() if rule.reason is not None}
    assert {f"rule_{name}" for name in tested} == {
        reason for reason in Reason if reason.startswith("rule_")
    }


def test_a_row_without_what_a_rule_needs_is_not_judged() -> None:
    ignorant = RepositoryFacts()
    for rule in RULES.values():
        row = replace(ROW, provenance=())
        found = check(rule.name, row, ignorant)
        is_refused = found is not None and found[0] == Reason.NOT_HYDRATED
        assert is_refused is bool(rule.needs), rule.name
        if found is not None and rule.needs:
            assert found[1] == f"{rule.name} needs {rule.needs[0]}"


def test_needs_name_fields_of_rows_or_facts() -> None:
    known = {field.name for one in (ROW, FACTS) for field in fields(one)}
    assert {need for rule in RULES.values() for need in rule.needs} <= known


def test_git_as_the_source_is_no_word_of_the_host() -> None:
    told = tuple(replace(source, source="git") for source in ROW.provenance)
    found = check("human_discussion", replace(ROW, provenance=told, events=(COMMENT,)))
    assert found == (Reason.NOT_HYDRATED, "human_discussion needs events")


def test_details_hold_counts_and_no_text_of_the_row() -> None:
    secret = "hunter2hunter2"
    for name, (setting, _, outside) in ROWS.items():
        row = replace(ROW, title=f"{secret} release", body=f"{secret} qwiet")
        found = check(setting, replace(row, **outside))
        assert found is None or secret not in found[1], name


@pytest.mark.parametrize(("repo", "passes"), [("requests", False), ("acme/requests", True)])
def test_a_repository_without_an_owner_is_taken_for_the_one_of_swe_bench(
    repo: str, passes: bool
) -> None:
    assert (check("not_in_swe_bench", replace(ROW, repo=repo)) is None) is passes


def test_a_licence_is_the_repositorys_before_the_rows() -> None:
    assert check("license", ROW, replace(FACTS, license="GPL-3.0-only")) is not None
    assert check("license", replace(ROW, license="internal")) is None
    assert check("license=permissive-or-none", replace(ROW, license="unknown")) is None
    assert check("license=permissive-or-none", replace(ROW, license="NOASSERTION")) is not None


@pytest.mark.parametrize(
    ("language", "least"), [("Python", 25), ("go", 25), ("Rust", 10), (None, 10)]
)
def test_counts_by_language_fall_back_to_other(language: str | None, least: int) -> None:
    setting = "min_stars=python:25,go:25,other:10"
    facts = replace(FACTS, language=language)
    assert check(setting, ROW, replace(facts, stars=least)) is None
    assert check(setting, ROW, replace(facts, stars=least - 1)) is not None


@pytest.mark.parametrize(("size", "expected"), [(1, 0.8), (1_000, 0.1007), (4_000, 0.025)])
def test_the_draw_keeps_the_published_share(size: int, expected: float) -> None:
    rules = rules_of("", ["sample_repository=100"])
    facts = replace(FACTS, num_pull_requests=size)
    rows = [replace(ROW, pr_id=f"row {index}") for index in range(4_000)]
    kept = [row.pr_id for row in rows if rules.check(row, facts) is None]
    assert len(kept) / len(rows) == pytest.approx(expected, abs=0.02)
    # A repository that grows loses rows and wins none back, so runs of two days agree.
    larger = replace(facts, num_pull_requests=size + 500)
    assert {row.pr_id for row in rows if rules.check(row, larger) is None} < set(kept)
