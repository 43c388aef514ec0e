"""Pseudonyms as Presidio operators, and operators of the user's own. In: value. Out: replacement.

    operator = PseudonymOperator(lambda entity, value: "user_3f2a9c1b77d0a1c2")
    operator.operate("jdoe", {"entity_type": "LOGIN"})  ->  "user_3f2a9c1b77d0a1c2"

Presidio's own AnonymizerEngine takes it too (`add_anonymizer`, or an instance through
`OperatorConfig`); here operators are called without that engine, which copies the text for each
finding.
"""

from collections.abc import Callable, Iterable
from functools import lru_cache

from presidio_anonymizer.entities import InvalidParamError
from presidio_anonymizer.operators import Operator, OperatorType

from schemas.errors import ConfigError, StageError
from transforms.anonymize.user_classes import load_object

_RECENT = 1 << 14


class Operators:
    """What replaces the values of each entity: the user's operators, else pseudonyms."""

    def __init__(self, pseudonym: Callable[[str, str], str], extra: dict[str, Operator]) -> None:
        # The same few values come over and over; a pseudonym takes several HMACs.
        self._pseudonym = PseudonymOperator(lru_cache(_RECENT)(pseudonym))
        self._extra = extra

    def replace(self, entity: str, value: str) -> str:
        """The replacement. Raises StageError where the user's operator gives a line feed."""
        operator = self._extra.get(entity)
        if operator is None:
            return self._pseudonym.operate(value, {"entity_type": entity})
        fresh = operator.operate(value, {"entity_type": entity})
        if not isinstance(fresh, str) or len(fresh.splitlines()) > 1 or "\n" in fresh:
            name = operator.operator_name()
            raise StageError(f"the operator {name!r} of {entity} must give text of one line")
        return fresh


class PseudonymOperator(Operator):
    """Replaces by a function of entity and value."""

    def __init__(self, pseudonym: Callable[[str, str], str]) -> None:
        self._pseudonym = pseudonym

    def operate(self, text: str, params: dict[str, str] | None = None) -> str:
        """The pseudonym of a value; `params` holds "entity_type", as Presidio gives it."""
        return self._pseudonym((params or {})["entity_type"], text)

    def validate(self, params: dict[str, str] | None = None) -> None:
        """Raise InvalidParamError without an entity."""
        if "entity_type" not in (params or {}):
            raise InvalidParamError("a pseudonym needs the entity_type")

    def operator_name(self) -> str:
        """The name that an `OperatorConfig` uses."""
        return "pseudonym"

    def operator_type(self) -> OperatorType:
        """It anonymizes."""
        return OperatorType.Anonymize


def load_operators(settings: Iterable[str]) -> dict[str, Operator]:
    """Operators by entity, of settings "ENTITY=module:Class". Raises ConfigError."""
    return dict(_load(setting) for setting in settings)


def _load(setting: str) -> tuple[str, Operator]:
    entity, _, path = setting.partition("=")
    operator = load_object("anonymize.extra_operators", path)
    if not entity or not isinstance(operator, Operator):
        message = f"anonymize.extra_operators: {setting!r} is no ENTITY=module:Class"
        raise ConfigError(f"{message} of a Presidio operator")
    try:
        operator.validate({"entity_type": entity})
    except InvalidParamError as error:
        raise ConfigError(f"anonymize.extra_operators: {setting!r}: {error}") from None
    return entity, operator
