"""How likely is the value beside a telling name a secret? In: a candidate. Out: a probability.

    secret_probability(Candidate(name="db_password", ...), "k2J9-xQ")  ->  0.96
    secret_probability(Candidate(name="db_password", ...), "password")  ->  0.00

A logistic regression over what one sees at a glance: length and classes of characters, entropy,
how much the letters read like words (a trigram model of words), placeholders, the kind of name,
and how name and value are joined. `secret_values.json` holds the weights and the model, which
tests/benchmarks/fit_secret_values.py writes; no value of the training data is in it. The secrets
it learnt from are CredData's, which replaced the real ones by random look-alikes of the same
shape: that flatters every detector of randomness, and "sunshine" as a password is found less
often than the benchmark says.
"""

import base64
import json
import math
import re
from functools import cache, lru_cache
from pathlib import Path
from typing import TypedDict

from transforms.anonymize.assigned_candidates import Candidate
from transforms.anonymize.randomness import entropy_bits

_WEIGHTS = Path(__file__).with_name("secret_values.json")
BITS_PER_STEP = 0.5
"""Each trigram's surprise is stored as one base-36 digit of half bits."""
_DIGITS = {digit: number for number, digit in enumerate("0123456789abcdefghijklmnopqrstuvwxyz")}
_RUN = re.compile(r"[A-Z]?[a-z]+|[A-Z]+")
_PLACEHOLDERS = re.compile(
    r"(?i)pass(?:w(?:or)?d|wd|phrase|code)?s?|pwd|secrets?|tokens?|keys?|tests?|testing|examples?"
    r"|samples?|foo|bar|baz|qux|your?|my|change|me|xxx+|dummy|fake|mock|defaults?|none|null|nil"
    r"|true|false|admin|root|user(?:name)?s?|guest|string|value|hidden|redacted|placeholder|todo"
    r"|wrong|bad|invalid|valid|empty|new|old|abcd?e?f?|qwerty|asdf|hello|world|hunter|here|top"
    r"|super|insert|some|any|the|api|id|client|access|private|public|auth|bearer|basic|database"
    r"|db|host|login|name|123456?7?8?9?0?|1234|x{3,}|\*+|\.{3,}"
)
_TEMPLATE = re.compile(r"[<{\[%$#]|\*{2,}|\.{3}|\bxxx|://|@@|\(\)|^[-=/]|[#*]{3}")
_IDENTIFIER = re.compile(r"[A-Za-z_][\w$]*(?:(?:\.|::|->)[A-Za-z_$][\w$]*)+|[$@:]\w+")
_UUID = re.compile(r"(?i)[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_BASIC = re.compile(r"(?i)basic\W*\Z|auth")
_ASSIGNING = frozenset(["=", ":", ":=", "=>", ">", "value", ",", "("])
_PASSWORD_NAME = re.compile(
    r"(?i)(?:pass|passw(?:or)?d|passphrase|passcode|pwd|_pw|identified by)[-_]?[0-9]?\Z"
)
_SECRET_NAME = re.compile(r"(?i)(?:secret|token|key|credentials?)[0-9]?\Z")
_SWITCH = re.compile("[A-Za-z][0-9]|[0-9][A-Za-z]")
_HEXADECIMAL = re.compile("[0-9a-f]{16,}|[0-9A-F]{16,}")
_BASE64 = re.compile("[A-Za-z0-9+/_-]{20,}={0,2}")
_ESCAPE = re.compile(r"\\[xuU0nrt]")
_MIXED = re.compile(r"(?=.*[A-Za-z])(?=.*[0-9])(?=.*[!@#$%^&*?+])[!-\[\]-~]{8,40}")
_HUMAN = re.compile(r"(?=.*[A-Za-z])(?=.*[0-9!@#$%^&*?+])[!-\[\]-~]{6,40}")
MIN_PROBABILITY = 0.2
"""At 0.2, development repositories left out of the fit have recall .91 at precision .84."""
_FAMILIES = {
    "password": "pass?w|passphrase|pass(?:code)?s?(?![a-z])|_pass|pwd|pw",
    "secret": "secre?t",
    "token": "token|jwt|bearer",
    "api_key": r"api[_.-]?key|(?:access|secret|private|consumer|account|master|app)[_.-]?key",
    "key": "key",
    "auth": "auth|basic|verifier",
    "credential": "cred|identified",
    "nonce": "nonce",
    "salt": "salt|seed",
    "session": "session|cookie|sid|otp|licen",
}
_FAMILY_PATTERNS = {family: re.compile(pattern, re.I) for family, pattern in _FAMILIES.items()}
_OTHER_THING = re.compile(
    r"(?i)(?:file|path|dir|name|type|field|label|url|uri|host|length|size|policy|error|msg|message"
    r"|regex|pattern|format|public|pub|hint|reset|form|time|ttl|expir\w*|header|column|table|class"
    r"|count|limit|scope|prefix|suffix|algo(?:rithm)?|method|version|mode|state|status|idx|index"
    r"|list|map|set|store|manager|service|endpoint|handler|provider|validator|required|enabled"
    r"|code|s)[\W_]*\Z"
)


class _Model(TypedDict):
    intercept: float
    trigrams: str
    weights: dict[str, float]


def is_secret(candidate: Candidate, value: str) -> bool:
    """Whether to take the value for a secret."""
    # The regression comes last: it takes ten times as long as the others.
    return (
        _is_human_password(candidate, value)
        or _is_login(candidate, value)
        or secret_probability(candidate, value) >= MIN_PROBABILITY
    )


def _is_human_password(candidate: Candidate, value: str) -> bool:
    """A password that a person thought of, "Winter2024!", which reads like words."""
    return bool(
        (candidate.operator in _ASSIGNING or candidate.is_option or bool(candidate.quote))
        and (
            (_PASSWORD_NAME.search(candidate.name) and _HUMAN.fullmatch(value))
            or (_SECRET_NAME.search(candidate.name) and _MIXED.fullmatch(value))
        )
        and _TEMPLATE.search(value) is None
        and _IDENTIFIER.fullmatch(value) is None
        and _num_in_placeholders(value) < 0.6 * len(value)
    )


def _num_in_placeholders(value: str) -> int:
    """How many characters stand in words such as "test", "your", "password"."""
    return sum(len(match.group()) for match in _PLACEHOLDERS.finditer(value))


def _is_login(candidate: Candidate, value: str) -> bool:
    """Basic authentication: base64 of "user:password" (RFC 7617)."""
    if not _BASIC.search(candidate.wrap + candidate.name) or not 8 <= len(value) <= 400:
        return False
    try:
        plain = base64.b64decode(value, validate=True)
    except ValueError:
        return False
    return b":" in plain and plain.isascii() and plain.decode().isprintable()


def secret_probability(candidate: Candidate, value: str) -> float:
    """Between 0 and 1."""
    model = _model()
    weights = model["weights"]
    total = model["intercept"]
    for name, amount in features(candidate, value, model["trigrams"]).items():
        total += weights.get(name, 0.0) * amount
    return 1 / (1 + math.exp(-max(-30.0, min(30.0, total))))


def features(candidate: Candidate, value: str, trigrams: str) -> dict[str, float]:
    """What the regression reads, by name; absent features are 0. For trigrams see `surprise`."""
    found = {
        **_shape_features(value),
        **_word_features(value, trigrams),
        **_name_features(candidate.name),
    }
    family = name_family(candidate.name)
    found["name holds value"] = float(_holds(candidate.name, value))
    found[f"joined by {candidate.operator}"] = 1.0
    found["quoted" if candidate.quote else "bare"] = 1.0
    found["option"] = float(candidate.is_option)
    found["wrapped"] = float(bool(candidate.wrap))
    kind = "password" if family == "password" else "key" if "key" in family else "other"
    for interaction in ("words", "digits", "bare"):
        found[f"{kind} and {interaction}"] = found.get(interaction, 0.0)
    return {name: amount for name, amount in found.items() if amount}


@lru_cache(maxsize=4096)
def _name_features(name: str) -> dict[str, float]:
    return {
        f"name {name_family(name)}": 1.0,
        "name of another thing": float(_OTHER_THING.search(name) is not None),
        "name is upper": float(name.isupper()),
    }


@lru_cache(maxsize=4096)
def name_family(name: str) -> str:
    """The first family whose words the name holds: "password", "token", ..., else "other"."""
    for family, pattern in _FAMILY_PATTERNS.items():
        if pattern.search(name):
            return family
    return "other"


@lru_cache(maxsize=4096)
def _shape_features(value: str) -> dict[str, float]:
    length = len(value)
    digits = sum(map(str.isdigit, value))
    upper, lower = sum(map(str.isupper, value)), sum(map(str.islower, value))
    spaces = sum(map(str.isspace, value))
    others = length - digits - upper - lower - spaces
    bits = entropy_bits(value)
    switches = len(_SWITCH.findall(value))
    return {
        "length": math.log2(1 + length),
        "length below 4": float(length < 4),
        "length below 8": float(length < 8),
        "length from 16": float(length >= 16),
        "length from 32": float(length >= 32),
        "length from 100": float(length >= 100),
        "entropy": bits,
        "entropy above 3.5": max(0.0, bits - 3.5),
        "digits": digits / length,
        "upper": upper / length,
        "others": others / length,
        "spaces": float(spaces > 0),
        "many spaces": float(spaces > 1),
        "only digits": float(digits == length),
        "letters and digits": float(digits > 0 and upper + lower > 0),
        "three classes": float(digits > 0 and upper > 0 and lower > 0),
        "switches": math.log2(1 + switches),
        "hexadecimal": float(_HEXADECIMAL.fullmatch(value) is not None),
        "base64": float(_BASE64.fullmatch(value) is not None),
        "uuid": float(_UUID.fullmatch(value) is not None),
        "template": float(_TEMPLATE.search(value) is not None),
        "identifier": float(_IDENTIFIER.fullmatch(value) is not None),
        "path": float("/" in value and "." in value),
        "escapes": float(_ESCAPE.search(value) is not None),
        "one or two characters": float(len(set(value)) < 3),
    }


@lru_cache(maxsize=4096)
def _word_features(value: str, trigrams: str) -> dict[str, float]:
    """Surprise of the letters in bits per letter, and how much of the value placeholders are."""
    runs = [run.lower() for run in _RUN.findall(value)]
    num_letters = sum(map(len, runs))
    words = [run for run in runs if len(run) > 2]
    each = [surprise(word, trigrams) for word in words]
    placeholders = _num_in_placeholders(value)
    average = sum(bits * len(word) for bits, word in zip(each, words, strict=True))
    average = average / sum(map(len, words)) if words else 0.0
    return {
        "surprise": average,
        "surprise above 5": max(0.0, average - 5),
        "least surprise": min(each, default=0.0),
        "no words": float(not words),
        "unreadable": float(not words and num_letters > 1 and any(map(str.isdigit, value))),
        "words": sum(len(word) for bits, word in zip(each, words, strict=True) if bits < 4.5)
        / len(value),
        "letters": num_letters / len(value),
        "placeholders": placeholders / len(value),
        "is placeholder": float(placeholders >= 0.85 * len(value)),
        "snake words": float(len(words) > 1 and "_" in value and num_letters > 0.8 * len(value)),
        "camel words": float(len(words) > 1 and value.isalpha()),
    }


def surprise(word: str, trigrams: str) -> float:
    """Bits per letter of a word of small letters, its end included.

    `trigrams` has a digit for each three of "`abc...z" in order, where "`" is the word's border.
    """
    padded = "``" + word + "`"
    total = 0
    for at in range(len(padded) - 2):
        first, second, third = (ord(char) - 96 for char in padded[at : at + 3])
        total += _DIGITS[trigrams[first * 729 + second * 27 + third]]
    return total * BITS_PER_STEP / (len(word) + 1)


def _holds(name: str, value: str) -> bool:
    plain_name = re.sub(r"[\W_]", "", name).lower()
    plain_value = re.sub(r"[\W_]", "", value).lower()
    return bool(plain_value) and (plain_value in plain_name or plain_name in plain_value)


@cache
def _model() -> _Model:
    model: _Model = json.loads(_WEIGHTS.read_text("utf-8"))
    return model
