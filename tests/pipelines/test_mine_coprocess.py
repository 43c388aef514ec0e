"""A command that answers: each question gets its own answer, whatever became of those before."""

import sys
from collections.abc import Iterator
from io import BufferedReader
from itertools import zip_longest
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mined import new_shop

from pipelines.mine.coprocess import Coprocess
from pipelines.mine.git import open_repository

ECHO = """
import sys
for line in sys.stdin:
    if line == "die\\n":
        sys.exit()
    print(line, end="", flush=True)
"""


@pytest.fixture(scope="module")
def echo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Coprocess]:
    process = Coprocess([sys.executable, "-c", ECHO], tmp_path_factory.mktemp("echo"), {})
    yield process
    process.close()


def read_line(stdout: BufferedReader) -> tuple[bool, str | None]:
    line = stdout.readline().decode().strip()
    return bool(line), line or None


def lines(texts: list[str]) -> list[bytes]:
    return [f"{text}\n".encode() for text in texts]


@settings(max_examples=20, deadline=None)
@given(st.lists(st.sampled_from(["one", "two", "x" * 5000, "die"]), max_size=30))
def test_a_process_that_dies_costs_one_answer(echo: Coprocess, texts: list[str]) -> None:
    answers = list(echo.ask(lines(texts), read_line))
    assert answers == [None if text == "die" else text for text in texts]


def test_answers_that_nobody_read_are_given_to_nobody(echo: Coprocess) -> None:
    abandoned = echo.ask(lines(["one", "two", "three"]), read_line)
    assert next(abandoned) == "one"
    assert list(echo.ask(lines(["four", "five"]), read_line)) == ["four", "five"]
    assert list(abandoned) == ["two", "three"]


def test_questions_may_be_asked_in_turns(echo: Coprocess) -> None:
    ones, twos = (echo.ask(lines([name] * 5), read_line) for name in ("one", "two"))
    assert list(zip_longest(ones, twos)) == [("one", "two")] * 5


def test_a_worn_process_is_replaced(tmp_path: Path) -> None:
    code = "import os, sys\nfor line in sys.stdin: print(os.getpid(), flush=True)"
    process = Coprocess([sys.executable, "-c", code], tmp_path, {}, max_questions=3)
    ids = [next(process.ask(lines(["?"]), read_line)) for _ in range(6)]
    process.close()
    assert [ids.count(name) for name in dict.fromkeys(ids)] == [3, 3]


def test_objects_of_an_abandoned_reading_are_not_taken_for_others(tmp_path: Path) -> None:
    git = new_shop(tmp_path)
    git.commit("Two", two__py="y = 2\n")
    with open_repository(str(git.folder)) as repository:
        blobs = {e.sha: e for e in repository.tree_entries(repository.head(repository.refs()))}
        names = sorted(blobs)
        expected = dict(repository.read_blobs(names))
        abandoned = repository.read_blobs(names)
        next(abandoned)
        assert dict(repository.read_blobs(names[::-1])) == expected
