"""Letters without case and accents. In: a word. Out: how the list of names spells it.

fold_letters("Jose\\u0301"), fold_letters("JOSE")  ->  "jose", "jose"
"""

import unicodedata

# Letters that have no decomposition.
_LETTERS = str.maketrans(
    {
        "\u00e6": "ae", "\u00f0": "d", "\u00f8": "o", "\u00fe": "th", "\u00df": "ss",
        "\u0111": "d", "\u0131": "i", "\u0142": "l", "\u0153": "oe", "\u0259": "a", "\u2019": "'",
    }
)  # fmt: skip


def fold_letters(word: str) -> str:
    """Lower case, no accents: "Soren" for that name with a stroke through its o."""
    lower = word.lower()
    if lower.isascii():
        return lower
    plain = unicodedata.normalize("NFKD", lower.translate(_LETTERS))
    return "".join(char for char in plain if not unicodedata.combining(char))
