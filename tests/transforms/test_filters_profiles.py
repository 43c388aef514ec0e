"""Profiles against the published numbers; settings, their errors, and the command's table."""

import json
import pickle
import subprocess
import sys
from dataclasses import replace

import pytest
from filtered import APPROVAL, COMMENT, FACTS, ISSUE, ROW, files

from schemas.errors import ConfigError, RowError
from schemas.reasons import Reason
from schemas.tables import PullRequest
from transforms.filters.profiles import PROFILES
from transforms.filters.rule import RepositoryFacts
from transforms.filters.rules import RULES, RuleSet, describe_rules, rules_of

# The Stack v2: bigcode-project/the-stack-v2, pull_requests_and_issues (render.py: RenderParams;
# process_commit_pairs.py: FilterParams; process_pr_events.py). SWE-rebench V2: arXiv:2602.23866.
# Kimi-Dev: arXiv:2509.23045, appendix A. SWE-Fixer: arXiv:2501.05040. daVinci: arXiv:2601.18418.
PUBLISHED = {
    "stack-v2": {
        "license": "permissive-or-none",
        "sample_repository": 100,
        "human_author": "stack-v2",
        "merged_or_approved": True,
        "human_discussion": "stack-v2",
        "keep_modified_files": True,
        "drop_low_alphanumeric": 0.25,
        "drop_hex": 0.25,
        "drop_long_files": 100_000,
        "drop_long_average_lines": 100,
        "drop_long_lines": 1_000,
        "drop_markdown_without_english": True,
        "sample_data_files": 0.1,
        "has_diff": True,
        "drop_bot_events": "stack-v2",
        "strip_email_replies": True,
        "drop_events_with": ("codecov", "qwiet"),
        "no_description_words": ("qwiet",),
        "strip_html_comments": True,
        "cut_lines": 60 + 20,
        "min_description_chars": 20,
        "drop_short_events": 20,
        "cut_text": 1_000,
        "min_title_chars": 10,
        "no_title_words": ("dependencies", "dependency", "depend", "release"),
        "cut_title": 500,
        "min_chars": 200,
        "max_chars": 1_000_000,
    },
    "swe-rebench-v2": {
        "license": "permissive",
        "min_stars": (("python", 25), ("java", 25), ("go", 25), ("other", 10)),
        "min_closed_issues": (("python", 15), ("java", 15), ("go", 15), ("other", 1)),
        "linked_issue": True,
        "tests_changed": True,
    },
    "kimi-dev": {
        "not_in_swe_bench": True,
        "min_stars": (("other", 5),),
        "merged": True,
        "only_extensions": ("py", "md", "rst"),
        "no_added_or_deleted_files": True,
        "keep_languages": ("python",),
        "has_diff": True,
        "max_python_files": 3,
        "max_edit_blocks": 5,
    },
    "kimi-dev-packs": {
        "not_in_swe_bench": True,
        "min_stars": (("other", 5),),
        "merged": True,
        "min_python_files": 1,
        "max_python_files": 5,
    },
    "swe-fixer": {
        "not_in_swe_bench": True,
        "min_pull_requests": 100 + 1,
        "linked_issue_by_host": True,
        "parsable_patch": True,
        "max_non_test_files": 3,
    },
    "davinci-dev": {
        "not_in_swe_bench": True,
        "repository_languages": ("python",),
        "min_stars": (("other", 5),),
        "human_author": "known",
        "merged": True,
        "min_python_files": 1,
        "max_python_files": 5,
        "max_tokens": 32 * 1_024,
    },
}
GOOD = replace(
    ROW,
    title="Round the totals of the cart",
    body="The totals were truncated, so that a cart of three items was one cent short.",
    linked_issues=(replace(ISSUE, evidence="reference"),),
    files=files("a.py", patch="@@ -1 +1 @@\n-a = 1\n+a = 2  # " + "x" * 150 + "\n"),
    events=(COMMENT, APPROVAL),
)
GOOD_FACTS = replace(FACTS, num_pull_requests=101)


@pytest.mark.parametrize("profile", PUBLISHED)
def test_profiles_hold_the_published_numbers(profile: str) -> None:
    values = dict(rules_of(profile, ()).values)
    # 121 extensions, some of which are checked below.
    values.pop("drop_extensions", None)
    assert values == PUBLISHED[profile]


def test_every_profile_is_checked() -> None:
    assert PUBLISHED.keys() == PROFILES.keys()
    assert rules_of("", ()) == RuleSet(())


@pytest.mark.parametrize("extension", ["csv", "tsv", "svg", "resx", "kml", "prefab", "snap"])
def test_the_stack_leaves_out_data_formats(extension: str) -> None:
    row = replace(GOOD, files=(*GOOD.files, *files(f"a.{extension}")))
    assert _pass("stack-v2", row).files == GOOD.files


@pytest.mark.parametrize("profile", PUBLISHED)
def test_a_good_row_passes_every_profile_and_a_bad_one_none(profile: str) -> None:
    row = (
        GOOD
        if profile != "swe-rebench-v2"
        else replace(GOOD, files=(*GOOD.files, *files("test_a.py", is_test=True)))
    )
    assert _pass(profile, row).pr_id == row.pr_id
    bad = replace(row, files=(), state="unmerged", linked_issues=(), events=())
    assert rules_of(profile, ()).check(bad, GOOD_FACTS) is not None


def _pass(profile: str, row: PullRequest) -> PullRequest:
    # The draw by repository is tested apart.
    return rules_of(profile, ["sample_repository=off"]).apply(row, GOOD_FACTS)


@pytest.mark.parametrize(
    ("profile", "needs"),
    [
        ("", set()),
        ("stack-v2", {"github", "num_pull_requests"}),
        ("swe-rebench-v2", {"repository"}),
        ("kimi-dev", {"repository"}),
        ("swe-fixer", {"github", "num_pull_requests"}),
        ("davinci-dev", {"repository"}),
    ],
)
def test_a_profile_says_what_must_be_known(profile: str, needs: set[str]) -> None:
    assert rules_of(profile, ()).needs == needs


def test_rules_that_need_knowledge_can_be_named_and_left_out() -> None:
    assert rules_of("kimi-dev", ()).needing("repository") == ("min_stars",)
    rules = rules_of("kimi-dev", ["min_stars=off"])
    assert rules.needs == frozenset()
    assert rules.check(replace(GOOD, provenance=()), RepositoryFacts()) is None


def test_settings_of_the_user_lie_over_the_profiles() -> None:
    rules = rules_of("kimi-dev", ["max_python_files=1", "merged=off", "min_title_chars"])
    values = dict(rules.values)
    assert values["max_python_files"] == 1
    assert "merged" not in values
    assert values["min_title_chars"] == RULES["min_title_chars"].default
    assert rules_of("", ["merged=off", "merged"]).values == (("merged", True),)


def test_rules_run_in_the_order_of_the_table_whatever_the_settings() -> None:
    one, other = ["min_title_chars=99", "merged"], ["merged=on", "min_title_chars=99"]
    assert rules_of("", one) == rules_of("", other)
    found = rules_of("", one).check(replace(GOOD, state="unknown"), FACTS)
    assert found == (Reason.RULE_MERGED, "unknown")


def test_a_rule_set_can_be_pickled_and_apply_raises_what_check_says() -> None:
    row = replace(GOOD, title="Short")
    rules = rules_of("stack-v2", ["sample_repository=off"])
    with pytest.raises(RowError) as caught:
        pickle.loads(pickle.dumps(rules)).apply(row, GOOD_FACTS)
    expected = (Reason.RULE_MIN_TITLE_CHARS, "5 < 10")
    assert (caught.value.reason, caught.value.detail) == expected
    assert rules.check(row, GOOD_FACTS) == expected


@pytest.mark.parametrize(
    ("profile", "settings", "message"),
    [
        ("stackv2", [], "mine.profile: no profile 'stackv2' (did you mean stack-v2?)"),
        ("zzz", [], "mine.profile: no profile 'zzz' (did you mean stack-v2, swe-rebench-v2"),
        ("", ["min_star=3"], "mine.rules: no rule 'min_star' (did you mean min_stars?)"),
        ("", ["zzz"], "mine.rules: no rule 'zzz' (type: katydid rules)"),
        ("", ["merged=3"], "mine.rules: merged=3: expected on or off"),
        ("", ["cut_title=many"], "expected a whole number; write it as cut_title=500"),
        ("", ["cut_title=-1"], "expected a whole number"),
        ("", ["drop_hex=1.5"], "expected a number from 0 to 1; write it as drop_hex=0.25"),
        ("", ["drop_hex=nan"], "expected a number from 0 to 1"),
        ("", ["license=gpl"], "expected permissive or permissive-or-none"),
        ("", ["no_title_words=a,,b"], "expected words with commas between them"),
        ("", ["min_stars=python"], 'expected a whole number, or one per language and "other"'),
        ("", ["min_stars=python:x"], "expected a whole number, or one per language"),
        ("", ["min_stars=:5"], "expected a whole number, or one per language"),
    ],
)
def test_errors_say_what_to_write(profile: str, settings: list[str], message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        rules_of(profile, settings)
    assert message in str(caught.value)


@pytest.mark.parametrize("profile", PROFILES)
def test_a_described_value_can_be_written_back(profile: str) -> None:
    described = describe_rules(profile)
    settings = [f"{row['rule']}={row['value']}" for row in described]
    assert rules_of("", settings) == rules_of(profile, ())
    assert {row["does"] for row in described} <= {"rejects", "changes"}


def test_without_a_profile_every_rule_is_described_with_every_profile() -> None:
    table = {row["rule"]: row for row in describe_rules()}
    assert table.keys() == RULES.keys()
    assert table["max_python_files"]["kimi-dev"] == "3"
    assert table["max_python_files"]["kimi-dev-packs"] == "5"
    assert table["max_python_files"]["stack-v2"] == ""


def test_the_command_prints_the_rules() -> None:
    command = [sys.executable, "-c", "from pipelines.cli import main; main()", "rules"]
    done = subprocess.run(
        [*command, "swe-fixer", "--json"], capture_output=True, text=True, check=True
    )
    assert json.loads(done.stdout) == describe_rules("swe-fixer")
    failed = subprocess.run([*command, "swefixer"], capture_output=True, text=True)
    assert failed.returncode == 1
    assert "did you mean swe-fixer?" in failed.stderr
