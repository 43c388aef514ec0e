"""Values of rules as settings write them. In: text. Out: values, checked; and back.

parse_value(rule, "25")                      ->  (("other", 25),)
parse_value(rule, "python:25,other:10")      ->  (("python", 25), ("other", 10))
parse_value(rule, "off")                     ->  None
"""

from collections.abc import Callable

from schemas.errors import ConfigError
from transforms.filters.rule import OTHER, Rule, Value


def parse_value(rule: Rule, text: str) -> Value | None:
    """The value of a setting's text; "" and "on" are the default, "off" is None.

    Raises ConfigError for text of another kind.
    """
    if text == "off":
        return None
    if text in ("", "on"):
        return rule.default
    kind = _kind(rule)
    try:
        return _PARSERS[kind](text, rule)
    except ValueError:
        expected = " or ".join(rule.choices) or _EXPECTED[kind]
        example = "off" if kind == "switch" else format_value(rule.default)
        raise ConfigError(
            f"mine.rules: {rule.name}={text}: expected {expected}; write it as "
            f"{rule.name}={example}"
        ) from None


def format_value(value: Value | None, *, max_words: int = 4) -> str:
    """The value as a setting writes it; of many words the first, and how many there are."""
    if value is None:
        return ""
    if not isinstance(value, tuple):
        return "on" if value is True else str(value)
    words = [word if isinstance(word, str) else f"{word[0]}:{word[1]}" for word in value]
    if len(words) == 1:
        return words[0].removeprefix(f"{OTHER}:")
    cut = f",... ({len(words)})" if len(words) > max_words else ""
    return ",".join(words[:max_words]) + cut


def by_language(value: tuple[tuple[str, int], ...], language: str | None) -> int:
    """The count for a language, or the one for the languages that are not named, or 0."""
    counts = dict(value)
    return counts.get((language or "").lower(), counts.get(OTHER, 0))


def _kind(rule: Rule) -> str:
    default = rule.default
    if isinstance(default, tuple):
        return "words" if isinstance(default[0], str) else "by_language"
    return "switch" if default is True else type(default).__name__


def _switch(text: str, rule: Rule) -> Value:
    raise ValueError(text)


def _count(text: str, rule: Rule) -> int:
    number = int(text)
    if number < 0:
        raise ValueError(text)
    return number


def _share(text: str, rule: Rule) -> float:
    number = float(text)
    if not 0 <= number <= 1:
        raise ValueError(text)
    return number


def _choice(text: str, rule: Rule) -> str:
    if text not in rule.choices:
        raise ValueError(text)
    return text


def _words(text: str, rule: Rule) -> tuple[str, ...]:
    words = tuple(word.strip().lower() for word in text.split(","))
    if not all(words):
        raise ValueError(text)
    return words


def _by_language(text: str, rule: Rule) -> tuple[tuple[str, int], ...]:
    if ":" not in text:
        return ((OTHER, _count(text, rule)),)
    pairs = [word.rpartition(":") for word in _words(text, rule)]
    if not all(language for language, _, _ in pairs):
        raise ValueError(text)
    return tuple((language.strip(), _count(number, rule)) for language, _, number in pairs)


_PARSERS: dict[str, Callable[[str, Rule], Value]] = {
    "switch": _switch,
    "int": _count,
    "float": _share,
    "str": _choice,
    "words": _words,
    "by_language": _by_language,
}
_EXPECTED = {
    "switch": "on or off",
    "int": "a whole number",
    "float": "a number from 0 to 1",
    "words": "words with commas between them",
    "by_language": 'a whole number, or one per language and "other"',
}
