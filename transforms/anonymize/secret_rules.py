"""Secrets by their format. In: secret_rules.toml. Out: shapes.

    format_shapes()  ->  (Shape(entity="SECRET", rule="github-token", pattern="gh[pousr]_..."), ...)

Three kinds of rule. A format has a mark of its own ("ghp_..."). A service's key has none: it is a
value of a known alphabet and length after the name of the service. Values that merely look random
where a secret may stand are the third, see `random_values`. Fields of a [[format]]:

    id        the rule, as reports count it
    what      token, key, password, cookie, JWT, webhook, connection string...
    pattern   in RE2; its group "v" is replaced, the mark before it stays
    trigger   a small pattern that every line with a match matches
    min_bits  least entropy of the value, in bits per character
    random    true where the mark is so short that the value must look random too
    origin    where the facts come from

and of a `service`: `names` before the value (the id if left out), `value` as an alphabet and a
length ("hex 32", "alnum 20-40", "uuid"), `origin`.
"""

import re
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

from transforms.anonymize.checks import Check
from transforms.anonymize.random_values import OPENS, is_sample, random_value_shapes
from transforms.anonymize.randomness import entropy_bits, looks_random
from transforms.anonymize.recognizers import Shape

_RULES = Path(__file__).with_name("secret_rules.toml")
_ALPHABETS = {
    "digit": "[0-9]",
    "hex": "[0-9A-Fa-f]",
    "alnum": "[A-Za-z0-9]",
    "dash": "[A-Za-z0-9_=-]",
    "base64": "[A-Za-z0-9_+/=-]",
}
_UUID = "[0-9A-Za-z]{8}(?:-[0-9A-Za-z]{4}){3}-[0-9A-Za-z]{12}"
_STARTS_WORD = re.compile(r"(?:\(\?P<v>|\(\?i:|\(\?:|\(\?i\))*[A-Za-z0-9\[]")
_MIN_SERVICE_BITS = 2.5
_MIN_SERVICE_CHARS = 14
_MIN_DISTINCT_NAME = 7


@cache
def format_shapes() -> tuple[Shape, ...]:
    """The shapes of all rules."""
    rules = secret_rules()
    formats = [_format(rule) for rule in rules["format"]]
    services = [_service(rule) for rule in rules["service"]]
    return (*formats, *services, *random_value_shapes())


@cache
def secret_rules() -> dict[str, Any]:
    """The rules as the data file states them: lists "format" and "service"."""
    return tomllib.loads(_RULES.read_text(encoding="utf-8"))


def _format(rule: dict[str, Any]) -> Shape:
    pattern = rule["pattern"]
    return Shape(
        entity="SECRET",
        rule=rule["id"],
        pattern=rf"\b{pattern}" if _STARTS_WORD.match(pattern) else pattern,
        trigger=rule["trigger"],
        check=_format_check(rule["min_bits"], rule.get("random", False)),
    )


def _service(rule: dict[str, str]) -> Shape:
    names = rule.get("names", rule["id"]).split()
    named = "|".join(map(_name, names))
    value = _value(rule["value"])
    return Shape(
        entity="SECRET",
        rule=f"{rule['id']}-key",
        pattern=rf"(?:{named})(?:[^\n]{{0,48}}?{OPENS}|[-_.])(?P<v>{value})",
        trigger=rf"(?i){'|'.join(map(re.escape, names))}",
        check=_is_service_key,
    )


def _name(name: str) -> str:
    """A name that begins a word or a part of one: "etsy" is not in "SetSysctl"."""
    if len(name) >= _MIN_DISTINCT_NAME:
        return rf"(?:\b|_)(?i:{re.escape(name)})|{re.escape(name.capitalize())}"
    lower, upper, first = map(re.escape, (name.lower(), name.upper(), name.capitalize()))
    return rf"(?:\b|_)(?:{lower}|{upper})|{first}"


def _value(form: str) -> str:
    """The pattern of a form: "hex 20-32" -> [0-9A-Fa-f]{20,32}."""
    alphabet, _, length = form.partition(" ")
    return _UUID if alphabet == "uuid" else f"{_ALPHABETS[alphabet]}{{{length.replace('-', ',')}}}"


def _format_check(min_bits: float, is_random: bool) -> Check:
    def check(text: str, start: int, end: int) -> bool:
        value = text[start:end]
        return (
            _ends(text, end)
            and entropy_bits(value) >= min_bits
            and not is_sample(value)
            and (not is_random or looks_random(value, _MIN_SERVICE_CHARS))
        )

    return check


def _is_service_key(text: str, start: int, end: int) -> bool:
    value = text[start:end]
    is_key = value.isdigit() or looks_random(value, _MIN_SERVICE_CHARS)
    is_plain = entropy_bits(value) < _MIN_SERVICE_BITS
    return is_key and not is_plain and not is_sample(value) and _ends(text, end)


def _ends(text: str, end: int) -> bool:
    """No letter or digit follows: the value is as long as its format says."""
    return not text[end : end + 1].isalnum()
