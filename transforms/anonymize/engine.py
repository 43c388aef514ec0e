"""Presidio's AnalyzerEngine with our recognizers only. In: text. Out: findings.

    analyzer = Analyzer(Detectors(config), seeds, secrets=())
    analyzer.find("mail jane@corp.test", prose=False)
        ->  [Found(start=5, end=19, entity="EMAIL_ADDRESS", score=0.9, rule="email_address")]

The defaults of Presidio are off: on 300 clean Python files they give 49,570 findings. Its NLP
engine is the one that does nothing, and its context enhancer, which scans all tokens of a file
for each finding, is replaced by one that returns the findings. Recognizers of the user see what
ours see: whole texts.
"""

import logging
from collections.abc import Iterable
from typing import Any

from presidio_analyzer import AnalyzerEngine, EntityRecognizer, RecognizerRegistry, RecognizerResult
from presidio_analyzer.context_aware_enhancers import ContextAwareEnhancer
from presidio_analyzer.nlp_engine import NoOpNlpEngine

from schemas.errors import ConfigError
from transforms.anonymize.config import AnonymizeConfig
from transforms.anonymize.operators import load_operators
from transforms.anonymize.recognizers import ShapeRecognizer
from transforms.anonymize.secrets import secret_shapes
from transforms.anonymize.seed_recognizer import SeedRecognizer, SurveyRecognizer
from transforms.anonymize.seeds import Seeds
from transforms.anonymize.shapes import prose_shapes, value_shapes
from transforms.anonymize.spans import Found
from transforms.anonymize.user_classes import load_object

_LANGUAGE = "en"


class _NoContext(ContextAwareEnhancer):
    """Leaves scores as they are."""

    def __init__(self) -> None:
        super().__init__(0.0, 0.0, 0, 0)

    def enhance_using_context(
        self, text: str, raw_results: list[RecognizerResult], *args: Any, **kwargs: Any
    ) -> list[RecognizerResult]:
        return raw_results


class Detectors:
    """What does not depend on a repository: build it once and share it among anonymizers.

    Raises ConfigError for a pattern, a recognizer or an operator that cannot be used.
    """

    def __init__(self, config: AnonymizeConfig) -> None:
        # Presidio logs recognizer names and warnings; nothing of a text may reach a log through it.
        logging.getLogger("presidio-analyzer").disabled = True
        shapes = [*value_shapes(config), *secret_shapes()]
        self.code = ShapeRecognizer("ShapeRecognizer", shapes)
        self.prose = ShapeRecognizer("ProseRecognizer", prose_shapes(config))
        extra = [_load(path) for path in config.extra_recognizers]
        # Presidio asks recognizers in no certain order: one engine each keeps results in ours.
        self.extra = [_engine([recognizer], config.min_score) for recognizer in extra]
        self.operators = load_operators(config.extra_operators)
        self.min_score = config.min_score


class Analyzer:
    """The engines of one repository."""

    def __init__(self, detectors: Detectors, seeds: Seeds, secrets: Iterable[str]) -> None:
        survey = [SurveyRecognizer(secrets)] if secrets else []
        code = [SeedRecognizer(seeds), detectors.code, *survey]
        self._code = [_engine(code, detectors.min_score), *detectors.extra]
        self._prose = [*self._code, _engine([detectors.prose], detectors.min_score)]

    def find(self, text: str, *, prose: bool) -> list[Found]:
        """Findings of all recognizers, which may overlap."""
        return [
            Found(result.start, result.end, result.entity_type, result.score, _rule(result))
            for engine in (self._prose if prose else self._code)
            for result in engine.analyze(text, language=_LANGUAGE)
        ]


def _engine(recognizers: list[EntityRecognizer], min_score: float) -> AnalyzerEngine:
    return AnalyzerEngine(
        registry=RecognizerRegistry(recognizers, supported_languages=[_LANGUAGE]),
        nlp_engine=NoOpNlpEngine([{"lang_code": _LANGUAGE, "model_name": "none"}]),
        context_aware_enhancer=_NoContext(),
        supported_languages=[_LANGUAGE],
        default_score_threshold=min_score,
    )


def _rule(result: RecognizerResult) -> str:
    """What found it: the shape's rule, else the name of the user's recognizer."""
    metadata = result.recognition_metadata or {}
    return str(metadata.get("rule") or metadata[RecognizerResult.RECOGNIZER_NAME_KEY])


def _load(path: str) -> EntityRecognizer:
    recognizer = load_object("anonymize.extra_recognizers", path)
    if not isinstance(recognizer, EntityRecognizer):
        raise ConfigError(f"anonymize.extra_recognizers: {path!r} names no Presidio recognizer")
    return recognizer
