"""The decontaminate stage: each rule, its evidence, and how little a list must say."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from benchmark_lists import BASE, GOLD, TEST, change, hunk_of, instance, read_one
from hypothesis import given
from hypothesis import strategies as st
from rows import PULL_REQUEST, SOURCE_FILE

from pipelines.settings import load_settings
from schemas.arrow import to_batch
from schemas.discussion import LinkedIssue
from schemas.errors import ConfigError
from schemas.reasons import Reason
from schemas.tables import TABLES, Commit, PullRequest, Rejected
from transforms.decontaminate.config import DecontaminateConfig
from transforms.decontaminate.profiles import profile_names, read_profile
from transforms.decontaminate.rows import Decontaminate

STATEMENT = (
    "Discounts are not taken off when an order has more than one line. I would expect that the "
    "total is lower by a tenth, but settle gives the sum of all prices instead, see below."
)
PROBLEM = {
    "task_id": "HumanEval/999",
    "prompt": "def knit(rows):\n    '''Knit all rows of wool from the left to the right, turn the "
    "work, and return how many stitches were dropped on the way back to the start.'''\n",
    "canonical_solution": "    return sum(row.dropped for row in rows)\n",
    "test": "",
}


def opened(folder: Path, *rows: dict[str, Any], **config: Any) -> Decontaminate:
    stage = Decontaminate(DecontaminateConfig(**config), read_one(folder, *rows), str, str)
    stage.open()
    return stage


def judge(stage: Decontaminate, row: Any) -> Rejected | None:
    table = "pull_requests" if isinstance(row, PullRequest) else "source_files"
    outcome = stage.apply(table, to_batch(TABLES[table], [row]))
    assert len(outcome.kept) + len(outcome.rejected) == 1
    assert outcome.rejected or outcome.kept == [row]
    return outcome.rejected[0] if outcome.rejected else None


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Decontaminate:
    sha = "ab" * 20
    rows = [
        instance(problem_statement=STATEMENT, commit_url=f"https://host.example/commit/{sha}"),
        instance(instance_id="desk", repo="acme/desk", patch="", test_patch=""),
    ]
    return opened(tmp_path_factory.mktemp("list"), *rows)


COMMIT = Commit(
    sha="ab" * 20, message="", author=PULL_REQUEST.author, authored_at=PULL_REQUEST.created_at
)
ISSUE = LinkedIssue(number=3, title="", body=f"Hello!\n{STATEMENT}")


@pytest.mark.parametrize(
    ("changed", "reason", "detail"),
    [
        ({"number": 41}, Reason.BENCHMARK_INSTANCE, "bench acme__shop-41: same number"),
        ({"number": 41, "repo": "ACME/Shop"}, Reason.BENCHMARK_INSTANCE, "same number"),
        ({"number": 41, "repo": "shop"}, Reason.BENCHMARK_INSTANCE, "same number"),
        ({"number": 41, "repo": "fork/shop"}, None, ""),
        ({"base_commit": BASE, "number": None}, Reason.BENCHMARK_INSTANCE, "same base commit"),
        ({"base_commit": BASE}, None, ""),
        ({"base_commit": BASE, "repo": "acme/desk"}, Reason.BENCHMARK_INSTANCE, "same base"),
        ({"base_commit": BASE, "number": None, "repo": "fork/shop"}, None, ""),
        ({"head_commit": COMMIT.sha}, Reason.BENCHMARK_INSTANCE, "commit of the solution"),
        ({"commits": (COMMIT,)}, Reason.BENCHMARK_INSTANCE, "commit of the solution"),
        ({"files": (change(hunk_of(GOLD)),), "repo": "a/b"}, Reason.BENCHMARK_PATCH,
         "bench acme__shop-41, gold patch: containment 1.00 of 9 lines"),
        ({"files": (change(hunk_of(TEST)),)}, Reason.BENCHMARK_PATCH, "test patch: containment"),
        ({"linked_issues": (ISSUE,), "repo": "a/b"}, Reason.BENCHMARK_TEXT, "problem_statement"),
        ({"body": STATEMENT[:60]}, None, ""),
        ({"files": (change("", base_content=STATEMENT),)}, None, ""),
    ],
)  # fmt: skip
def test_each_rule_says_what_it_found(
    stage: Decontaminate, changed: dict[str, Any], reason: Reason | None, detail: str
) -> None:
    rejected = judge(stage, replace(PULL_REQUEST, **changed))
    assert (rejected and rejected.reason) == (reason and reason.value)
    if rejected is not None:
        assert detail in rejected.detail
        assert "discount" not in rejected.detail.lower()


def test_a_base_that_others_share_tells_only_if_asked(tmp_path: Path) -> None:
    row = replace(PULL_REQUEST, base_commit=BASE)
    rejected = judge(opened(tmp_path, instance(), rules=("base",)), row)
    assert rejected is not None
    assert rejected.detail == "bench acme__shop-41: same base commit"


@pytest.mark.parametrize(
    ("where", "repo", "is_rejected"),
    [
        ("same-repository", "acme/shop", True),
        ("same-repository", "acme/till", False),
        ("everywhere", "acme/till", True),
        ("never", "acme/shop", False),
    ],
)
def test_files_are_searched_where_the_settings_say(
    tmp_path: Path, where: str, repo: str, is_rejected: bool
) -> None:
    stage = opened(tmp_path, instance(), source_files=where)
    rejected = judge(stage, replace(SOURCE_FILE, repo=repo, text=f"import os\n{GOLD}\nx = 1\n"))
    assert (rejected is not None) == is_rejected
    assert judge(stage, replace(SOURCE_FILE, repo=repo)) is None


@pytest.mark.parametrize("source", ["prompt", "canonical_solution"])
def test_a_quoted_text_is_found_in_any_table(tmp_path: Path, source: str) -> None:
    stage = opened(tmp_path, PROBLEM)
    quoted = f"# From a book:\n{PROBLEM[source].upper()}"
    for row in (
        replace(SOURCE_FILE, text=quoted),
        replace(PULL_REQUEST, body=quoted),
        replace(PULL_REQUEST, files=(change("", base_content=quoted),)),
        replace(PULL_REQUEST, files=(change(hunk_of(quoted)),)),
    ):
        rejected = judge(stage, row)
        assert rejected is not None
        assert rejected.reason == Reason.BENCHMARK_TEXT
        assert f"bench HumanEval/999, {source}: " in rejected.detail
        assert "wool" not in rejected.detail
    assert judge(stage, PULL_REQUEST) is None


def test_how_much_of_a_text_is_too_much_can_be_set(tmp_path: Path) -> None:
    part = replace(SOURCE_FILE, text=" ".join(PROBLEM["prompt"].split()[:18]))
    assert judge(opened(tmp_path, PROBLEM), part) is not None
    assert judge(opened(tmp_path, PROBLEM, text_share=0.5), part) is None
    assert judge(opened(tmp_path, PROBLEM, text_hits=10), part) is None
    assert judge(opened(tmp_path, PROBLEM, ngram=20), part) is None


def test_repositories_can_go_whole(tmp_path: Path) -> None:
    listed = opened(tmp_path, instance(), rules=("repository",))
    named = Decontaminate(
        DecontaminateConfig(repositories=("Acme/Shop",)), read_one(tmp_path, PROBLEM), str, str
    )
    for stage in (listed, named):
        for row in (PULL_REQUEST, SOURCE_FILE):
            assert judge(stage, row) is not None
            assert judge(stage, replace(row, repo="shop")) is not None
            assert judge(stage, replace(row, repo="fork/shop")) is None


def test_what_is_too_short_to_compare_is_noted(tmp_path: Path) -> None:
    stage = opened(tmp_path, {"id": "a", "prompt": "two words"}, PROBLEM)
    assert stage.notes == ("1 texts are too short to be compared",)


@given(st.text(), st.text())
def test_any_row_goes_one_of_two_ways(stage: Decontaminate, text: str, patch: str) -> None:
    row = replace(PULL_REQUEST, body=text, files=(change(patch, base_content=text),))
    judge(stage, row)
    judge(stage, replace(SOURCE_FILE, text=text + patch))


@pytest.mark.parametrize("name", profile_names())
def test_every_profile_sets_known_fields(name: str) -> None:
    profile = read_profile(name)
    overrides = [f"decontaminate.profile={name}"]
    if profile.needs_list:
        with pytest.raises(ConfigError, match=r"needs a list: .*decontaminate\.lists="):
            load_settings(None, overrides)
        overrides.append(f'decontaminate.lists=["{profile.example}"]')
    config = load_settings(None, overrides).decontaminate
    for key, value in profile.settings.items():
        found = getattr(config, key)
        assert found == (tuple(value) if isinstance(value, list) else value)
    assert load_settings(None, [*overrides, "decontaminate.ngram=7"]).decontaminate.ngram == 7


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ('rules=["numbr"]', "use one of repository, number"),
        ("source_files=here", "use one of never"),
        ("patch_threshold=0", "over 0 and up to 1"),
        ("text_share=1.5", "from 0 to 1"),
        ("ngram=0", "at least 1"),
        ("profile=swe", "is one of code-text"),
    ],
)
def test_settings_are_checked(setting: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        load_settings(None, [f"decontaminate.{setting}"])
