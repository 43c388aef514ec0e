"""A corpus of real files for deduplication. In: folders, languages. Out: Parquet shards.

    python tests/benchmarks/dedup_corpus.py /data/mixed --languages Python C JavaScript -- \\
        /usr/lib/python3 /usr/include /data/node_modules
    /data/mixed/00000.parquet ... 00007.parquet     id, text, path, language, license

Text files of 300 bytes to 64 KB below the folders, in the order of the SHA-1 of their paths, until
there are enough. So the same folders give the same corpus, and a larger one begins with a smaller.
Links are not followed, and a folder below one named before is not read twice.
"""

import argparse
import hashlib
import os
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from pipelines.text_table import render_table

NUM_SHARDS = 8
MIN_BYTES, MAX_BYTES = 300, 64 << 10
_ENDINGS = {
    "C": "c h",
    "C++": "cc cpp cxx hh hpp inl tcc",
    "CMake": "cmake",
    "CSS": "css less scss",
    "Go": "go",
    "HTML": "htm html",
    "Java": "java",
    "JSON": "json",
    "JavaScript": "cjs js jsx mjs",
    "Markdown": "md",
    "PHP": "php",
    "Perl": "pl pm pod",
    "Python": "py pyi",
    "Ruby": "gemspec rb rbs",
    "Rust": "rs",
    "Shell": "bash sh",
    "SVG": "svg",
    "Text": "txt",
    "TypeScript": "cts mts ts tsx",
    "Vim": "vim",
    "XML": "xml xsd xsl",
    "YAML": "yaml yml",
    "reStructuredText": "rst",
}
LANGUAGES = {ending: name for name, endings in _ENDINGS.items() for ending in endings.split()}
SCHEMA = pa.schema([(name, pa.string()) for name in ("id", "text", "path", "language", "license")])


def find_files(roots: Sequence[str], languages: Sequence[str]) -> list[tuple[str, str]]:
    """(SHA-1 of the path, path) of every file of the languages and of a fitting size, sorted."""
    found = set()
    for root in roots:
        for folder, _, names in os.walk(root):
            for name in names:
                path = f"{folder}/{name}"
                if language_of(path) in languages and _is_fitting(path):
                    found.add((hashlib.sha1(os.fsencode(path)).hexdigest(), path))
    return sorted(found)


def language_of(path: str) -> str:
    """By the ending; "" where it says nothing."""
    return LANGUAGES.get(Path(path).suffix[1:].lower(), "")


def _is_fitting(path: str) -> bool:
    return not Path(path).is_symlink() and MIN_BYTES <= Path(path).stat().st_size <= MAX_BYTES


def read_files(found: Sequence[tuple[str, str]]) -> Iterator[dict[str, str]]:
    """A row for each file that is UTF-8 text."""
    for digest, path in found:
        try:
            text = Path(path).read_bytes().decode()
        except (UnicodeDecodeError, PermissionError):
            continue  # Not text, or not ours to read; the next file takes its place.
        if "\0" not in text:
            row = {"id": digest, "text": text, "path": path, "language": language_of(path)}
            yield row | {"license": "unknown"}


def write_shards(folder: Path, rows: Sequence[dict[str, str]]) -> None:
    """Rows in turn to each of `NUM_SHARDS` files."""
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(NUM_SHARDS):
        table = pa.Table.from_pylist(rows[number::NUM_SHARDS], SCHEMA)
        pq.write_table(table, folder / f"{number:05d}.parquet", row_group_size=512)


def read_corpus(folder: Path) -> pa.Table:
    """All rows, by id."""
    return pq.read_table(folder).combine_chunks().sort_by("id")


def print_corpus(corpus: pa.Table) -> None:
    """Files and megabytes by language."""
    files: Counter[str] = Counter()
    sizes: Counter[str] = Counter()
    for language, text in zip(*(corpus[name].to_pylist() for name in ("language", "text")),
                              strict=True):  # fmt: skip
        files[language] += 1
        sizes[language] += len(text.encode())
    rows = [[name, number, round(sizes[name] / 1e6, 1)] for name, number in files.most_common()]
    rows.append(["all", files.total(), round(sizes.total() / 1e6, 1)])
    print(render_table(rows, ["language", "files", "MB"]))


def main() -> None:
    """Build what the command line asks for."""
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("roots", nargs="+", help="folders to look for files in")
    parser.add_argument("--languages", nargs="+", choices=sorted(_ENDINGS), default=[*_ENDINGS])
    parser.add_argument("--files", type=int, default=20_000)
    given = parser.parse_args()
    found = find_files(given.roots, given.languages)
    rows = list(islice(read_files(found), given.files))
    write_shards(given.folder, rows)
    print_corpus(read_corpus(given.folder))
    print(f"out of {len(found):,} files of these languages and sizes")


if __name__ == "__main__":
    main()
