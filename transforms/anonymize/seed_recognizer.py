"""Known strings as a Presidio recognizer. In: text. Out: a result for each seed in it.

SeedRecognizer(seeds).analyze("mail jane_doe", [], None)  ->  [type: LOGIN, start: 5, end: 13]
"""

from typing import Any

from presidio_analyzer import EntityRecognizer, RecognizerResult

from transforms.anonymize.seeds import Seeds

_SCORES = {"EMAIL_ADDRESS": 1.0, "PERSON": 1.0, "LOGIN": 1.0, "CODE_NAME": 0.95}


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
