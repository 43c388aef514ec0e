"""The whole repository is read before any row is: what one file tells is replaced in all of them.

One repository with two authors, mined and anonymized by the command line with `enterprise-strict`.
"""

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from mined import Git
from support import files_of, katydid

HOLDER = "Ottilie " + "Vandermeulen"
PASSWORD = "kelp" + "7719" + "Bight-q"
QUIET_HEADER = f"# Copyright (c) 2019 {HOLDER} <ottilie@" + "vandermeulen.test.corp>\n"


@pytest.fixture(scope="module")
def git(tmp_path_factory: pytest.TempPathFactory) -> Git:
    git = Git(tmp_path_factory.mktemp("strict") / "hulltrack")
    git.author("Ada Byte", "ada@corp.test")
    git.commit(
        "Start",
        hull__py=QUIET_HEADER + "def weigh(x):\n    return x + 1\n",
        settings__ini=f"[db]\nuser = app\npassword = {PASSWORD}\n",
        README__md=f"# Hull\n\nAsk {HOLDER}. Log in with {PASSWORD} first.\n",
        vendor__py="x = 1\n",
    )
    git("checkout", "--quiet", "-b", "fix")
    git.author("Bob Fork", "bob@corp.test")
    first = git("rev-parse", "HEAD")
    head = git.commit(
        f"Weigh by two\n\nBroken since {first[:10]}.",
        hull__py=QUIET_HEADER + "def weigh(x):\n    return x + 2\n",
    )
    git.author("Ada Byte", "ada@corp.test")
    git("checkout", "--quiet", "main")
    git.merge("Merge pull request #7 from bobfork/fix\n\nWeigh by two", head)
    git.pull(7, head)
    return git


@pytest.fixture(scope="module")
def run_dir(git: Git, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("run") / "run"
    katydid("run", "all", *settings(git), "--run-dir", folder)
    return folder


def settings(git: Git) -> list[str]:
    values = [
        f'mine.repos=["acme/hulltrack={git.folder}"]',
        "anonymize.profile=enterprise-strict",
        "anonymize.min_author_commits=0",
        "synthesize.run_commands=never",
    ]
    return [part for value in values for part in ("-s", value)]


def rows(run_dir: Path, query: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(katydid("sql", run_dir, query, "--json").stdout)
    return found


def all_text(run_dir: Path, stage: str) -> str:
    tables = [path.name for path in (run_dir / stage).iterdir() if path.is_dir()]
    kept = [table for table in tables if not table.startswith("_") and table != "receipts"]
    return json.dumps([rows(run_dir, f"from {stage}.{table}") for table in kept])


def test_what_one_file_tells_is_replaced_in_all_of_them(run_dir: Path) -> None:
    raw = rows(run_dir, "from mine.source_files where path = 'README.md'")[0]["text"]
    assert HOLDER in raw
    assert PASSWORD in raw
    after = all_text(run_dir, "anonymize") + all_text(run_dir, "mix")
    assert "weigh" in after
    for value in (HOLDER, HOLDER.split()[1], PASSWORD, "vandermeulen", "hulltrack"):
        assert value.casefold() not in after.casefold()


def test_the_survey_is_sealed_and_repeats_byte_for_byte(
    git: Git, run_dir: Path, tmp_path: Path
) -> None:
    surveys = files_of(run_dir / "anonymize.survey")
    assert len([name for name in surveys if name.endswith(".sealed")]) == 1
    assert PASSWORD.encode() not in b"".join(surveys.values())
    key = f"anonymize.key_file={run_dir / 'anonymize.key'}"
    again = [*settings(git), "-s", key, "--run-dir", tmp_path / "again"]
    for stage in ("mine", "anonymize"):
        katydid("run", stage, *again)
    assert files_of(tmp_path / "again" / "anonymize.survey") == surveys
    assert files_of(tmp_path / "again" / "anonymize") == files_of(run_dir / "anonymize")


def test_shas_agree_wherever_they_stand_and_times_are_mondays(git: Git, run_dir: Path) -> None:
    (pull,) = rows(run_dir, "from anonymize.pull_requests")
    commits = git("log", "--format=%H").split()
    after = all_text(run_dir, "anonymize") + all_text(run_dir, "mix")
    assert not any(sha[:7] in after for sha in commits)
    abbreviated = pull["base_commit"][:10]
    assert abbreviated in pull["commits"][0]["message"]
    for when in (pull["created_at"], pull["merged_at"], pull["commits"][0]["authored_at"]):
        moment = datetime.fromisoformat(when)
        assert (moment.weekday(), moment.hour, moment.minute) == (0, 0, 0)


def test_dialogues_still_work_on_the_tree_of_the_base_commit(run_dir: Path) -> None:
    (counts,) = rows(run_dir, "select count(*) as num from synthesize.dialogues")
    assert counts["num"] == 1


def test_findings_count_what_was_replaced_and_name_nothing(run_dir: Path) -> None:
    found = rows(run_dir, "from anonymize.findings")
    kinds = {row["entity"] for row in found}
    assert {"PERSON", "SECRET", "COMMIT_SHA"} <= kinds
    assert all(row["num"] > 0 and row["rule"] for row in found)
    raw = {row["file_id"] for row in rows(run_dir, "from mine.source_files")}
    assert not raw & {row["row_id"] for row in found}
    known = {row["file_id"] for row in rows(run_dir, "from anonymize.source_files")}
    assert known >= {row["row_id"] for row in found if row["table"] == "source_files"}
