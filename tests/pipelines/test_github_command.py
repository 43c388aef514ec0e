"""`katydid hydrate` as a user types it: settings, what it prints, what survives a kill."""

import gzip
import json
import os
import random
import signal
import subprocess
import threading
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from fake_pulls import EPOCH, REPO
from fault_server import FaultServer
from faults import Asked, Fault, when
from github_rows import everything, many_pulls
from hydrating import hydrate_once
from mined import new_shop
from support import RUN_COMMAND, command, katydid

from pipelines.github.targets import repositories_to_ask
from pipelines.mine.config import MineConfig
from pipelines.settings import Settings
from schemas.errors import ConfigError

NUM_KILLS = 3


@pytest.fixture
def server() -> Iterator[FaultServer]:
    with FaultServer({REPO: many_pulls(12)}) as server:
        yield server


@pytest.fixture(autouse=True)
def tokens(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITHUB_TOKENS", "secret-one")


def arguments(server: FaultServer, folder: Path, *more: str) -> list[str]:
    settings = (f"github.api_url={server.url}", f"mine.github_archive={folder}", *more)
    return ["hydrate", *(part for setting in settings for part in ("-s", setting))]


def test_a_run_prints_what_it_did(server: FaultServer, tmp_path: Path) -> None:
    server.plan = when("/pulls/7", Fault(status=404, document={}))
    config = tmp_path / "my.toml"
    config.write_text(f'[github]\nrepos = ["{REPO}"]\napi = "rest"\n')
    typed = [*arguments(server, tmp_path / "archive"), "-c", str(config)]
    lines = katydid(*typed).stdout.splitlines()
    assert lines[0].split("  ")[0] == "repo"
    assert "pull request: 404 not found 1" in lines[1]
    (row,) = json.loads(katydid(*typed, "--json").stdout)
    assert (row["pull requests"], row["requests"], row["changed"]) == (11, 1, 0)
    assert row["skipped"] == {"pull request: 404 not found": 1}


def test_without_a_folder_it_says_what_to_type() -> None:
    result = katydid("hydrate", "-s", f'github.repos=["{REPO}"]', check=False)
    assert result.returncode == 1
    assert "add -s mine.github_archive=" in result.stderr
    assert len(result.stderr.splitlines()) == 1


def test_repositories_are_those_of_mine_that_are_named_so() -> None:
    paths = ("acme/shop=/data/shop.git", "/data/desk.git", "https://example.com/acme/desk.git")
    settings = Settings(mine=MineConfig(repos=paths))
    assert repositories_to_ask(settings) == ("acme/shop", "acme/desk")
    with pytest.raises(ConfigError, match=r"owner/name=/data/git/name\.git"):
        repositories_to_ask(Settings(mine=MineConfig(repos=("/data/desk.git",))))


def write_hour(folder: Path, numbers: tuple[int, ...], action: str = "opened") -> Path:
    """An hour of GH Archive as it is since October 2025: numbers and little else."""
    events = [
        {
            "id": str(number),
            "type": "PullRequestEvent",
            "actor": {"login": "mona"},
            "repo": {"id": 1, "name": REPO},
            "payload": {"action": action, "number": number, "pull_request": {"number": number}},
            "created_at": EPOCH.isoformat().replace("+00:00", "Z"),
        }
        for number in numbers
    ]
    path = folder / "2026-01-02-3.json.gz"
    path.write_bytes(gzip.compress("".join(json.dumps(event) + "\n" for event in events).encode()))
    return path


@pytest.mark.parametrize(("api", "num_requests"), [("graphql", 2), ("rest", 3 * 6 + 1)])
def test_with_gh_archive_only_what_it_names_is_asked_for(
    server: FaultServer, tmp_path: Path, api: str, num_requests: int
) -> None:
    hour = str(write_hour(tmp_path, (2, 5, 9, 77)))
    archive = tmp_path / "archive"
    values = {"api": api, "gharchive": (hour,), "page_size": 3}
    done = hydrate_once(server, archive, **values)
    assert (done.num_pull_requests, done.num_requests) == (3, num_requests)
    assert done.skipped == {"pull request: 404 not found": 1}
    facts = everything(archive)
    assert {number: fact.source for number, fact in facts.items()} == {
        2: "github",
        5: "github",
        9: "github",
        77: "gharchive",
    }
    assert facts[5].title == "Change 5"
    assert hydrate_once(server, archive, **values).num_requests == 0


def test_gh_archive_alone_asks_nobody(server: FaultServer, tmp_path: Path) -> None:
    hour = write_hour(tmp_path, (2, 5))
    more = ('github.api="none"', f'github.gharchive=["{hour}"]', f'github.repos=["{REPO}"]')
    katydid(*arguments(server, tmp_path / "archive", *more))
    assert sorted(everything(tmp_path / "archive")) == [2, 5]
    assert server.asked == []


def killed_run(server: FaultServer, typed: list[str], index: int, delay_s: float | None) -> int:
    """Run until a request comes, then kill: at once, or a moment after it was answered."""
    server.forget()
    process = subprocess.Popen(
        command(RUN_COMMAND, *typed), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )

    def plan(asked: Asked) -> Fault | None:
        if asked.index != index:
            return None
        if delay_s is not None:
            threading.Timer(delay_s, os.kill, (process.pid, signal.SIGKILL)).start()
            return None
        os.kill(process.pid, signal.SIGKILL)
        return Fault(how="drop")

    server.plan = plan
    return process.wait(timeout=60)


@pytest.mark.slow
@pytest.mark.parametrize("api", ["graphql", "rest"])
def test_killed_again_and_again_the_archive_is_the_same(
    server: FaultServer, tmp_path: Path, api: str
) -> None:
    hydrate_once(server, tmp_path / "whole", api=api, page_size=1)
    asked, answered = set(server.answered), Counter[str]()
    folder, choose = tmp_path / "killed", random.Random(api)
    typed = arguments(
        server, folder, f'github.api="{api}"', "github.page_size=1", f'github.repos=["{REPO}"]'
    )
    for _ in range(NUM_KILLS):
        assert killed_run(server, typed, choose.randrange(0, 3), None) == -signal.SIGKILL
        answered += server.answered
    assert max(answered.values()) == 1
    for _ in range(NUM_KILLS):
        # On a busy machine the run may end before it is killed.
        killed_run(server, typed, choose.randrange(0, 3), choose.uniform(0, 0.004))
        answered += server.answered
    server.forget()
    server.plan = lambda asked: None
    katydid(*typed)
    answered += server.answered
    # An answer that was on its way at a kill was no completed request.
    assert all(answered[key] for key in asked)
    assert sum(answered[key] for key in asked) <= len(asked) + NUM_KILLS
    assert everything(folder) == everything(tmp_path / "whole")


def test_when_github_shows_none_of_the_repositories_the_command_fails(
    server: FaultServer, tmp_path: Path
) -> None:
    typed = arguments(server, tmp_path / "archive", 'github.repos=["acme/none"]')
    result = katydid(*typed, check=False)
    assert result.returncode == 1
    assert result.stderr.splitlines()[-1].endswith("check names and tokens")


def test_mine_says_of_which_repository_the_archive_knows_nothing(tmp_path: Path) -> None:
    git = new_shop(tmp_path)
    (tmp_path / "archive").mkdir()
    settings = (f'mine.repos=["acme/new={git.folder}"]', f"mine.github_archive={tmp_path}/archive")
    overrides = [part for setting in settings for part in ("-s", setting)]
    result = katydid("run", "mine", *overrides, "--run-dir", tmp_path / "run")
    assert "acme/new: mine.github_archive knows no pull request of it" in result.stderr
