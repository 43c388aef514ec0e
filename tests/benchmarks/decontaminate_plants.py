"""Copies of a change as they turn up elsewhere. In: a pull request. Out: pull requests like it.

    plants(row, random.Random(1))  ->  {"verbatim": PullRequest(...), "renamed": ..., ...}

None has the number, the commits, the paths or (but for backports) the repository of the original.
What is done to the lines is written here without any of the product's code:

    verbatim       the same lines
    renamed        names that do not stand behind a dot, outside of strings and comments, code only
    all-renamed    every name outside of strings and comments, code only
    reformatted    other quotes, indent and line breaks, an argument a line, trailing commas
    backported     lines left out, lines changed, lines added, files in another order; within the
                   repository, under a number of its own
    adapted        the same elsewhere
"""

import builtins
import io
import keyword
import random
import re
import tokenize
from collections.abc import Callable
from dataclasses import replace

from schemas.tables import FileChange, PullRequest

KINDS = ("verbatim", "renamed", "all-renamed", "reformatted", "backported", "adapted")
Lines = list[tuple[str, str]]
"""(mark, text) of a patch, hunk headers left out."""
_HEADER = re.compile(r"@@ -\d+(?:,(\d+))? \+\d+(?:,(\d+))? @@")
_WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_SPLIT = re.compile(r"(\"(?:[^\"\\\n]|\\.)*\"|'(?:[^'\\\n]|\\.)*'|#[^\n]*)")
_KEPT = {*keyword.kwlist, *keyword.softkwlist, *dir(builtins), "self", "cls"}


def plants(row: PullRequest, rng: random.Random) -> dict[str, PullRequest]:
    """A copy of each kind."""
    code = [file for file in row.files if not file.is_documentation]
    changed: dict[str, list[tuple[FileChange, Lines]]] = {
        "verbatim": [(file, lines_of(file.patch)) for file in row.files],
        "reformatted": [(file, _reformatted(file, lines_of(file.patch))) for file in row.files],
        "backported": [(file, _backported(lines_of(file.patch), rng)) for file in row.files[::-1]],
    }
    changed["adapted"] = changed["backported"]
    for kind, keeps_attributes in (("renamed", True), ("all-renamed", False)):
        changed[kind] = _with_other_names(code, _renamer(rng), keeps_attributes)
    return {
        kind: replace(
            row,
            pr_id=f"{kind}|{row.pr_id}",
            repo=row.repo if kind == "backported" else "elsewhere/copy",
            number=10**6 if kind == "backported" else None,
            base_commit="",
            head_commit="",
            merge_commit=None,
            commits=(),
            body="",
            title="",
            events=(),
            linked_issues=(),
            files=tuple(
                replace(
                    file,
                    path=f"legacy/{n}.py",
                    old_path=None,
                    base_content=None,
                    patch=patch_of(lines),
                )
                for n, (file, lines) in enumerate(files)
            ),
        )
        for kind, files in changed.items()
    }


def lines_of(patch: str) -> Lines:
    """The lines of a patch in order; between hunks an empty unchanged line."""
    lines: Lines = []
    num_old = num_new = 0
    for line in patch.split("\n"):
        header = _HEADER.match(line) if num_old <= 0 and num_new <= 0 else None
        if header:
            num_old, num_new = (1 if n is None else int(n) for n in header.groups())
            lines.append((" ", ""))
        elif line[:1] in ("+", "-", " ") and (num_old > 0 or num_new > 0):
            lines.append((line[0], line[1:]))
            num_old -= line[0] != "+"
            num_new -= line[0] != "-"
    return lines


def patch_of(lines: Lines) -> str:
    """One hunk with all lines."""
    num_old = sum(mark != "+" for mark, _ in lines)
    num_new = sum(mark != "-" for mark, _ in lines)
    body = "".join(f"{mark}{text}\n" for mark, text in lines)
    return f"@@ -1,{num_old} +1,{num_new} @@\n{body}" if lines else ""


def _with_other_names(
    files: list[FileChange], rename: Callable[[str], str], keeps_attributes: bool
) -> list[tuple[FileChange, Lines]]:
    made = []
    for file in files:
        lines = lines_of(file.patch)
        made.append((file, [(mark, _renamed(t, rename, keeps_attributes)) for mark, t in lines]))
    return made


def _renamer(rng: random.Random) -> Callable[[str], str]:
    names: dict[str, str] = {}

    def rename(name: str) -> str:
        if name not in names:
            names[name] = "".join(rng.choice("aeioukmnrst") for _ in range(5)) + str(len(names))
        return names[name]

    return rename


def _renamed(text: str, rename: Callable[[str], str], keeps_attributes: bool) -> str:
    """Other names outside of strings and comments."""

    def fresh(match: re.Match[str]) -> str:
        name, before = match[0], match.string[: match.start()].rstrip()
        is_attribute = keeps_attributes and before.endswith(".")
        is_number = match.string[match.start() - 1 : match.start()].isdigit()
        return name if name in _KEPT or is_attribute or is_number else rename(name)

    parts = _SPLIT.split(text)
    return "".join(part if i % 2 else _WORD.sub(fresh, part) for i, part in enumerate(parts))


def _reformatted(file: FileChange, lines: Lines) -> Lines:
    """Python as another formatter would lay it out; prose wrapped elsewhere."""
    made: Lines = []
    for mark, text in lines:
        if file.path.endswith(".py"):
            made += [(mark, part) for part in _laid_out(text)]
        else:
            words = text.split(" ")
            half = len(words) // 2
            made += [(mark, " ".join(words[:half])), (mark, " ".join(words[half:]))]
    return made


def _laid_out(line: str) -> list[str]:
    """One line in others: indent of three, other quotes, an argument a line."""
    code = line.strip()
    indent = " " * ((len(line) - len(line.lstrip())) // 4 * 3)
    try:
        tokens = list(tokenize.generate_tokens(io.StringIO(code + "\n").readline))
    except (tokenize.TokenError, IndentationError, SyntaxError):
        return [indent + _other_quotes(code)]
    parts, at, depth = [indent], 0, 0
    for token in tokens:
        if token.start[0] != 1 or token.type == tokenize.NEWLINE:
            break
        parts[-1] += code[at : token.start[1]]
        text = _other_quotes(token.string) if token.type == tokenize.STRING else token.string
        depth += (text in "([{" and bool(text)) - (text in ")]}" and bool(text))
        if token.type == tokenize.OP and text in ")]}" and depth == 0 and len(parts) > 1:
            parts[-1] += ","
            parts.append(indent)
        parts[-1] += text
        if token.type == tokenize.OP and text == "," and depth == 1:
            parts.append(indent + "      ")
        at = token.end[1]
    return [part.rstrip() for part in parts if part.strip()] or [""]


def _other_quotes(text: str) -> str:
    if "'" in text and '"' not in text:
        return text.replace("'", '"')
    return text.replace('"', "'") if '"' in text and "'" not in text else text


def _backported(lines: Lines, rng: random.Random) -> Lines:
    """An eighth of the added lines left out, an eighth changed, as many foreign ones added."""
    made: Lines = []
    for mark, text in lines:
        draw = rng.random()
        if mark == " ":
            made.append((" ", f"other = context_{rng.randrange(99)}"))
        elif mark == "-" or draw > 0.375 or not text.strip():
            made.append((mark, text))
        elif draw > 0.25:
            made += [(mark, text), ("+", f"compat_{rng.randrange(999)}.check({rng.random():.3f})")]
        elif draw > 0.125:
            words = _WORD.findall(text)
            old = rng.choice(words) if words else ""
            made.append((mark, re.sub(rf"\b{old}\b", f"{old}_compat", text) if old else text))
    return made
