"""What tests share without pytest: commands, comparisons, scripts that are no package."""

import importlib.util
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

ROOT = Path(__file__).parent.parent.parent
RUN_COMMAND = "from pipelines.cli import main; main()"
TRAIN_COMMAND = "from training.cli import main; main()"
NOT_COMPARED = ("METRICS.json",)
"""Measurements of one run on one machine; everything else must be the same bytes."""


@dataclass(frozen=True, kw_only=True)
class Samples:
    """The sample repositories, built."""

    folder: Path
    config: Path
    module: ModuleType

    @property
    def overrides(self) -> list[str]:
        """`-s` arguments that point the sample configuration at the built repositories."""
        repos = ", ".join(f'"{path}"' for path in sorted(self.folder.glob("*.git")))
        return ["-s", f"mine.repos=[{repos}]"]


def load_script(path: Path) -> ModuleType:
    """A script that is no package, as a module."""
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[path.stem] = module
    spec.loader.exec_module(module)
    return module


def command(source: str, *arguments: str | Path) -> list[str]:
    """A console script's command line, by its entry point."""
    return [sys.executable, "-c", source, *map(str, arguments)]


def katydid(*arguments: str | Path, check: bool = True) -> subprocess.CompletedProcess[str]:
    """Run the `katydid` command."""
    result = subprocess.run(
        command(RUN_COMMAND, *arguments), capture_output=True, text=True, cwd=ROOT, check=False
    )
    assert not check or result.returncode == 0, result.stdout + result.stderr
    return result


def files_of(folder: Path) -> dict[str, bytes]:
    """Every file below a folder by relative path, except measurements."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name not in NOT_COMPARED
    }
