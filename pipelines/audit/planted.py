"""Planted values, anonymized with the run's own settings and key. In: config, key. Out: survivors.

    planted_counts(config, key, 3000)
        ->  {"planted": 3000, "survived": 0, "bound": 0.001, "by_entity": [...], ...}

Where n of n are gone, the rate of survivors is below 3/n with 95 % confidence (rule of three:
Hanley and Lippman-Hand 1983, 10.1001/jama.1983.03330370053031); otherwise the bound is Wilson's.
Planted code names are added to the deny-list, planted committers to the history. What the settings
do not look for (ticket keys without a pattern) and what stands in files that a run would reject is
not counted as planted, and named.
"""

import math
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from pipelines.audit.needles import Needles
from schemas.discussion import Identity
from schemas.errors import RowError
from transforms.anonymize.config import AnonymizeConfig

if TYPE_CHECKING:
    from transforms.anonymize.canaries import Canary
    from transforms.anonymize.text import TextAnonymizer

SEED = 0
_Z = 1.959964


def planted_counts(config: AnonymizeConfig, key: bytes, num: int) -> dict[str, Any]:
    """Planted and survived values by class, with the bound on the rate of survivors."""
    from transforms.anonymize.canaries import code_names_of, identities_of, make_canaries
    from transforms.anonymize.engine import Detectors
    from transforms.anonymize.text import TextAnonymizer

    every = make_canaries(SEED, num)
    canaries = [canary for canary in every if not why_not(canary, config)]
    config = replace(config, deny_list=(*config.deny_list, *code_names_of(canaries)))
    people = [Identity(name=name, email=email) for name, email in identities_of(canaries)]
    anonymizer = TextAnonymizer(config, key, people, Detectors(config))
    delivered, rejected = _delivered(canaries, anonymizer)
    reasons = [(canary, why_not(canary, config)) for canary in every]
    reasons += [(canary, "its file was rejected") for canary in canaries if canary.path in rejected]
    left_out = Counter(f"{canary.entity}: {reason}" for canary, reason in reasons if reason)
    canaries = [canary for canary in canaries if canary.path not in rejected]
    survivors = survivors_of(canaries, delivered)
    return {
        "planted": len(canaries),
        "survived": len(survivors),
        "bound": upper_bound(len(survivors), len(canaries)),
        "places": len({canary.language for canary in canaries}),
        "encodings": len({canary.encoding for canary in canaries}),
        "not_planted": dict(sorted(left_out.items())),
        "by_entity": _by_entity(canaries, survivors),
        "survivors": sorted(canary.id for canary in survivors),
    }


def why_not(canary: "Canary", config: AnonymizeConfig) -> str:
    """Why a value may stay under the settings; "" where it may not."""
    pattern = {
        "EMPLOYEE_ID": config.employee_id_pattern,
        "TICKET_KEY": config.ticket_key_pattern,
    }.get(canary.entity)
    if pattern is not None and not (pattern and re.search(pattern, canary.planted)):
        return "no pattern for it"
    if canary.entity in config.keep_entities:
        return "kept by keep_entities"
    if canary.encoding != "plain" and not config.decode:
        return "decode is off"
    if canary.entity == "PERSON" and not canary.is_seeded and not config.find_names:
        return "find_names is off"
    return ""


def survivors_of(canaries: "list[Canary]", delivered: Iterable[str]) -> "list[Canary]":
    """Those of whose value any spelling is left, in whatever text or path."""
    data = "\n".join(delivered).encode("utf-8", "replace")
    hits = Needles([canary.value for canary in canaries]).find(data)
    return [canaries[number] for number in sorted({hit.number for hit in hits})]


def upper_bound(survived: int, planted: int) -> float:
    """Upper end of the 95 % interval of the rate, rounded to six digits; 1.0 for no trial."""
    if not planted:
        return 1.0
    if not survived:
        return round(min(1.0, 3 / planted), 6)
    rate, spread = survived / planted, _Z**2 / planted
    root = math.sqrt(rate * (1 - rate) / planted + spread / (4 * planted))
    return round((rate + spread / 2 + _Z * root) / (1 + spread), 6)


def _delivered(
    canaries: "list[Canary]", anonymizer: "TextAnonymizer"
) -> tuple[list[str], set[str]]:
    """(files, messages and paths as a run delivers them, paths of files that it would reject)."""
    from transforms.anonymize.canaries import files_of
    from transforms.anonymize.syntax import anonymize_code
    from transforms.languages import language_of

    texts: list[str] = []
    rejected: set[str] = set()
    for path, text in files_of(canaries).items():
        try:
            texts += anonymize_code(anonymizer, [text], language_of(path, text))
        except RowError:
            rejected.add(path)
    for canary in canaries:
        if canary.language == "path":
            texts.append(anonymizer.path(canary.text))
        elif not canary.path:
            texts.append(anonymizer.text(canary.text, prose=True))
    return texts, rejected


def _by_entity(canaries: "Iterable[Canary]", survivors: "Iterable[Canary]") -> list[dict[str, Any]]:
    planted = Counter(canary.entity for canary in canaries)
    survived = Counter(canary.entity for canary in survivors)
    return [
        {
            "entity": entity,
            "planted": number,
            "survived": survived[entity],
            "bound": upper_bound(survived[entity], number),
        }
        for entity, number in sorted(planted.items())
    ]
