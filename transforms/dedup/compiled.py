"""Loops as machine code. In: a function of arrays and numbers. Out: the same, compiled by Numba.

    @compiled
    def total(values: I64) -> int: ...

Compiled when first called with arguments of some types, and kept on disk: beside the source, or
where that cannot be written under the user's cache folder or `NUMBA_CACHE_DIR`. Runs without the
GIL. Keep helpers in the file of what calls them, or unchanged: Numba looks for changes in the file
of the called function only.
"""

import logging
from collections.abc import Callable
from typing import ParamSpec, TypeVar, cast

from numba import njit

P = ParamSpec("P")
R = TypeVar("R")

_log = logging.getLogger(__name__)


def compiled(function: Callable[P, R]) -> Callable[P, R]:
    """The function compiled when it is first called."""
    try:
        made = njit(nogil=True, cache=True)(function)
    except RuntimeError as error:
        # What Numba raises where no folder can be written, as in a container without a home.
        _log.warning("compiling in every process, unless you set NUMBA_CACHE_DIR: %s", error)
        made = njit(nogil=True)(function)
    return cast(Callable[P, R], made)
