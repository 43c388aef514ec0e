"""Small repositories for tests, made by git itself, and what `mine` reads from them."""

import os
import subprocess
from pathlib import Path
from typing import Any

from pipelines.mine.config import MineConfig
from pipelines.mine.plan import plan_mining
from pipelines.mine.shards import read_shard
from schemas.arrow import to_batch
from schemas.reasons import Reason
from schemas.tables import TABLES, PullRequest

Rows = dict[str, list[Any]]


class Git:
    """A repository under construction; every commit is a minute later than the one before."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.minute = 0
        folder.mkdir(parents=True)
        self("init", "--quiet", "-b", "main")
        self.author("Ada Byte", "ada@example.com")

    def __call__(self, *arguments: str) -> str:
        environment = os.environ | {
            "GIT_CONFIG_GLOBAL": "/dev/null",
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_AUTHOR_DATE": f"{1_700_000_000 + 60 * self.minute} +0200",
            "GIT_COMMITTER_DATE": f"{1_700_000_000 + 60 * self.minute} +0200",
        }
        command = ["git", "-C", str(self.folder), *arguments]
        result = subprocess.run(command, env=environment, capture_output=True, check=False)
        assert result.returncode == 0, result.stderr.decode()
        return result.stdout.decode().strip()

    def author(self, name: str, email: str) -> None:
        self("config", "user.name", name)
        self("config", "user.email", email)

    def write(self, path: str, content: str | bytes) -> None:
        target = self.folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content.encode() if isinstance(content, str) else content)

    def commit(self, message: str, **files: str | bytes) -> str:
        for path, content in files.items():
            self.write(path.replace("__", "."), content)
        self("add", "--all")
        return self.commit_index(message)

    def commit_index(self, message: str) -> str:
        self.minute += 1
        self("commit", "--quiet", "--allow-empty", "--no-verify", "-m", message)
        return self("rev-parse", "HEAD")

    def merge(self, message: str, *branches: str) -> str:
        self.minute += 1
        self("merge", "--quiet", "--no-ff", "-m", message, *branches)
        return self("rev-parse", "HEAD")

    def pull(self, number: int, sha: str) -> None:
        self("update-ref", f"refs/pull/{number}/head", sha)

    def object_file(self, name: str) -> Path:
        sha = self("rev-parse", name)
        return self.folder / ".git" / "objects" / sha[:2] / sha[2:]


def new_shop(folder: Path) -> Git:
    """A repository with one commit."""
    git = Git(folder / "shop")
    git.commit("Start", cart__py="a = 1\nb = 2\nc = 3\n", LICENSE="Apache License\nVersion 2.0\n")
    return git


def branch_with_two_commits(git: Git) -> str:
    git("checkout", "--quiet", "-b", "fix")
    git.author("Bob Fork", "bob@example.com")
    git.commit("Make b right\n\nFixes #7", cart__py="a = 1\nb = 20\nc = 3\n")
    head = git.commit("Add a test", test_cart__py="import cart\n")
    git.author("Ada Byte", "ada@example.com")
    git("checkout", "--quiet", "main")
    git.commit("Unrelated", other__py="x = 1\n")
    return head


def mine(git: Git | Path, **config: Any) -> Rows:
    """All rows by table; checks what must hold for every repository."""
    path = git.folder if isinstance(git, Git) else git
    settings = MineConfig(repos=(str(path),), **config)
    rows: Rows = {table: [] for table in (*TABLES, "rejected")}
    for shard in plan_mining(settings).shards:
        num_rows = 0
        for outcome in read_shard(shard, settings):
            assert len(outcome.kept) + len(outcome.rejected) <= 64
            to_batch(TABLES[shard.table], outcome.kept)
            num_rows += len(outcome.kept) + len(outcome.rejected)
            rows[shard.table] += outcome.kept
            rows["rejected"] += outcome.rejected
        assert shard.table == "identities" or num_rows == len(shard.items)
    unexpected = [row for row in rows["rejected"] if row.reason == Reason.UNEXPECTED_ERROR]
    assert unexpected == []
    return rows


def pulls(git: Git, **config: Any) -> dict[int | None, PullRequest]:
    return {row.number: row for row in mine(git, **config)["pull_requests"]}


def reasons(rows: Rows, table: str) -> list[str]:
    return sorted(row.reason for row in rows["rejected"] if row.table == table)
