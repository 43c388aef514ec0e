"""What tests of the sandbox share without pytest's fixtures."""

from collections.abc import Callable
from pathlib import Path

import pytest

from transforms.sandbox.process import Completed

needs_bwrap = pytest.mark.skipif(
    not Path("/usr/bin/bwrap").exists(), reason="bubblewrap is not installed"
)
MIB = 1 << 20
Shell = Callable[..., Completed]
