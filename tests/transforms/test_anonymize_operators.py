"""Recognizers and operators of the user's own, the Presidio way, and what a run says it found."""

from base64 import b64encode
from collections import Counter
from functools import cache
from typing import Any

import pytest
from presidio_analyzer import EntityRecognizer, Pattern, PatternRecognizer, RecognizerResult
from presidio_anonymizer import AnonymizerEngine
from presidio_anonymizer.entities import InvalidParamError, OperatorConfig
from presidio_anonymizer.operators import Operator, OperatorType

from schemas.discussion import Identity
from schemas.errors import ConfigError, StageError
from transforms.anonymize.config import AnonymizeConfig
from transforms.anonymize.engine import Detectors
from transforms.anonymize.operators import PseudonymOperator
from transforms.anonymize.survey import Survey
from transforms.anonymize.text import TextAnonymizer

KEY = b"k" * 32
HERE = __name__
JANE = Identity(name="Jane Doerenberg", email="jane@northwind.io")
SECRET = "Quay4" + "Mizzen"


class PlateRecognizer(PatternRecognizer):
    """Number plates such as "B-KD 4711"."""

    def __init__(self) -> None:
        plate = Pattern("plate", r"\b[A-Z]{1,3}-[A-Z]{1,2} [0-9]{1,4}\b", 0.8)
        super().__init__("NUMBER_PLATE", patterns=[plate])


class SecondLineRecognizer(EntityRecognizer):
    """Needs a whole text: the word on its second line."""

    def __init__(self) -> None:
        super().__init__(["SECOND_LINE"])

    def load(self) -> None:
        pass

    def analyze(self, text: str, entities: Any, nlp_artifacts: Any) -> list[RecognizerResult]:
        lines = text.split("\n")
        if len(lines) < 2:
            return []
        start = len(lines[0]) + 1
        return [RecognizerResult("SECOND_LINE", start, start + len(lines[1]), 0.9)]


class StarsOperator(Operator):
    """As many stars as the value has characters."""

    def operate(self, text: str, params: dict[str, Any] | None = None) -> str:
        assert params == {"entity_type": "NUMBER_PLATE"}
        return "*" * len(text)

    def validate(self, params: dict[str, Any] | None = None) -> None:
        pass

    def operator_name(self) -> str:
        return "stars"

    def operator_type(self) -> OperatorType:
        return OperatorType.Anonymize


class TwoLinesOperator(StarsOperator):
    def operate(self, text: str, params: dict[str, Any] | None = None) -> str:
        return "*\n*"


class PickyOperator(StarsOperator):
    def validate(self, params: dict[str, Any] | None = None) -> None:
        raise InvalidParamError("a number of stars is missing")


detectors = cache(Detectors)


def anonymizer(config: AnonymizeConfig, survey: Survey | None = None) -> TextAnonymizer:
    return TextAnonymizer(config, KEY, [JANE], detectors(config), survey or Survey())


def plates(*operators: str) -> AnonymizeConfig:
    recognizers = (f"{HERE}:PlateRecognizer",)
    return AnonymizeConfig(extra_recognizers=recognizers, extra_operators=operators)


def test_a_recognizer_of_the_users_own_is_asked_and_counted() -> None:
    cleaner = anonymizer(plates())
    fresh = cleaner.text("parked: B-KD 4711\n")
    assert "4711" not in fresh
    assert cleaner.text(fresh) == fresh
    assert cleaner.take_findings() == Counter({("NUMBER_PLATE", "PlateRecognizer"): 1})


def test_a_recognizer_of_the_users_own_sees_whole_texts() -> None:
    config = AnonymizeConfig(extra_recognizers=(f"{HERE}:SecondLineRecognizer",))
    assert "word" not in anonymizer(config).text("nothing\nword\n")


def test_an_operator_of_the_users_own_replaces_its_entity_only() -> None:
    cleaner = anonymizer(plates(f"NUMBER_PLATE={HERE}:StarsOperator"))
    fresh = cleaner.text("B-KD 4711 of jane@northwind.io")
    assert fresh.startswith("********* of user-")


def test_an_operator_may_not_change_the_number_of_lines() -> None:
    cleaner = anonymizer(plates(f"NUMBER_PLATE={HERE}:TwoLinesOperator"))
    with pytest.raises(StageError, match="'stars' of NUMBER_PLATE") as error:
        cleaner.text("B-KD 4711")
    assert "4711" not in str(error.value)


@pytest.mark.parametrize(
    "setting",
    [
        f"{HERE}:StarsOperator",
        f"=x{HERE}:StarsOperator",
        "NUMBER_PLATE=nowhere:StarsOperator",
        f"NUMBER_PLATE={HERE}:Nobody",
        f"NUMBER_PLATE={HERE}:PlateRecognizer",
        f"NUMBER_PLATE={HERE}:PickyOperator",
    ],
)
def test_what_is_no_operator_is_named(setting: str) -> None:
    with pytest.raises(ConfigError, match=r"anonymize\.extra_operators"):
        anonymizer(plates(setting))


def test_presidio_itself_can_use_our_operator() -> None:
    pseudonym = PseudonymOperator(lambda entity, value: f"{entity}-{len(value)}")
    with pytest.raises(InvalidParamError):
        pseudonym.validate({})
    engine = AnonymizerEngine()
    engine.add_anonymizer(lambda: pseudonym)  # type: ignore[arg-type]  # a factory of operators
    result = engine.anonymize(
        "hi jdoe!",
        [RecognizerResult("LOGIN", 3, 7, 0.9)],
        {"LOGIN": OperatorConfig("pseudonym")},
    )
    assert result.text == "hi LOGIN-4!"


def test_secrets_of_the_survey_are_replaced_wherever_they_stand() -> None:
    cleaner = anonymizer(AnonymizeConfig(), Survey(secrets=(SECRET,)))
    fresh = cleaner.text(f"assert f('x{SECRET}y') == 1  # {SECRET}\n")
    assert SECRET not in fresh
    assert cleaner.text(fresh) == fresh
    assert cleaner.take_findings() == Counter({("SECRET", "survey"): 2})
    assert anonymizer(AnonymizeConfig()).text(f"f('x{SECRET}y')") == f"f('x{SECRET}y')"


def test_people_and_code_names_of_the_survey_are_looked_for() -> None:
    zoe = Identity(name="Zoe Brannstrup", email="zoe@brannstrup.dk")
    cleaner = anonymizer(AnonymizeConfig(), Survey(people=(zoe,), code_names=("HullTrack",)))
    fresh = cleaner.text("import hull_track  # Brannstrup, Zoe; zoe_brannstrup\n")
    assert "hull" not in fresh
    assert "Brannstrup" not in fresh
    # Accounts are looked for of the history's own persons.
    assert "zoe_brannstrup" in fresh
    assert cleaner.code_names("hulltrack-x") != "hulltrack-x"
    assert set(cleaner.take_findings()) == {("CODE_NAME", "seed"), ("PERSON", "seed")}


def test_entities_to_keep_stay_and_are_not_counted() -> None:
    cleaner = anonymizer(AnonymizeConfig(keep_entities=("IP_ADDRESS",)))
    fresh = cleaner.text("52.4.8.15 of jane@northwind.io")
    assert fresh.startswith("52.4.8.15 of user-")
    assert cleaner.take_findings() == Counter({("EMAIL_ADDRESS", "seed"): 1})
    assert cleaner.take_findings() == Counter()


def test_spans_tell_where_and_by_what_rule() -> None:
    text = "x = 1\n# at \u00e9 52.4.8.15 by jane@northwind.io\n"
    spans = anonymizer(AnonymizeConfig()).find(text)
    found = [(text[one.start : one.end], one.entity, one.rule) for one in spans]
    assert found == [
        ("52.4.8.15", "IP_ADDRESS", "ip_address"),
        ("jane@northwind.io", "EMAIL_ADDRESS", "seed"),
    ]


@pytest.mark.parametrize("language", ["", "python"])
def test_names_and_encoded_values_are_replaced_unless_the_settings_say_no(language: str) -> None:
    hidden = b64encode(b"mail jane.roe@elsewhere.dk today").decode()
    text = f'# Written by Otto Katzenberg\nx = "{hidden}"\n'
    strict = AnonymizeConfig(names_in_code=True)
    fresh = anonymizer(strict).text(text, prose=not language, language=language)
    assert "Katzenberg" not in fresh
    assert hidden not in fresh
    in_code = anonymizer(AnonymizeConfig()).text(text, language="python")
    assert "Otto Katzenberg" in in_code
    off = AnonymizeConfig(find_names=False, decode=False)
    assert anonymizer(off).text(text, prose=not language, language=language) == text
    kept = AnonymizeConfig(keep_names=("Otto Katzenberg",))
    assert "Otto Katzenberg" in anonymizer(kept).text(text, language="python")


def test_a_second_attempt_is_not_counted() -> None:
    cleaner = anonymizer(AnonymizeConfig())
    assert "@" in cleaner.text("jane@northwind.io", identifier_like=True)
    assert cleaner.take_findings() == Counter()
