"""Modules that no stage uses, and that libraries import where they are. In: names. Out: not found.

leave_out()                                      at the start of a stage's process
take_back()                                      for what a user brings, who may need them
"""

import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec
from types import ModuleType


class _NotFound:
    """A finder of `sys.meta_path`; None in `sys.modules` would do, but for pyarrow and pandas."""

    names = ("pandas", "pymongo", "scipy")

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Raises ModuleNotFoundError for the names, leaves others to the next finder."""
        if name in self.names:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
        return None


def leave_out() -> None:
    """Say of pandas, pymongo and SciPy that they are not installed.

    Beam, pyarrow and Numba import them: 0.6 s of CPU over the processes of a stage (measured).
    """
    sys.meta_path.insert(0, _NotFound())


def take_back() -> None:
    """Let everything that is installed be found."""
    sys.meta_path = [finder for finder in sys.meta_path if not isinstance(finder, _NotFound)]
