"""What the fork server imports once, so that every stage starts with Beam loaded.

In: nothing. Out: `pipelines.workers` in `sys.modules`. Beam warns at import about cloud clients
that nobody asked for; a handler that drops records keeps that from the operator's screen.
"""

import importlib
import logging
import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec
from types import ModuleType


class LeaveOut:
    """Says of some modules that they are not installed; a finder of `sys.meta_path`.

    Beam, pyarrow and Numba import them where they are, and no stage uses them: 0.6 s of CPU for
    each process of a stage (measured).
    """

    names = ("pandas", "pymongo", "scipy")

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Raises ModuleNotFoundError for the names, leaves others to the next finder."""
        if name in self.names:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
        return None


sys.meta_path.insert(0, LeaveOut())
logging.getLogger().addHandler(logging.NullHandler())
importlib.import_module("pipelines.workers")
