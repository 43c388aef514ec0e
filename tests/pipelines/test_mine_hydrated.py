"""GitHub asked, then mined, as a user types it: one row from both, and where each field is from."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from fake_pulls import MONA, ROBOT, Comment, Pull, Review
from fault_server import FaultServer
from mined import Git, branch_with_two_commits, new_shop
from support import katydid

REPO = "acme/shop"
PULLS = [
    Pull(
        number=12,
        updated=100,
        title="Round what a cart costs",
        comments=(Comment(number=1, at=10), Comment(number=2, at=11, author=ROBOT)),
        reviews=(Review(number=3, at=20, comments=(Comment(number=4, at=21, path="cart.py"),)),),
        closes=(7,),
    ),
    Pull(number=13, updated=200, state="CLOSED"),
    Pull(number=14, updated=300, author=ROBOT),
]


@pytest.fixture
def git(tmp_path: Path) -> Git:
    git = new_shop(tmp_path)
    git.pull(13, branch_with_two_commits(git))
    git.commit("Round (#12)\n\nFixes #8", cart__py="a = 1\n", kept__py="a = 1\n")
    git.commit("Bump (#14)", lock__py="a = 1\n")
    return git


@pytest.fixture(params=["graphql", "rest"])
def settings(
    request: pytest.FixtureRequest, tmp_path: Path, git: Git, monkeypatch: pytest.MonkeyPatch
) -> Iterator[list[str]]:
    monkeypatch.setenv("GITHUB_TOKENS", "secret-one")
    with FaultServer({REPO: PULLS}) as server:
        config = tmp_path / "my.toml"
        config.write_text(
            f'[github]\napi_url = "{server.url}"\napi = "{request.param}"\n'
            f'[mine]\nrepos = ["{REPO}={git.folder}"]\n'
            f'github_archive = "{tmp_path / "archive"}"\n'
        )
        yield ["-c", str(config)]


def rows(run_dir: Path, query: str) -> list[dict[str, object]]:
    values: list[dict[str, object]] = json.loads(katydid("sql", run_dir, query, "--json").stdout)
    return values


def test_a_row_tells_what_git_and_github_know(settings: list[str], tmp_path: Path) -> None:
    run_dir = tmp_path / "run"
    katydid("hydrate", *settings)
    katydid("run", "mine", *settings, "--run-dir", run_dir)
    (row,) = rows(run_dir, "select * from pull_requests")
    assert (row["number"], row["title"], row["merge_kind"]) == (
        12,
        "Round what a cart costs",
        "squash",
    )
    assert (row["source"], row["author_kind"], row["labels"]) == ("git+github", "user", ["bug"])
    provenance = rows(run_dir, "select unnest(provenance, recursive := true) from pull_requests")
    sources = {source["field"]: source["source"] for source in provenance}
    assert {"title", "body", "events", "state", "labels"} <= set(sources)
    assert set(sources.values()) == {"github"}
    assert "files" not in sources
    events = "select unnest(events, recursive := true) from pull_requests"
    kinds = [event["kind"] for event in rows(run_dir, events)]
    assert kinds == ["comment", "comment", "review", "review_comment"]
    issues = "select unnest(linked_issues, recursive := true) from pull_requests"
    linked = {issue["number"]: issue["evidence"] for issue in rows(run_dir, issues)}
    assert linked[8] == "keyword"
    reasons = "select reason, detail from rejected where \"table\" = 'pull_requests' order by all"
    assert [tuple(row.values()) for row in rows(run_dir, reasons)] == [
        ("bot", ""),
        ("not_merged", "state unmerged"),
    ]
    names = rows(run_dir, f"select name from identities where name = '{MONA.login}'")
    assert len(names) == 1, "or else anonymize would not look for it"
    again = katydid("hydrate", *settings, "--json")
    assert [row["changed"] for row in json.loads(again.stdout)] == [0]
    assert "up to date" in katydid("run", "mine", *settings, "--run-dir", run_dir).stdout


def test_comments_at_files_out_of_scope_are_left_out(
    settings: list[str], git: Git, tmp_path: Path
) -> None:
    inventory = tmp_path / "inventory.toml"
    inventory.write_text(
        f'[[repository]]\nname = "{REPO}"\npath = "{git.folder}"\nexclude = ["cart.py"]\n'
    )
    settings += ["-s", "mine.repos=[]", "-s", f"mine.inventory={inventory}"]
    katydid("hydrate", *settings)
    katydid("run", "mine", *settings, "--run-dir", tmp_path / "run")
    events = "select unnest(events, recursive := true) from pull_requests"
    kinds = [event["kind"] for event in rows(tmp_path / "run", events)]
    assert kinds == ["comment", "comment", "review"]


def test_rules_that_need_github_say_so_before_anything_is_read(
    settings: list[str], tmp_path: Path
) -> None:
    (tmp_path / "archive").mkdir()
    typed = ("run", "mine", *settings, "-s", "mine.profile=stack-v2")
    result = katydid(*typed, "--run-dir", tmp_path / "run", check=False)
    assert result.returncode == 1
    assert "katydid hydrate" in result.stderr
    assert "human_discussion=off" in result.stderr
    assert len(result.stderr.splitlines()) == 1


def test_a_repository_without_pull_requests_does_not_stop_rules_that_need_github(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITHUB_TOKENS", "secret-one")
    git = new_shop(tmp_path)
    with FaultServer({REPO: []}) as server:
        named = {
            "github.api_url": server.url,
            "mine.repos": f'["{REPO}={git.folder}"]',
            "mine.github_archive": tmp_path / "archive",
            "mine.profile": "stack-v2",
        }
        typed = [part for name, value in named.items() for part in ("-s", f"{name}={value}")]
        katydid("hydrate", *typed)
        assert " 0 rejected" in katydid("run", "mine", *typed, "--run-dir", tmp_path / "run").stdout


def test_rejections_are_counted_by_rule(settings: list[str], tmp_path: Path) -> None:
    katydid("hydrate", *settings)
    rules = 'mine.rules=["min_title_chars=30", "human_author"]'
    result = katydid("run", "mine", *settings, "-s", rules, "--run-dir", tmp_path / "run", "--json")
    rejected = json.loads(result.stdout)[0]["rejected"]
    assert {n: c for n, c in rejected.items() if n.startswith("rule_")} == {
        "rule_min_title_chars": 1
    }
