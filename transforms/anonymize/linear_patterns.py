"""Patterns in linear time. In: RE2's syntax. Out: a compiled pattern.

    compile_linear(r"[0-9]{1,3}(?:\\.[0-9]{1,3}){3}").search(b"at 52.4.8.15")

RE2 gives up its automaton where the memory for it is used up, says so on stderr, and goes on ten
times slower. Its default of 8 MiB is used up by repetitions such as "[^\\n]{0,200}?" in a large
text; the memory here is a limit, taken only where a text needs it.
"""

from functools import cache
from typing import Any

import re2

_MAX_BYTES = 64 << 20


@cache
def compile_linear(pattern: str, *, is_binary: bool = False) -> Any:
    """Raises re2.error for a pattern that is none. `is_binary`: a "." is a byte, not UTF-8."""
    options = re2.Options()
    options.max_mem = _MAX_BYTES
    if is_binary:
        options.encoding = re2.Options.Encoding.LATIN1
    return re2.compile(pattern.encode("latin-1") if is_binary else pattern, options)
