"""The secret members of JSON Web Keys (RFC 7518, section 6). In: text. Out: spans.

find_key_members('{"kty": "oct", "k": "GawgguFyGrWKav7AX4VKUg"}')  ->  [(21, 43)]

The members have names of one or two letters, so they count only near a "kty".
"""

from collections.abc import Iterator

from transforms.anonymize.linear_patterns import compile_linear

_KEY_TYPE = compile_linear(r"""kty["']?[ \t]*(?::|=>|=|,)[ \t]*["']""")
_MEMBER = compile_linear(
    r"""(?:^|[^\w.$-])["']?(?:d|k|p|q|dp|dq|qi)["']?[ \t]*(?::|=>|=)\s{0,40}["']([\w-]{16,})["']"""
)
_MAX_DISTANCE = 4000


def find_key_members(text: str) -> list[tuple[int, int]]:
    """(start, end) of each value, in characters, in order."""
    # One byte per character, so that RE2's positions are those of the text.
    data = text.encode("ascii", "replace")
    return [
        match.span(1)
        for first, last in _neighbourhoods(data)
        for match in _MEMBER.finditer(data, first, last)
    ]


def _neighbourhoods(data: bytes) -> Iterator[tuple[int, int]]:
    """Disjoint stretches around the key types, in order."""
    first = last = 0
    for match in _KEY_TYPE.finditer(data):
        if match.start() - _MAX_DISTANCE > last:
            yield first, last
            first = match.start() - _MAX_DISTANCE
        last = min(len(data), match.end() + _MAX_DISTANCE)
    yield first, last
