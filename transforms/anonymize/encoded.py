"""Values inside an encoding. In: text and what cleans plain text. Out: text, encoded as it was.

replace_encoded("amFuZUBjb3JwLnRlc3Q=", clean)  ->  base64 of clean("jane@corp.test")
"""

from collections.abc import Callable


def replace_encoded(text: str, clean: Callable[[str], str]) -> str:
    """The text with as many lines; runs whose plain text `clean` leaves alone stay too."""
    return text
