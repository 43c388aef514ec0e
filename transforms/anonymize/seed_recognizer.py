"""Known strings as Presidio recognizers. In: text. Out: a result for each of them in it.

SeedRecognizer(seeds).analyze("mail jane_doe", [], None)  ->  [type: LOGIN, start: 5, end: 13]
SurveyRecognizer(secrets)   secrets that some file of the repository tells, wherever they stand
"""

from collections.abc import Iterable
from typing import Any

import ahocorasick
from presidio_analyzer import EntityRecognizer, RecognizerResult

from transforms.anonymize.seeds import Seeds

_SCORES = {"EMAIL_ADDRESS": 1.0, "PERSON": 1.0, "LOGIN": 1.0, "CODE_NAME": 0.95}
# Under what tells a whole value: the secret may be the end of a longer one.
_SURVEY_SCORE = 0.55


class SeedRecognizer(EntityRecognizer):
    """Seeds as a Presidio recognizer."""

    def __init__(self, seeds: Seeds) -> None:
        super().__init__(supported_entities=sorted(_SCORES), name="SeedRecognizer")
        self._seeds = seeds

    def load(self) -> None:
        """Nothing to load: the automaton is built by `Seeds`."""

    def analyze(self, text: str, entities: list[str], nlp_artifacts: Any) -> list[RecognizerResult]:
        """Every seed in the text."""
        return [
            RecognizerResult(
                seed.entity,
                seed.start,
                seed.end,
                _SCORES[seed.entity],
                recognition_metadata={"rule": "seed"},
            )
            for seed in self._seeds.find(text)
        ]


class SurveyRecognizer(EntityRecognizer):
    """Known secrets, in the very case they were met in, also inside of longer words."""

    def __init__(self, secrets: Iterable[str]) -> None:
        super().__init__(supported_entities=["SECRET"], name="SurveyRecognizer")
        self._automaton = ahocorasick.Automaton()
        for secret in sorted(set(secrets)):
            self._automaton.add_word(secret, len(secret))
        self._automaton.make_automaton()

    def load(self) -> None:
        """Nothing to load: the automaton is built in `__init__`."""

    def analyze(self, text: str, entities: list[str], nlp_artifacts: Any) -> list[RecognizerResult]:
        """Every place of every secret."""
        return [
            RecognizerResult(
                "SECRET",
                last + 1 - length,
                last + 1,
                _SURVEY_SCORE,
                recognition_metadata={"rule": "survey"},
            )
            for last, length in self._automaton.iter(text)
        ]
