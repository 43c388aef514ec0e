"""Speed and cleanliness of the anonymizer on clean code, beside other engines.

    python tests/benchmarks/anonymize.py [FOLDER] [--engines katydid,gitleaks] [--list]

In: a folder of Python sources, the standard library of this Python if none is given. Of all files,
sorted by path and shuffled with seed 42, the first 300 count that compile. Nothing is fitted to
them, so no part is set aside. Out: a table, and one for texts that are hard on an engine.

Each engine works in a process of its own, on one thread, and finds and replaces; scanners only
find. CPU is user and system time, of child processes too; that of scanners includes their start,
that of the others does not. Presidio with spaCy reads every fifth file, its figures are scaled.
"""

import argparse
import ast
import hashlib
import json
import random
import subprocess
import sys
import sysconfig
import tempfile
import warnings
from collections import Counter
from collections.abc import Callable, Iterable
from itertools import islice
from pathlib import Path
from typing import Any

from anonymize_engines import ENGINES, Measured, measure
from anonymize_linear import linear_rows

from pipelines.text_table import render_table

NUM_FILES = 300
SEED = 42
COLUMNS = (
    "engine", "files", "CPU s", "wall s", "MB/s", "findings", "per 100 KB", "peak MB", "parse",
    "compile",
)  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", nargs="?", default=sysconfig.get_path("stdlib"), type=Path)
    parser.add_argument("--engines", default=",".join(ENGINES))
    parser.add_argument("--list", action="store_true", help="print what katydid finds")
    parser.add_argument("--measure", choices=ENGINES, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.measure:
        print(json.dumps(measure(options.measure, options.folder)._asdict()))
        return
    files = pick_files(Path(options.folder))
    print(describe(Path(options.folder), files))
    with tempfile.TemporaryDirectory() as folder:
        copied = copy_files(files, Path(folder))
        rows = [row(name, Path(folder), copied) for name in options.engines.split(",")]
    print(render_table(rows, COLUMNS))
    print()
    print(render_table(linear_rows(), ("text", "MB", "findings", "CPU s", "MB/s", "times")))
    if options.list:
        print(render_table(findings(files), ("entity", "rule", "file", "line", "value")))


def pick_files(folder: Path) -> list[Path]:
    """The files of the benchmark."""
    found = sorted(
        path
        for path in folder.rglob("*.py")
        if path.is_file() and "site-packages" not in path.relative_to(folder).parts
    )
    random.Random(SEED).shuffle(found)
    return list(islice((path for path in found if compiles(path.read_bytes())), NUM_FILES))


def describe(folder: Path, files: Iterable[Path]) -> str:
    """How many bytes, and hashes of the list of names and of the contents."""
    names = "\n".join(path.relative_to(folder).as_posix() for path in files)
    content = b"".join(path.read_bytes() for path in files)
    list_sha = hashlib.sha256(names.encode()).hexdigest()[:16]
    sha = hashlib.sha256(content).hexdigest()[:16]
    version = sys.version.split()[0]
    return (
        f"{len(names.splitlines())} files, {len(content):,} bytes of Python {version}; "
        f"sha-256 of the list {list_sha}, of the contents {sha}"
    )


def copy_files(files: Iterable[Path], folder: Path) -> list[Path]:
    """The files under numbers: path rules of the scanners would leave out "test" and "lib"."""
    copied = []
    for number, path in enumerate(files):
        copied.append(folder / f"{number:03}.py")
        copied[-1].write_bytes(path.read_bytes())
    return copied


def row(name: str, folder: Path, files: list[Path]) -> tuple[Any, ...]:
    """One engine's figures, or how to install it."""
    engine = ENGINES[name]
    if not engine.is_installed():
        return (name, f"absent: pip install {engine.packages}", *[""] * (len(COLUMNS) - 2))
    command = [sys.executable, __file__, str(folder), "--measure", name]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    measured = Measured(**json.loads(done.stdout.splitlines()[-1]))
    read = files[:: engine.step]
    mega = sum(path.stat().st_size for path in read) / 1e6
    scale = sum(path.stat().st_size for path in files) / 1e6 / mega
    parsed, compiled = syntax_counts(measured.texts, len(read))
    return (
        name if engine.step == 1 else f"{name} (1 in {engine.step} files, scaled)",
        len(read),
        round(measured.cpu_s * scale, 2),
        round(measured.wall_s * scale, 2),
        round(mega / measured.cpu_s, 3),
        round(measured.num_findings * scale),
        round(measured.num_findings / mega / 10, 2),
        measured.peak_mb,
        parsed,
        compiled,
    )


def syntax_counts(texts: list[str], num_files: int) -> tuple[str, str]:
    """How many of the replaced texts parse, and compile."""
    if not texts:
        return "", ""
    counts = [sum(map(check, map(str.encode, texts))) for check in (parses, compiles)]
    return f"{counts[0]}/{num_files}", f"{counts[1]}/{num_files}"


def parses(source: bytes) -> bool:
    """Whether Python can read a source."""
    return passes(ast.parse, source)


def compiles(source: bytes) -> bool:
    """Whether Python can compile a source."""
    return passes(lambda text: compile(text, "file", "exec"), source)


def passes(check: Callable[[bytes], object], source: bytes) -> bool:
    """Whether a check takes a source; what Python warns of does not matter."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            check(source)
        except (SyntaxError, ValueError):
            return False
    return True


def findings(files: Iterable[Path]) -> list[tuple[str, str, str, int, str]]:
    """What katydid finds in the files, which are public."""
    from anonymize_engines import katydid_anonymizer, read_text

    anonymizer = katydid_anonymizer()
    rows = []
    for path in files:
        text = read_text(path)
        for span in anonymizer.find(text, language="python"):
            line = text.count("\n", 0, span.start) + 1
            value = text[span.start : span.end]
            rows.append((span.entity, span.rule, path.name, line, value))
    counts = Counter((entity, rule) for entity, rule, *_ in rows)
    kinds = [(*kind, num) for kind, num in counts.most_common()]
    print(render_table(kinds, ("entity", "rule", "findings")))
    return sorted(rows)


if __name__ == "__main__":
    main()
