"""Recognizers and operators that the settings name. In: "module:Class". Out: an object of it.

load_object("anonymize.extra_recognizers", "my_rules:PlateRecognizer")  ->  <PlateRecognizer>
"""

import importlib

from schemas.errors import ConfigError


def load_object(setting: str, path: str) -> object:
    """What the class makes without arguments. Raises ConfigError naming the setting and why."""
    module, _, name = path.partition(":")
    try:
        return getattr(importlib.import_module(module), name)()
    except (ImportError, AttributeError, TypeError, ValueError) as error:
        raise ConfigError(f"{setting}: {path!r} makes no object: {error}") from None
