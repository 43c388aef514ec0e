"""The stage in a run: under pseudonyms too, never silent, and done again when a list changes."""

import json
from pathlib import Path
from typing import Any

import pytest
from benchmark_lists import GOLD, instance, patch_of, write_list
from mined import Git
from support import katydid

from schemas.folder import open_folder
from schemas.manifest import read_manifest

TABLE = "decontaminate.rejected"
STAGES = ("mine", "anonymize", "dedup", "decontaminate")


@pytest.fixture(scope="module")
def git(tmp_path_factory: pytest.TempPathFactory) -> Git:
    """Pull requests 7 (numbered in a list), 8 (its patch is in a list), 9 (innocent)."""
    git = Git(tmp_path_factory.mktemp("clones") / "hulltrack")
    git.commit("Start", hull__py="x = 1\n", till__py="y = 1\n", desk__py="z = 1\n")
    for number, path, content in (
        (7, "hull__py", "x = 2\n"),
        (8, "till__py", GOLD),
        (9, "desk__py", "z = 2\n"),
    ):
        git("checkout", "--quiet", "-b", f"fix{number}")
        head = git.commit(f"Fix {number}", **{path: content})
        git("checkout", "--quiet", "main")
        git.merge(f"Merge pull request #{number} from ada/fix{number}", head)
        git.pull(number, head)
    return git


def arguments(git: Git, run_dir: Path, *settings: str, profile: str = "public") -> list[str]:
    values = [
        f'mine.repos=["acme/hulltrack={git.folder}"]',
        f"anonymize.profile={profile}",
        "dedup.tables=[]",
        *settings,
    ]
    options = ["--", "--direct_num_workers=1", "--direct_running_mode=in_memory"]
    parts = [part for value in values for part in ("-s", value)]
    return [*parts, "--run-dir", str(run_dir), *options]


def rejected(run_dir: Path) -> list[dict[str, Any]]:
    query = f"select repo, reason, detail from {TABLE} order by detail"
    found: list[dict[str, Any]] = json.loads(katydid("sql", run_dir, query, "--json").stdout)
    return found


def numbered(number: int, **fields: Any) -> dict[str, Any]:
    values = {"repo": "acme/hulltrack", "instance_id": f"acme__hulltrack-{number}"}
    return instance(**values | {"test_patch": "", "patch": patch_of("print(9)\n")} | fields)


@pytest.mark.parametrize("profile", ["public", "enterprise-strict"])
def test_lists_are_known_again_under_pseudonyms(git: Git, tmp_path: Path, profile: str) -> None:
    start = git("rev-list", "--max-parents=0", "HEAD")
    innocent = git("rev-parse", "fix9")
    listed = write_list(
        tmp_path / "swe.jsonl",
        numbered(7),
        numbered(700, patch=patch_of(GOLD), base_commit=start),
        numbered(900, commit_url=f"https://host.example/commit/{innocent}"),
    )
    run_dir = tmp_path / "run"
    common = arguments(git, run_dir, f'decontaminate.lists=["{listed}"]', profile=profile)
    for stage in STAGES:
        result = katydid("run", stage, *common)
    assert "swe: 3 instances of 1 repositories" in result.stderr
    rows = [row for row in rejected(run_dir) if "in a file" not in row["detail"]]
    kinds = sorted(row["detail"].partition(": ")[2][:20] for row in rows)
    assert kinds == ["commit of the soluti", "containment 1.00 of ", "same number"]
    names = json.dumps(rows) + json.dumps(manifest(run_dir).config)
    assert ("hulltrack" in names) == (profile == "public")
    assert innocent not in names


def manifest(run_dir: Path) -> Any:
    return read_manifest(open_folder(run_dir).child("decontaminate"))


@pytest.fixture(scope="module")
def run_dir(git: Git, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run up to deduplication."""
    run_dir = tmp_path_factory.mktemp("run") / "run"
    for stage in STAGES[:-1]:
        katydid("run", stage, *arguments(git, run_dir))
    return run_dir


def test_without_a_list_the_stage_says_that_nothing_was_checked(git: Git, run_dir: Path) -> None:
    result = katydid("run", "decontaminate", *arguments(git, run_dir))
    assert "nothing was checked for benchmarks: no list" in result.stderr
    assert manifest(run_dir).config["environment"] == {"lists": []}
    assert manifest(run_dir).rejected == {}


def test_the_content_of_a_list_decides_and_its_place_does_not(
    git: Git, run_dir: Path, tmp_path: Path
) -> None:
    def run(*lists: str) -> dict[str, Any]:
        setting = f"decontaminate.lists={json.dumps(lists)}"
        command = arguments(git, run_dir, setting)
        (result,) = json.loads(katydid("run", "decontaminate", "--json", *command).stdout)
        return dict(result)

    first = write_list(tmp_path / "one.jsonl", numbered(7))
    assert run(f"swe={first}")["rejected"] == {"benchmark_instance": 1}
    moved = write_list(tmp_path / "two.jsonl", numbered(7))
    assert run(f"swe={moved}")["up_to_date"]
    config = manifest(run_dir).config
    assert str(tmp_path) not in json.dumps(config)
    assert [one["name"] for one in config["environment"]["lists"]] == ["swe"]
    write_list(tmp_path / "two.jsonl", numbered(8))
    changed = run(f"swe={moved}")
    assert (changed["up_to_date"], changed["rejected"]) == (False, {"benchmark_instance": 1})


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ('decontaminate.lists=["/nowhere/swe.jsonl"]', "cannot read /nowhere/swe.jsonl"),
        ("decontaminate.profile=swe-compass", "swecompass_all_2000.jsonl"),
    ],
)
def test_a_bad_list_ends_the_stage_before_it_begins(
    git: Git, run_dir: Path, setting: str, message: str
) -> None:
    command = arguments(git, run_dir, setting)
    result = katydid("run", "decontaminate", *command, check=False)
    assert result.returncode == 1
    assert message in result.stderr
    assert "Traceback" not in result.stderr
