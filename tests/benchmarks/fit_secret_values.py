"""Fit the weights of transforms/anonymize/secret_values.json.

    pip install pybase62 scikit-learn
    python tests/benchmarks/fit_secret_values.py CREDDATA CLONES WORK

The folders are those of creddata.py. In: the candidates of find_assigned in the development part of
CredData, those in the standard library of the running Python, which has no secrets, and the words
of that library. Out: the file, and recall and precision of five fits, each judged on repositories
that it left out. The 300 files of the library on which the anonymizer's speed and false findings
are measured are left out of both. What is written is a sum over words (trigrams) and a weight for
each feature: no value.
"""

import json
import math
import random
import re
import sys
import sysconfig
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path

import numpy as np
from creddata_subset import Label, build_subset, labels_of, part_of
from sklearn.linear_model import LogisticRegression

from pipelines.text_table import render_table
from transforms.anonymize import secret_values
from transforms.anonymize.assigned_candidates import Candidate
from transforms.anonymize.assignments import readable_candidates
from transforms.languages import language_of

OUTPUT = Path(secret_values.__file__).with_suffix(".json")
NUM_CORPUS_FILES = 300
NUM_CLEAN_FILES = 700
NUM_FOLDS = 5
MIN_WORD_COUNT = 3


@dataclass(frozen=True, kw_only=True)
class Example:
    """A candidate and whether it is a secret."""

    group: str
    """Repository; empty for the standard library."""
    line: tuple[str, int]
    candidate: Candidate
    value: str
    is_secret: bool


def library_files() -> list[Path]:
    """Files of the standard library, in random order, without the first 300 of them.

    `anonymize.py` measures on the first 300 that compile: on Python 3.11 four of those are here.
    """
    root = Path(sysconfig.get_path("stdlib"))
    files = sorted(path for path in root.rglob("*.py") if "site-packages" not in path.parts)
    random.Random(42).shuffle(files)
    return files[NUM_CORPUS_FILES:]


def trigram_digits(texts: Iterable[str]) -> str:
    """Surprise of each letter after two others, 27^3 digits; words count by log2(1 + times)."""
    runs = re.compile(r"[A-Z]?[a-z]{2,}|[A-Z]{3,}")
    words = Counter(word.lower() for text in texts for word in set(runs.findall(text)))
    counts = np.full((27, 27, 27), 0.02)
    for word, times in sorted(words.items()):
        padded = [0, 0, *(ord(letter) - 96 for letter in word), 0]
        for at in range(len(padded) - 2 if times >= MIN_WORD_COUNT else 0):
            counts[tuple(padded[at : at + 3])] += math.log2(1 + times)
    # Interpolated with the pairs, and these with the single letters (Jelinek and Mercer, 1980).
    single = counts.sum((0, 1)) / counts.sum()
    pairs = counts.sum(0)
    pairs = (pairs + 20 * single) / (pairs.sum(1, keepdims=True) + 20)
    chance = (counts + 8 * pairs[None]) / (counts.sum(2, keepdims=True) + 8)
    steps = np.minimum(35, np.round(-np.log2(chance) / secret_values.BITS_PER_STEP)).astype(int)
    return "".join("0123456789abcdefghijklmnopqrstuvwxyz"[step] for step in steps.ravel())


def examples_of(group: str, path: Path, labels: list[Label]) -> Iterator[Example]:
    """The candidates of one file."""
    text = path.read_text("utf-8", "replace")
    starts = [0, *accumulate(len(line) + 1 for line in text.split("\n"))]
    secrets = [
        (starts[label.first - 1] + max(0, label.start), starts[label.last - 1] + label.end)
        for label in labels
        if label.truth == "T" and label.end > 0 and "JWK" not in label.category
    ]
    for one in readable_candidates(text, language_of(path.name, text)):
        half = (one.end - one.start) / 2
        yield Example(
            group=group,
            line=(str(path), bisect_right(starts, one.start)),
            candidate=one,
            value=text[one.start : one.end],
            is_secret=any(min(one.end, end) - max(one.start, at) > half for at, end in secrets),
        )


def matrix_of(examples: Iterable[Example], trigrams: str) -> tuple[np.ndarray, list[str]]:
    """A row of features for each example, and their names."""
    rows = [secret_values.features(one.candidate, one.value, trigrams) for one in examples]
    names = sorted({name for row in rows for name in row})
    matrix = np.zeros((len(rows), len(names)))
    for number, row in enumerate(rows):
        for name, amount in row.items():
            matrix[number, names.index(name)] = amount
    return matrix, names


def fit(matrix: np.ndarray, secret: np.ndarray, scale: np.ndarray) -> LogisticRegression:
    """Weights of scaled features."""
    return LogisticRegression(C=1.0, max_iter=3000).fit(matrix / scale, secret)


def judge(examples: list[Example], chances: np.ndarray) -> None:
    """Print recall and precision by line, and what the standard library gives."""
    rows = []
    for threshold in (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7):
        hits = [one for one, chance in zip(examples, chances, strict=True) if chance >= threshold]
        reported = {one.line for one in hits if one.group}
        true = {one.line for one in examples if one.is_secret}
        clean = sum(not one.group for one in hits)
        found = len(reported & true)
        rows.append(
            [f"{threshold}", f"{found / len(true):.3f}", f"{found / len(reported):.3f}", clean]
        )
    print(render_table(rows, ["threshold", "recall", "precision", "in clean code"]))


def main() -> None:
    """Read, fit, judge, write."""
    creddata, clones, work = (Path(argument).resolve() for argument in sys.argv[1:4])
    folders = build_subset(creddata, clones, work)
    repos = [repo for repo in sorted(folders) if part_of(repo) == "development"]
    library = library_files()
    trigrams = trigram_digits(path.read_text("utf-8", "replace") for path in library)
    examples = [
        one
        for repo in repos
        for path, labels in labels_of(work, folders[repo]).items()
        for one in examples_of(repo, path, labels)
    ]
    examples += [one for path in library[:NUM_CLEAN_FILES] for one in examples_of("", path, [])]
    matrix, names = matrix_of(examples, trigrams)
    secret = np.array([one.is_secret for one in examples])
    deviation = matrix.std(0)
    scale = np.where(deviation > 0, deviation, 1.0)
    groups = np.array([one.group for one in examples])
    chances = np.zeros(len(examples))
    for fold in range(NUM_FOLDS):
        left_out = np.isin(groups, sorted(set(groups))[fold::NUM_FOLDS])
        model = fit(matrix[~left_out], secret[~left_out], scale)
        chances[left_out] = model.predict_proba(matrix[left_out] / scale)[:, 1]
    print(
        f"{len(examples):,} candidates, {secret.sum():,} of them secrets, {len(repos)} repositories"
    )
    judge(examples, chances)
    model = fit(matrix, secret, scale)
    weights = (model.coef_[0] / scale).round(3)
    contents = {
        "intercept": round(float(model.intercept_[0]), 3),
        "trigrams": trigrams,
        "weights": dict(zip(names, map(float, weights), strict=True)),
    }
    OUTPUT.write_text(json.dumps(contents, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
