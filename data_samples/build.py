"""Builds the sample repositories. In: `*.fi` and `canaries.toml` beside this file. Out: bare
git repositories, with the same commit ids on every machine.

    python data_samples/build.py              ->  data_samples/repos/brine.git, ...
    python data_samples/build.py /tmp/repos   ->  /tmp/repos/brine.git, ...

The streams are `git fast-import` text with placeholders, since a secret scanner would stop at the
planted values and a text file cannot hold a PNG:

    {{canary:ID}}   the value of a canary of canaries.toml
    {{bytes:HEX}}   bytes, two hexadecimal digits each
    {{chop}}        nothing, and the line end after it is dropped too

They are expanded here, and `data <<END_OF_TEXT` becomes `data <count>` with the count of what came
out. git runs without hooks, templates and the user's configuration.
"""

import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
DELIMITER = b"END_OF_TEXT"
_PLACEHOLDER = re.compile(rb"\{\{(canary|bytes):([a-z0-9_.]+)\}\}")
_CHOP = b"{{chop}}\n"


@dataclass(frozen=True, kw_only=True)
class Canary:
    """A planted value that may not be in any output of `anonymize`."""

    id: str
    kind: str
    """"person", "email", "login", "phone", "password", "company", ..."""
    value: str
    where: tuple[str, ...]
    """"brine" (an identity of its history), "brine/config/site.ini" (a file's text or path) or
    "brine#7" (the title, body, branch or a commit message of a pull request)."""
    stem: str | None = None
    """The deny-list entry that covers a written form of a name: "hulltrack" for "HULL_TRACK"."""


def load_canaries(path: Path = HERE / "canaries.toml") -> list[Canary]:
    """Every canary, people first."""
    plain = tomllib.loads(path.read_text(encoding="utf-8"))
    return [*_people(plain["person"]), *_values(plain["canary"]), *_names(plain["name"])]


def build(out_dir: Path = HERE / "repos") -> list[Path]:
    """Build every sample repository below `out_dir`, replacing those of earlier builds."""
    values = {canary.id: canary.value for canary in load_canaries()}
    out_dir.mkdir(parents=True, exist_ok=True)
    return [_build_one(stream, out_dir, values) for stream in sorted(HERE.glob("*.fi"))]


def expand(stream: bytes, values: dict[str, str]) -> bytes:
    """A committed stream as git fast-import reads it. Raises KeyError for an unknown canary."""
    return b"".join(_expand_lines(iter(stream.splitlines(keepends=True)), values))


def _people(people: dict[str, Any]) -> Iterator[Canary]:
    for key, person in people.items():
        for part, kind in (("name", "person"), ("email", "email"), ("login", "login")):
            if part in person:
                where = tuple(person["where"])
                yield Canary(id=f"{key}.{part}", kind=kind, value=person[part], where=where)


def _values(canaries: dict[str, Any]) -> Iterator[Canary]:
    for key, canary in canaries.items():
        value = "".join(canary["parts"])
        yield Canary(id=key, kind=canary["kind"], value=value, where=tuple(canary["where"]))


def _names(names: dict[str, Any]) -> Iterator[Canary]:
    for stem, name in names.items():
        for form, where in name["forms"].items():
            canary_id = f"{stem}.{form}"
            yield Canary(id=canary_id, kind=name["kind"], value=form, where=tuple(where), stem=stem)


def _expand_lines(lines: Iterator[bytes], values: dict[str, str]) -> Iterator[bytes]:
    for line in lines:
        if line.rstrip(b"\n") == b"data <<" + DELIMITER:
            text = _expand_text(b"".join(_until_delimiter(lines)), values)
            yield b"data %d\n%s\n" % (len(text), text)
        else:
            yield _expand_text(line, values)


def _until_delimiter(lines: Iterator[bytes]) -> Iterator[bytes]:
    for line in lines:
        if line.rstrip(b"\n") == DELIMITER:
            return
        yield line


def _expand_text(text: bytes, values: dict[str, str]) -> bytes:
    def replacement(match: re.Match[bytes]) -> bytes:
        argument = match[2].decode()
        return bytes.fromhex(argument) if match[1] == b"bytes" else values[argument].encode()

    return _PLACEHOLDER.sub(replacement, text.replace(_CHOP, b""))


def _build_one(stream: Path, out_dir: Path, values: dict[str, str]) -> Path:
    target = out_dir / f"{stream.stem}.git"
    unfinished = out_dir / f"{stream.stem}.unfinished"
    for old in (unfinished, target):
        if old.exists():
            shutil.rmtree(old)
    text = expand(stream.read_bytes(), values)
    _git("init", "--quiet", "--bare", "--template=", f"-b{_first_branch(text)}", str(unfinished))
    _git(f"--git-dir={unfinished}", "fast-import", "--quiet", "--done", stdin=text + b"done\n")
    unfinished.rename(target)
    return target


def _first_branch(stream: bytes) -> str:
    """HEAD is the branch of the stream's first commit."""
    match = re.search(rb"^commit refs/heads/(\S+)$", stream, re.MULTILINE)
    if match is None:
        raise ValueError("the stream has no commit to a branch; run data_samples/generate.py")
    return match[1].decode()


def _git(*arguments: str, stdin: bytes = b"") -> None:
    # fastimport.unpackLimit: one pack instead of a file per object.
    options = ("-c", "core.hooksPath=/dev/null", "-c", "fastimport.unpackLimit=1")
    variables = {
        "PATH": os.environ.get("PATH", os.defpath),
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": os.devnull,
        "LC_ALL": "C",
    }
    subprocess.run(["git", *options, *arguments], input=stdin, env=variables, check=True)


if __name__ == "__main__":
    for repository in build(*map(Path, sys.argv[1:2])):
        print(repository)
