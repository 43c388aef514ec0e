"""Presidio's own recognizer tests: what Presidio's engine and ours find in the same texts.

    git clone https://github.com/data-privacy-stack/presidio
    python tests/benchmarks/presidio_cases.py presidio [--show ENTITY|ALL]

In: a checkout of Presidio, of whose tests the parametrized cases (text, number of findings, spans)
are read without running them. Out: a table, by entity: cases, recall and precision of Presidio's
AnalyzerEngine with the recognizer under test (no NER, threshold 0 as it ships), of our recognizers
in prose with nothing kept (threshold 0), and of ours at the default threshold, which asks for a
telling word where a shape alone says little. With --show, the cases in which ours is worse.

A span is found when a finding covers it; a finding that touches no expected span is false. Nothing
was split off: the cases describe what Presidio does, and being no worse than it is the aim.
"""

import argparse
import ast
import logging
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import presidio_analyzer.predefined_recognizers as predefined
from presidio_analyzer import AnalyzerEngine, EntityRecognizer, RecognizerRegistry
from presidio_analyzer.nlp_engine import NoOpNlpEngine
from presidio_analyzer.predefined_recognizers import PhoneRecognizer
from shares import share

from pipelines.text_table import render_table
from transforms.anonymize.config import AnonymizeConfig
from transforms.anonymize.recognizers import ShapeRecognizer
from transforms.anonymize.shapes import prose_shapes, value_shapes

Span = tuple[int, int]
Finder = Callable[[str, str], list[Span]]

OUR_ENTITY = {
    "CREDIT_CARD": "CREDIT_CARD", "CRYPTO": "SECRET", "EMAIL_ADDRESS": "EMAIL_ADDRESS",
    "IBAN_CODE": "IBAN_CODE", "IP_ADDRESS": "IP_ADDRESS PRIVATE_IP", "MAC_ADDRESS": "MAC_ADDRESS",
    "PHONE_NUMBER": "PHONE_NUMBER", "PH_MOBILE_NUMBER": "PHONE_NUMBER",
    "TR_PHONE_NUMBER": "PHONE_NUMBER",
}  # fmt: skip
LEFT_OUT = {
    "DATE_TIME": "a date alone names no one, and code is full of them",
    "URL": "only internal URLs and URLs with a login identify someone; public ones are kept",
    "UUID": "an identifier of a machine; profiles that replace it do so as a secret",
    "ORGANIZATION": "names of organisations come from the deny-list",
}


@dataclass(frozen=True, kw_only=True)
class Case:
    """One text; `spans` is empty where the test states the number only."""

    entity: str
    text: str
    count: int
    spans: tuple[Span, ...]


def main() -> None:
    """Parse the command line and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("presidio", type=Path, help="a checkout of Presidio")
    parser.add_argument("--show", default="", help="entity whose cases to print, or ALL")
    args = parser.parse_args()
    logging.disable(logging.WARNING)
    cases = read_cases(args.presidio / "presidio-analyzer" / "tests")
    finders = {
        "Presidio": presidio_finder(),
        "ours": our_finder(
            AnonymizeConfig(min_score=0.0, keep_reserved=False, keep_private_ips=False)
        ),
        "ours, default": our_finder(AnonymizeConfig(keep_reserved=False, keep_private_ips=False)),
    }
    print(f"{sum(map(len, cases.values()))} cases of {len(cases)} entities")
    rows = [_row(entity, cases[entity], finders) for entity in sorted(cases)]
    print(render_table(rows, _columns(finders)))
    for entity, reason in LEFT_OUT.items():
        print(f"left out: {entity}: {reason}")
    _print_cases(cases, finders, args.show)


def read_cases(folder: Path) -> dict[str, list[Case]]:
    """The cases by entity of Presidio."""
    cases: dict[str, list[Case]] = defaultdict(list)
    for path in sorted(folder.glob("test_*recognizer.py")):
        tree = ast.parse(path.read_text())
        for case in _cases_of(tree):
            cases[case.entity].append(case)
    # Tests of recognizers that this Presidio lacks, or that ask a model or a service, are left out.
    known = _recognizers()
    return {entity: found for entity, found in cases.items() if entity in known}


def presidio_finder() -> Finder:
    """Presidio's engine asked for one entity; recognizers that are off by default are on."""
    recognizers = _recognizers()
    engines: dict[str, AnalyzerEngine] = {}

    def find(entity: str, text: str) -> list[Span]:
        if entity not in engines:
            engines[entity] = _engine(recognizers[entity])
        results = engines[entity].analyze(text, language="en", entities=[entity])
        return [(result.start, result.end) for result in results]

    return find


def our_finder(config: AnonymizeConfig) -> Finder:
    """Our recognizers of shape, asked for one entity."""
    shapes = [*value_shapes(config), *prose_shapes(config)]
    by_entity: dict[str, ShapeRecognizer] = {}

    def find(entity: str, text: str) -> list[Span]:
        ours = [shape for shape in shapes if _is_of(shape, entity)]
        if not ours:
            return []
        if entity not in by_entity:
            by_entity[entity] = ShapeRecognizer(entity, ours)
        results = by_entity[entity].analyze(text, [], None)
        return [(r.start, r.end) for r in results if r.score >= config.min_score]

    return find


def _is_of(shape: Any, entity: str) -> bool:
    return shape.rule == entity.lower() or shape.entity in OUR_ENTITY.get(entity, "").split()


def _engine(recognizers: Iterable[EntityRecognizer]) -> AnalyzerEngine:
    return AnalyzerEngine(
        registry=RecognizerRegistry(list(recognizers), supported_languages=["en"]),
        nlp_engine=NoOpNlpEngine([{"lang_code": "en", "model_name": "none"}]),
        supported_languages=["en"],
    )


def _recognizers() -> dict[str, list[EntityRecognizer]]:
    """Presidio's recognizers of patterns and telephone numbers, by entity."""
    found: dict[str, list[EntityRecognizer]] = defaultdict(list)
    for name in sorted(vars(predefined)):
        kind = getattr(predefined, name)
        is_kind = isinstance(kind, type) and issubclass(kind, EntityRecognizer)
        if not is_kind or not (hasattr(kind, "PATTERNS") or kind is PhoneRecognizer):
            continue
        recognizer = kind(supported_language="en")
        for entity in recognizer.supported_entities:
            found[entity].append(recognizer)
    return found


def _cases_of(tree: ast.Module) -> Iterator[Case]:
    """Cases of one test file; files that test several entities name them in the case."""
    entity = _entity(tree)
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call) or not ast.unparse(node.func).endswith("parametrize"):
            continue
        if len(node.args) < 2 or not isinstance(node.args[0], ast.Constant):
            continue
        names = [name.strip() for name in str(node.args[0].value).split(",")]
        rows = node.args[1].elts if isinstance(node.args[1], ast.List | ast.Tuple) else []
        for row in rows:
            if case := _case(names, row, entity):
                yield case


def _entity(tree: ast.Module) -> str:
    """What the fixture `entities` returns, or PHONE_NUMBER, whose tests have none."""
    for node in tree.body:
        if isinstance(node, ast.FunctionDef) and node.name == "entities":
            returned = next(part for part in ast.walk(node) if isinstance(part, ast.Return))
            return str(ast.literal_eval(returned.value or ast.List([]))[0])
    return "PHONE_NUMBER"


def _case(names: list[str], row: ast.expr, entity: str) -> Case | None:
    """None where a row is no case: other parameters, values computed by the test."""
    try:
        values = dict(zip(names, ast.literal_eval(row), strict=True))
    except (ValueError, TypeError):
        return None
    text = values.get("text", values.get("iban"))
    count, spans = values.get("expected_len"), _spans(values)
    if not isinstance(text, str) or not isinstance(count, int):
        return None
    # A leniency other than the default is a setting of the recognizer under test.
    if values.get("leniency", 1) != 1 or not text:
        return None
    return Case(entity=entity, text=text, count=count, spans=spans if len(spans) == count else ())


def _spans(values: dict[str, Any]) -> tuple[Span, ...]:
    found = values.get("expected_positions", values.get("expected_res"))
    found = [values["expected_position"]] if values.get("expected_position") else found
    if not isinstance(found, tuple | list) or not all(_is_pair(part) for part in found):
        return ()
    return tuple((start, end) for start, end in found)


def _is_pair(value: Any) -> bool:
    return isinstance(value, tuple) and len(value) == 2 and all(isinstance(n, int) for n in value)


@dataclass
class Score:
    """Counts over the cases of an entity."""

    hits: int = 0
    expected: int = 0
    false: int = 0

    def cells(self) -> list[str]:
        """Recall and precision, each with its Wilson 95% interval."""
        return [
            share(self.hits, self.expected),
            share(self.hits, self.hits + self.false),
        ]


def score_case(case: Case, found: list[Span]) -> Score:
    """Spans covered, spans expected, findings that touch none."""
    if not case.spans:
        hits = min(case.count, len(found))
        return Score(hits, case.count, len(found) - hits)
    hits = sum(any(s <= start and end <= e for s, e in found) for start, end in case.spans)
    false = sum(all(e <= start or end <= s for start, end in case.spans) for s, e in found)
    return Score(hits, case.count, false)


def _total(cases: Iterable[Case], find: Finder) -> Score:
    total = Score()
    for case in cases:
        score = score_case(case, _merged(find(case.entity, case.text)))
        total.hits += score.hits
        total.expected += score.expected
        total.false += score.false
    return total


def _merged(spans: Iterable[Span]) -> list[Span]:
    """Overlapping findings count once."""
    merged: list[Span] = []
    for start, end in sorted(spans):
        if merged and start < merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def _row(entity: str, cases: list[Case], finders: dict[str, Finder]) -> list[Any]:
    totals = [_total(cases, find) for find in finders.values()]
    verdict = "left out" if entity in LEFT_OUT else _verdict(*totals[:2])
    cells = [cell for total in totals for cell in total.cells()]
    return [entity, len(cases), totals[0].expected, *cells, verdict]


def _verdict(theirs: Score, ours: Score) -> str:
    is_worse = ours.hits < theirs.hits or ours.false > theirs.false
    return "WORSE" if is_worse else "better" if theirs != ours else "equal"


def _columns(finders: dict[str, Finder]) -> list[str]:
    measures = [f"{name}: {what}" for name in finders for what in ("recall", "precision")]
    return ["entity", "cases", "values", *measures, "verdict"]


def _print_cases(cases: dict[str, list[Case]], finders: dict[str, Finder], show: str) -> None:
    """Cases where ours is worse, if asked for; Presidio's tests hold invented values only."""
    for entity in sorted(cases):
        if entity in LEFT_OUT or show not in (entity, "ALL"):
            continue
        for case in cases[entity]:
            spans = [_merged(find(entity, case.text)) for find in finders.values()]
            theirs, ours = score_case(case, spans[0]), score_case(case, spans[1])
            if ours.hits < theirs.hits or ours.false > theirs.false:
                print(entity, repr(case.text), "expected", case.count, case.spans, "ours", spans[1])


if __name__ == "__main__":
    main()
