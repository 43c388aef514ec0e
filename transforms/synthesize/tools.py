"""The tools of the assistant. In: a name and arguments. Out: what the tool printed, and its status.

    toolbox.call("search", {"pattern": "total"})
    ->  Observation(text="src/cart.py:12:def total(items):\\n", exit_status=0)

`list_files`, `search`, `read_file` and `edit_file` are Python in this process, on a `Folder` that
no link leads out of; they execute nothing. `run_command` exists only where there is a sandbox, and
runs there. Every line printed is a function of the files alone: listings are sorted, paths are
relative to the repository, there is no time, no process id, no inode.
"""

import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice

from schemas.errors import RowError
from schemas.reasons import Reason
from schemas.tables import ToolSpec
from transforms.patch import split_lines
from transforms.sandbox.bubblewrap import Sandbox
from transforms.sandbox.folder import Folder, is_fault_of_path
from transforms.synthesize.config import SynthesizeConfig
from transforms.synthesize.tool_specs import FILE_TOOLS, RUN_COMMAND

Arguments = dict[str, str | int]
_MAX_LINE_CHARS = 240
"""Of a line in a search result."""


@dataclass(frozen=True, kw_only=True)
class Observation:
    """What a call printed."""

    text: str
    exit_status: int


class ToolError(Exception):
    """`ToolError(status, message)`: the call failed; the message is what it prints."""


class Toolbox:
    """The tools, on one checkout."""

    def __init__(self, folder: Folder, sandbox: Sandbox | None, config: SynthesizeConfig) -> None:
        self.folder = folder
        self.sandbox = sandbox
        self.config = config
        self._tools: dict[str, Callable[..., str]] = {
            "list_files": self._list_files,
            "search": self._search,
            "read_file": self._read_file,
            "edit_file": self._edit_file,
        }

    @property
    def specs(self) -> tuple[ToolSpec, ...]:
        """The tools as the model is told of them."""
        return (*FILE_TOOLS, RUN_COMMAND) if self.sandbox else FILE_TOOLS

    def call(self, name: str, arguments: Arguments) -> Observation:
        """Run a tool. Raises RowError(SANDBOX_FAILED) when a command had to be ended.

        What is wrong with the machine is raised too: OSError, SandboxError.
        """
        if name == RUN_COMMAND.name and self.sandbox is not None:
            return self._run_command(self.sandbox, str(arguments["command"]))
        try:
            return self._observation(self._tools[name](**arguments), 0)
        except ToolError as error:
            status, message = error.args
            return self._observation(f"{name}: {message}\n", status)

    def _list_files(self, path: str) -> str:
        inner = "" if path in (".", "") else path.removesuffix("/")
        with _refusals_told(path, 2):
            entries = self.folder.entries(inner)
        return "".join(f"{e.path}{'/' if e.kind == 'folder' else ''}\n" for e in entries)

    def _search(self, pattern: str, path: str = ".") -> str:
        if not pattern or "\n" in pattern:
            raise ToolError(2, "pattern must be one line of text")
        hits = (hit for name in self._files_under(path) for hit in self._hits(name, pattern))
        kept = [
            f"{name}:{number}:{_shorten(line.decode('utf-8', 'replace'))}\n"
            for name, number, line in islice(hits, self.config.max_search_hits)
        ]
        if not kept:
            raise ToolError(1, f"no line contains {pattern!r}")
        more = sum(1 for _ in hits)
        return "".join(kept) + (f"[{more} more matching lines are not shown]\n" if more else "")

    def _read_file(self, path: str, start: int = 1, end: int | None = None) -> str:
        lines = split_lines(self._read_text(path))
        if start < 1 or (end is not None and end < start):
            raise ToolError(2, f"{path}: {start} to {end} is not a range of lines")
        if start > max(1, len(lines)):
            raise ToolError(1, f"{path}: has only {len(lines)} lines")
        return "".join(lines[start - 1 : end])

    def _edit_file(self, path: str, old_str: str, new_str: str) -> str:
        if not old_str:
            return self._create_file(path, new_str)
        text = self._read_text(path)
        starts = find_all(text, old_str)
        if len(starts) != 1:
            raise ToolError(
                1, f"{path}: old_str must occur once, it occurs {_places(text, starts)}"
            )
        self._write(path, text[: starts[0]] + new_str + text[starts[0] + len(old_str) :])
        return f"edited {path} at line {_line_number(text, starts[0])}\n"

    def _create_file(self, path: str, text: str) -> str:
        if self._exists(path) and self._read_text(path):
            raise ToolError(1, f"{path}: exists and is not empty; old_str says what to replace")
        self._write(path, text)
        return f"wrote {path}, {len(split_lines(text))} lines\n"

    def _run_command(self, sandbox: Sandbox, command: str) -> Observation:
        done = sandbox.run(
            ["bash", "-c", command],
            workdir=self.folder.root,
            timeout_s=self.config.command_timeout_s,
            max_output_bytes=self.config.max_observation_bytes,
        )
        if done.timed_out or done.exceeded:
            # What such a command had printed depends on the speed of the machine.
            limit = done.exceeded or "time"
            raise RowError(Reason.SANDBOX_FAILED, f"a command was over its {limit} limit")
        cut = f"\n[{done.num_cut_bytes} more bytes are not shown]" if done.truncated else ""
        end = "" if done.output.endswith("\n") or not done.output else "\n"
        text = f"{done.output}{cut}{end}exit status: {done.exit_status}\n"
        return Observation(text=text, exit_status=done.exit_status)

    def _files_under(self, path: str) -> list[str]:
        if path in (".", ""):
            return [entry.path for entry in self.folder.walk() if entry.kind == "file"]
        with _refusals_told(path, 2):
            try:
                entries = list(self.folder.walk(path.removesuffix("/")))
            except NotADirectoryError:
                return [path]
        return [entry.path for entry in entries if entry.kind == "file"]

    def _hits(self, path: str, pattern: str) -> Iterator[tuple[str, int, bytes]]:
        """(path, number, line) of each line with the pattern, one line in memory at a time."""
        with _refusals_told(path, 2):
            data = self.folder.read(path)
        wanted = pattern.encode("utf-8")
        if wanted not in data or b"\0" in data:
            return
        for number, line in enumerate(io.BytesIO(data), start=1):
            if wanted in line:
                yield path, number, line.removesuffix(b"\n")

    def _read_text(self, path: str) -> str:
        try:
            with _refusals_told(path, 1):
                return self.folder.read(path).decode("utf-8")
        except UnicodeDecodeError:
            raise ToolError(1, f"{path}: is not UTF-8 text") from None

    def _write(self, path: str, text: str) -> None:
        with _refusals_told(path, 1):
            self.folder.write(path, text.encode("utf-8"))

    def _exists(self, path: str) -> bool:
        with _refusals_told(path, 1):
            return self.folder.exists(path)

    def _observation(self, text: str, exit_status: int) -> Observation:
        # A name that is not UTF-8 reaches Python as surrogates, which no table can hold.
        data = text.encode("utf-8", "backslashreplace")
        return Observation(
            text=clip(data, self.config.max_observation_bytes), exit_status=exit_status
        )


@contextmanager
def _refusals_told(path: str, status: int) -> Iterator[None]:
    """What is wrong with a path is printed; what is wrong with the machine is not its fault."""
    try:
        yield
    except OSError as error:
        if not is_fault_of_path(error):
            raise
        raise ToolError(status, f"{path}: {error.strerror}") from None


def find_all(text: str, part: str, limit: int | None = None) -> list[int]:
    """Where a part starts in a text, overlapping places included; at most `limit` of them."""
    starts: list[int] = []
    start = text.find(part)
    while start >= 0 and (limit is None or len(starts) < limit):
        starts.append(start)
        start = text.find(part, start + 1)
    return starts


def clip(data: bytes, max_bytes: int) -> str:
    """The text, or its whole lines within `max_bytes` and a line that says how much was cut."""
    if len(data) <= max_bytes:
        return data.decode("utf-8")
    kept = data[: data.rfind(b"\n", 0, max_bytes) + 1]
    if not kept:
        kept = data[:max_bytes]
    text = kept.decode("utf-8", "ignore")
    end = "" if text.endswith("\n") else "\n"
    return f"{text}{end}[{len(data) - len(text.encode('utf-8'))} more bytes are not shown]\n"


def _places(text: str, starts: list[int]) -> str:
    if not starts:
        return "nowhere"
    numbers = ", ".join(str(_line_number(text, start)) for start in starts[:10])
    return f"{len(starts)} times, at lines {numbers}{', ...' if len(starts) > 10 else ''}"


def _line_number(text: str, offset: int) -> int:
    return text.count("\n", 0, offset) + 1


def _shorten(line: str) -> str:
    line = line.removesuffix("\r")
    if len(line) <= _MAX_LINE_CHARS:
        return line
    return f"{line[:_MAX_LINE_CHARS]} [{len(line) - _MAX_LINE_CHARS} more characters]"
