"""Hours of GH Archive. In: files YYYY-MM-DD-H.json.gz, one event a line. Out: wanted events.

    for path in expand_hours(("/data/gharchive",)):
        hour = Hour(path)
        for event in hour.events(Wanted({"acme/shop"}, set())):
            ...                                       afterwards hour.damage, hour.counts

One event in a few hundred thousand is wanted, so a line is parsed only when its beginning names a
type and a repository that is. Memory is one chunk and one line, whatever the file holds.
"""

import hashlib
import json
import re
import zlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pipelines.github.events import KINDS, Statement, read_statement
from schemas.errors import ConfigError

_FILE = re.compile(r"(\d{4})-(\d\d)-(\d\d)-(\d{1,2})\.json\.gz")
_READ_BYTES = 262_144
_CHUNK_BYTES = 4_194_304
MAX_LINE_BYTES = 16_777_216
"""A longer line is counted and left out; events of GH Archive stay under 2 MB."""
# How GitHub has begun every event since 2015; any other beginning is parsed to be sure.
_BEGINNING = re.compile(
    rb'\{"id":"\d{1,20}","type":"(\w+)","actor":\{[^{}]*\},"repo":\{"id":(\d{1,18}),"name":"([^"\\]+)"'
)
_KINDS = frozenset(kind.encode() for kind in KINDS)


@dataclass(frozen=True)
class Wanted:
    """Whose events are kept; without names, everybody's."""

    names: set[str]
    """Lower-case "owner/name"."""
    ids: set[int]
    """GitHub's numbers of those repositories, under which earlier names are found."""

    def has(self, name: str, repo_id: int | None) -> bool:
        """Whether a repository is wanted."""
        return not self.names or name.lower() in self.names or repo_id in self.ids


@dataclass
class Hour:
    """One file that is being read."""

    path: Path
    counts: Counter[str] = field(default_factory=Counter)
    """lines, bytes, broken_lines, long_lines, events_without_fields, repeated_events."""
    damage: str = ""
    """Why the file ends early; "" when it was read to its end."""
    sha256: str = ""
    """Of the file, once it is read."""
    names_of: dict[int, set[str]] = field(default_factory=dict)
    """Number of a repository -> the names that it bears here; only where some are wanted."""

    def events(self, wanted: Wanted) -> Iterator[tuple[Statement, bytes]]:
        """Each wanted event once, with its line."""
        seen: set[str] = set()
        for line in self._lines():
            if not self._may_be_wanted(line, wanted):
                continue
            statement = self._parse(line, wanted)
            if statement is None:
                continue
            if statement.digest in seen:
                self.counts["repeated_events"] += 1
                continue
            seen.add(statement.digest)
            yield statement, line

    def _may_be_wanted(self, line: bytes, wanted: Wanted) -> bool:
        """Whether a line has to be parsed to know that it is not wanted."""
        begins = _BEGINNING.match(line)
        if begins is None:
            return b"PullRequest" in line or b"IssueCommentEvent" in line
        if begins[1] not in _KINDS:
            return False
        if begins[1] == b"IssueCommentEvent" and b'"pull_request"' not in line:
            return False
        name, repo_id = begins[3].decode(errors="replace"), int(begins[2])
        if wanted.names:
            self.names_of.setdefault(repo_id, set()).add(name.lower())
        return wanted.has(name, repo_id)

    def _parse(self, line: bytes, wanted: Wanted) -> Statement | None:
        try:
            event = json.loads(line.decode())
            if not isinstance(event, dict):
                raise ValueError
            statement = read_statement(event)
        except (ValueError, RecursionError):
            self.counts["broken_lines"] += 1
            return None
        if statement is None:
            self.counts["events_without_fields"] += tells_of_pull_request(event)
            return None
        if wanted.names and statement.repo_id is not None:
            self.names_of.setdefault(statement.repo_id, set()).add(statement.repo.lower())
        return statement if wanted.has(statement.repo, statement.repo_id) else None

    def _lines(self) -> Iterator[bytes]:
        rest, is_too_long = b"", False
        for chunk in self._chunks():
            self.counts["bytes"] += len(chunk)
            lines = (rest + chunk).split(b"\n")
            rest = lines.pop()
            if is_too_long and lines:
                lines, is_too_long = lines[1:], False
            for line in lines:
                yield from self._checked(line)
            if len(rest) > MAX_LINE_BYTES or is_too_long:
                self.counts["long_lines"] += not is_too_long
                rest, is_too_long = b"", True
        yield from self._checked(rest)

    def _checked(self, line: bytes) -> Iterator[bytes]:
        line = line.strip()
        if not line:
            return
        self.counts["lines"] += 1
        if len(line) > MAX_LINE_BYTES:
            self.counts["long_lines"] += 1
        elif line[:1] == b"{" and line[-1:] == b"}":
            yield line
        else:
            self.counts["broken_lines"] += 1

    def _chunks(self) -> Iterator[bytes]:
        """The content, at most 4 MiB at a time, up to its end or to where the file is damaged."""
        digest = hashlib.sha256()
        inflate = zlib.decompressobj(wbits=31)
        with self.path.open("rb") as file:
            while data := file.read(_READ_BYTES):
                digest.update(data)
                data = data.lstrip(b"\0") if inflate.eof else data
                while data and not self.damage:
                    if inflate.eof:  # Several members may follow each other, then zeros.
                        inflate = zlib.decompressobj(wbits=31)
                    try:
                        yield inflate.decompress(data, _CHUNK_BYTES)
                    except zlib.error:
                        self.damage = "its compressed data are corrupt"
                    data = inflate.unconsumed_tail
                    if inflate.eof:
                        data = inflate.unused_data.lstrip(b"\0")
        if not inflate.eof:
            self.damage = self.damage or "it ends in the middle of its compressed data"
        self.sha256 = digest.hexdigest()


def tells_of_pull_request(event: dict[str, Any]) -> bool:
    """Whether an event is of a kind that should have told of a pull request."""
    kind = event.get("type")
    if kind == "IssueCommentEvent":
        payload = event.get("payload")
        issue = payload.get("issue") if isinstance(payload, dict) else None
        return isinstance(issue, dict) and bool(issue.get("pull_request"))
    return isinstance(kind, str) and kind in KINDS


def expand_hours(names: tuple[str, ...]) -> list[Path]:
    """The files that `github.gharchive` names, oldest hour first; folders are searched for hours.

    Raises ConfigError for what is absent, for a file that is not called YYYY-MM-DD-H.json.gz, for a
    folder without hours and for two files of one hour.
    """
    found: dict[str, Path] = {}
    for name in names:
        for path in _hours_at(Path(name).expanduser()):
            other = found.setdefault(hour_name(path), path)
            if other.resolve() != path.resolve():
                raise ConfigError(f"github.gharchive: {other} and {path} are the same hour")
    return [found[hour] for hour in sorted(found)]


def hour_name(path: Path) -> str:
    """ "2024-01-31-05" of 2024-01-31-5.json.gz: sorts by time. Raises ConfigError for others."""
    match = _FILE.fullmatch(path.name)
    if match is None:
        raise ConfigError(f"github.gharchive: {path} is not called YYYY-MM-DD-H.json.gz")
    return f"{match[1]}-{match[2]}-{match[3]}-{int(match[4]):02}"


def _hours_at(path: Path) -> list[Path]:
    if path.is_dir():
        hours = [item for item in path.rglob("*.json.gz") if _FILE.fullmatch(item.name)]
        if not hours:
            raise ConfigError(f"github.gharchive: no YYYY-MM-DD-H.json.gz below {path}")
        return sorted(hours)
    if not path.is_file():
        raise ConfigError(f"github.gharchive: no file or folder {path}")
    hour_name(path)
    return [path]
