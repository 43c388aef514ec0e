"""Invented keys of services, in the formats that they issue. In: a random generator. Out: keys.

api_key(random.Random(7))  ->  ("ghp_...", the part after the prefix)
"""

import base64
import random
import string

_WORD = string.ascii_letters + string.digits
_LOWER = string.ascii_lowercase + string.digits
_UPPER = string.ascii_uppercase + string.digits
_HEX = "0123456789abcdef"
_URL = _WORD + "-_"
# (prefix in two halves, characters of the body, their number); as the services document them.
FORMATS = (
    (("AK", "IA"), _UPPER, 16),
    (("gh", "p_"), _WORD, 36),
    (("gh", "o_"), _WORD, 36),
    (("github", "_pat_"), _WORD, 82),
    (("gl", "pat-"), _WORD, 20),
    (("xo", "xb-"), _WORD, 48),
    (("sk", "_live_"), _WORD, 24),
    (("rk", "_live_"), _WORD, 24),
    (("AI", "za"), _URL, 35),
    (("GOC", "SPX-"), _WORD, 28),
    (("ya", "29."), _URL, 60),
    (("np", "m_"), _WORD, 36),
    (("py", "pi-AgEIcHlwaS5vcmc"), _URL, 80),
    (("SK", ""), _HEX, 32),
    (("sk", "-proj-"), _WORD, 48),
    (("hf", "_"), string.ascii_letters, 34),
    (("dop", "_v1_"), _HEX, 64),
    (("shp", "at_"), _HEX, 32),
    (("da", "pi"), _HEX, 32),
    (("lin", "_api_"), _WORD, 40),
    (("dckr", "_pat_"), _WORD, 27),
    (("gl", "sa_"), _WORD, 32),
    (("pu", "l-"), _HEX, 40),
    (("PM", "AK-"), _HEX, 24),
    (("hv", "s."), _WORD, 95),
    (("NR", "AK-"), _UPPER, 27),
    (("SG", "."), _WORD, 22),
)


def api_key(chance: random.Random) -> tuple[str, str]:
    """A key, and its part that is secret."""
    (first, second), alphabet, size = chance.choice(FORMATS)
    body, tail = letters(chance, alphabet, size), ""
    if first == "SG":
        tail = "." + letters(chance, _WORD, 43)
    if second == "AK-" and first == "PM":
        tail = "-" + letters(chance, _HEX, 34)
    if second == "sa_":
        tail = "_" + letters(chance, _HEX, 8)
    return f"{first}{second}{body}{tail}", body


def letters(chance: random.Random, alphabet: str, size: int) -> str:
    """So many characters of an alphabet."""
    return "".join(chance.choice(alphabet) for _ in range(size))


def base64_text(chance: random.Random, size: int) -> str:
    """The base64 of so many random bytes."""
    return base64.b64encode(chance.randbytes(size)).decode()
