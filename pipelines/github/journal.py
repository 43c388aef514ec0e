"""What was asked of GitHub, in order. In: lines as requests complete. Out: where to go on.

    with Journal("/data/github", "acme/shop") as journal:
        journal.request("GET /repos/acme/shop/pulls/12", status=200, address="7e41...")
        journal.step("graphql", cursor, known=[{"pull": 12, ...}])

journal.jsonl is only ever appended to. A request line says that an answer is in the archive. A step
line says that everything before it was understood: it holds the cursor to go on from and what is
now known of pull requests. After a kill the answers since the last step are replayed from the
archive. A last line without its newline was being written: it is cut off.
"""

import fcntl
import json
import os
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any

from pipelines.github.archive import repository_folder
from schemas.errors import ConfigError, InputError, StageError

JOURNAL = "journal.jsonl"


@dataclass(kw_only=True)
class JournalState:
    """A journal, read to its end."""

    origin: str = ""
    """Scheme and host of the server that was asked; "" where none was yet."""
    known: dict[int, dict[str, Any]] = field(default_factory=dict)
    """By number: the latest line about a pull request that was read."""
    skipped: dict[int, dict[str, Any]] = field(default_factory=dict)
    """By number: the line about a pull request that GitHub did not show."""
    cursors: dict[str, Any] = field(default_factory=dict)
    """By way of asking ("graphql", "rest"): where to go on."""
    answered: dict[str, dict[str, Any]] = field(default_factory=dict)
    """By request: the last line of each, for its ETag."""
    pending: dict[str, dict[str, Any]] = field(default_factory=dict)
    """By request: answers since the last step."""
    keeps_answers: bool = True
    """Whether `answered` is filled, which takes 5 KB for each pull request asked for over REST."""

    def add(self, line: dict[str, Any]) -> None:
        """Take a line into account."""
        if "origin" in line:
            self.origin = line["origin"]
            return
        if "key" in line:
            self.pending[line["key"]] = line
            if self.keeps_answers and line.get("etag"):
                self.answered[line["key"]] = line
            return
        if "step" in line:
            self.cursors[line["step"]] = line["cursor"]
            self.pending.clear()
        for pull in line["known"]:
            number = pull["pull"]
            self.skipped.pop(number, None)
            if pull.get("skipped"):
                self.skipped[number] = pull
            elif pull["updated"] >= self.known.get(number, pull)["updated"]:
                self.known[number] = pull


def read_journal(folder: str, repo: str) -> JournalState:
    """What a repository's journal says, without `answered`; an empty state when there is none.

    Raises InputError when a line that is not the last is no journal line.
    """
    state = JournalState(keeps_answers=False)
    _parse(repository_folder(folder, repo) / JOURNAL, state)
    return state


class Journal:
    """The journal of one repository, for its only writer, from `with` to the end of the block.

    Raises StageError when another process writes it.
    """

    def __init__(self, folder: str, repo: str) -> None:
        self._folder = repository_folder(folder, repo)
        self._repo = repo

    def __enter__(self) -> "Journal":
        self._folder.mkdir(parents=True, exist_ok=True)
        self._lock = (self._folder / "lock").open("w")
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self._lock.close()
            raise StageError(
                f"{self._folder}: another katydid hydrate asks about {self._repo}; "
                "wait for its end, then run the same command again"
            ) from None
        path = self._folder / JOURNAL
        self.state = JournalState()
        num_whole_bytes = _parse(path, self.state)
        self._file = path.open("ab")
        self._file.truncate(num_whole_bytes)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._file.close()
        self._lock.close()

    def bind(self, origin: str) -> None:
        """Note which server is asked. Raises ConfigError when the journal is about another one's
        repository: the same name there is another repository, with cursors of its own."""
        if not self.state.origin:
            self._append({"origin": origin})
        if self.state.origin != origin:
            raise ConfigError(
                f"{self._folder} holds answers of {self.state.origin}, and github.api_url is of "
                f"{origin}; set mine.github_archive to another folder for each server"
            )

    def request(self, key: str, **values: Any) -> dict[str, Any]:
        """A request was answered and the answer is in the archive; the line."""
        return self._append({"key": key, **{k: v for k, v in values.items() if v is not None}})

    def known(self, pull: dict[str, Any]) -> None:
        """A pull request was read to its end, or skipped."""
        self._append({"known": [pull]})

    def step(self, way: str, cursor: Any, *, known: list[dict[str, Any]]) -> None:
        """All answers so far were read; `known` are the pull requests that they brought."""
        self._append({"step": way, "cursor": cursor, "known": known})

    def _append(self, line: dict[str, Any]) -> dict[str, Any]:
        self._file.write(json.dumps(line, sort_keys=True, separators=(",", ":")).encode() + b"\n")
        self._file.flush()
        os.fsync(self._file.fileno())
        self.state.add(line)
        return line


def _parse(path: Path, state: JournalState) -> int:
    """Read into a state; the number of bytes up to the end of the last whole line."""
    num_bytes = 0
    if not path.exists():
        return 0
    with path.open("rb") as file:
        for number, line in enumerate(file, start=1):
            if not line.endswith(b"\n"):
                break
            try:
                state.add(json.loads(line))
            except (ValueError, KeyError, TypeError, AttributeError):
                raise InputError(
                    f"{path}:{number}: no journal line; delete the file and type: katydid hydrate"
                ) from None
            num_bytes += len(line)
    return num_bytes
