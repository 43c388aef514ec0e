"""The errors a user can meet. In: nothing. Out: one small, picklable tree.

    KatydidError
        ConfigError      a setting is unknown or wrong          (also a ValueError)
        InputError       something to read is absent or corrupt (also a FileNotFoundError)
        SchemaError      a table does not have the columns it should (also a ValueError)
        StageError       a stage cannot go on                   (also a RuntimeError)
        SandboxError     no sandbox can be had here             (also a RuntimeError)
    RowError             one row cannot be used: it becomes a row of `rejected`

A message says what, where, and what to type next. The commands print a KatydidError on one line
and exit 1; any other exception is a defect of ours and keeps its traceback. No class has an
`__init__` of its own, so that each survives pickling between Beam workers.
"""

from schemas.reasons import Reason


class KatydidError(Exception):
    """Every error that is the user's to solve."""


class ConfigError(KatydidError, ValueError):
    """A setting is unknown, of the wrong type, or out of range."""


class InputError(KatydidError, FileNotFoundError):
    """A file, folder, repository or manifest is absent, or its bytes are not what they were."""


class SchemaError(KatydidError, ValueError):
    """A table lacks columns or holds values that its schema forbids."""


class StageError(KatydidError, RuntimeError):
    """A stage met something it cannot go past."""


class SandboxError(KatydidError, RuntimeError):
    """Untrusted code would have to run and no sandbox can be had."""


class RowError(Exception):
    """`RowError(reason, detail)`: this row is rejected. The detail never holds text of the row."""

    @property
    def reason(self) -> Reason:
        """Why the row is rejected."""
        return Reason(self.args[0])

    @property
    def detail(self) -> str:
        """Counts, names of classes or limits; never raw text."""
        return str(self.args[1]) if len(self.args) > 1 else ""
