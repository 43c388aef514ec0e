"""An invented corpus with duplicates of every kind, and similarity by plain Python sets.

corpus = make_corpus()    ->  {"source_files": [...], "pull_requests": [...], "dialogues": [...]}
jaccard(document("source_files", one), document("source_files", other))  ->  0.8421
"""

import random
import re
from dataclasses import replace
from datetime import timedelta
from typing import Any

from rows import DIALOGUE, FILE_CHANGE, NOON, PULL_REQUEST, SOURCE_FILE

from schemas.ids import stable_id
from schemas.tables import ID_COLUMNS, Dialogue, Message, PullRequest, SourceFile

LARGE_FAMILY = 13


def make_corpus() -> dict[str, list[Any]]:
    """Rows by table; ids say which family a row is of (see `row_id`)."""
    rng = random.Random(3)
    return {
        "source_files": _source_files(rng),
        "pull_requests": _pull_requests(rng),
        "dialogues": _dialogues(rng),
    }


def row_id(name: str) -> str:
    """The id of an invented row, such as "licensed/0"."""
    return stable_id(name)


def document(table: str, row: Any) -> str:
    """What a row is compared by, written again from the documentation."""
    if table == "source_files":
        return str(row.text)
    if table == "dialogues":
        return "\n".join(f"{message.role}\n{message.content}" for message in row.messages)
    lines = [line for file in row.files for line in file.patch.split("\n")]
    added = [line for line in lines if line.startswith("+")]
    removed = [re.sub(r"(\w+)", r"_\1", line) for line in lines if line.startswith("-")]
    return "\n".join(added + removed)


def shingles(text: str, size: int = 5) -> set[tuple[str, ...]]:
    """Runs of lower-case words."""
    words = re.findall(r"\w+", text.lower())
    return {tuple(words[i : i + size]) for i in range(len(words) - size + 1)}


def jaccard(one: str, other: str) -> float:
    """Exact similarity of two texts of five words or more."""
    return len(shingles(one) & shingles(other)) / len(shingles(one) | shingles(other))


def rows_by_id(corpus: dict[str, list[Any]]) -> dict[str, tuple[str, Any]]:
    """Id -> (table, row)."""
    return {getattr(r, ID_COLUMNS[t]): (t, r) for t, rows in corpus.items() for r in rows}


def _words(rng: random.Random, count: int = 120) -> list[str]:
    return [f"{rng.choice('abcdefgh')}{rng.randrange(10_000)}" for _ in range(count)]


def _source_files(rng: random.Random) -> list[SourceFile]:
    rows = []

    def add(name: str, words: list[str], license_id: str = "MIT") -> None:
        rows.append(
            replace(
                SOURCE_FILE,
                file_id=row_id(name),
                path=f"src/{name}.py",
                license=license_id,
                text=" ".join(words),
            )
        )

    licensed, copied, large = _words(rng), _words(rng), _words(rng)
    add("licensed/0", licensed[:-2])
    add("licensed/1", licensed, "GPL-3.0-only")
    add("copied/0", copied)
    add("copied/1", copied)
    add("copied/2", copied[:-3])
    for number in range(LARGE_FAMILY):
        add(f"large/{number}", large[: len(large) - number])
    for number in range(5):
        add(f"alone/{number}", _words(rng))
    add("short", ["pass"])
    rng.shuffle(rows)
    return rows


def _pull_requests(rng: random.Random) -> list[PullRequest]:
    """Two of the same change, a backport of it with one line less, and another one."""
    lines = [" ".join(_words(rng, 6)) for _ in range(20)]
    other = [" ".join(_words(rng, 6)) for _ in range(20)]
    return [
        replace(
            PULL_REQUEST,
            pr_id=row_id(f"change/{number}"),
            number=number,
            title=f"Fix {number}",
            merged_at=NOON + timedelta(days=day),
            files=(replace(FILE_CHANGE, patch="@@ -0,0 +1,20 @@\n+" + "\n+".join(added)),),
        )
        for number, (day, added) in enumerate(
            [(1, lines), (800, lines), (9, lines[:-1]), (2, other)]
        )
    ]


def _dialogues(rng: random.Random) -> list[Dialogue]:
    said = _words(rng)
    return [
        replace(
            DIALOGUE,
            dialogue_id=row_id(f"dialogue/{number}"),
            pr_id=row_id(f"change/{number}"),
            messages=(
                Message(role="user", content="Please"),
                Message(role="assistant", content=" ".join(words)),
            ),
        )
        for number, words in enumerate([said, said[:-4], _words(rng)])
    ]
