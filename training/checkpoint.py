"""Checkpoints that a kill cannot damage. In: a function that fills a folder. Out: a whole folder.

    out/sft/                       the finished stage, in Hugging Face layout; whole or absent
    out/sft/trainer/state.json     fingerprint, step, summary
    out/sft/trainer/optimizer.pt   AdamW's moments
    out/.sft/step-000050/          the newest checkpoint of a stage that is not finished

A checkpoint is written under a temporary name and renamed; only then is the one before it deleted.
A checkpoint whose fingerprint (settings, data, starting point) is another is not resumed from.
"""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from schemas.errors import InputError

STATE = "trainer/state.json"
OPTIMIZER = "trainer/optimizer.pt"
METRICS = "metrics.jsonl"
TEMPORARY = ".tmp"


class Checkpoints:
    """The checkpoints of one stage in an output folder."""

    def __init__(self, out: Path, stage: str, fingerprint: str) -> None:
        self.final = out / stage
        self._progress = out / f".{stage}"
        self._fingerprint = fingerprint

    def finished(self) -> dict[str, Any] | None:
        """The state of the finished stage, if it is the one asked for."""
        state = read_state(self.final)
        return state if state and state["fingerprint"] == self._fingerprint else None

    def latest(self) -> Path | None:
        """The newest whole checkpoint of this very run, if there is one."""
        for folder in sorted(self._progress.glob("step-*"), reverse=True):
            if folder.suffix == TEMPORARY:
                continue
            state = read_state(folder)
            if state and state["fingerprint"] == self._fingerprint:
                return folder
        return None

    def save(self, step: int, state: dict[str, Any], fill: Callable[[Path], None]) -> Path:
        """Write a checkpoint, then delete those before it."""
        folder = self._progress / f"step-{step:06d}"
        temporary = folder.with_name(folder.name + TEMPORARY)
        shutil.rmtree(temporary, ignore_errors=True)
        (temporary / "trainer").mkdir(parents=True)
        fill(temporary)
        text = json.dumps(state | {"fingerprint": self._fingerprint, "step": step}, indent=1)
        (temporary / STATE).write_text(text + "\n", encoding="utf-8")
        shutil.rmtree(folder, ignore_errors=True)
        temporary.rename(folder)
        for other in self._progress.iterdir():
            if other != folder:
                shutil.rmtree(other)
        return folder

    def publish(self, folder: Path) -> None:
        """Make a checkpoint the finished stage, in place of an older one."""
        if self.final.exists():
            self.final.rename(self._progress / "replaced")
        folder.rename(self.final)
        self.discard()

    def discard(self) -> None:
        """Forget every unfinished checkpoint of the stage."""
        shutil.rmtree(self._progress, ignore_errors=True)


def read_state(folder: Path) -> dict[str, Any] | None:
    """The state in a checkpoint folder; None when it is no checkpoint of ours."""
    path = folder / STATE
    if not path.is_file():
        return None
    try:
        state: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except ValueError:
        raise InputError(f"{path} is corrupt; delete {folder} and run again") from None
    return state


def write_metrics(folder: Path, rows: list[dict[str, float]]) -> None:
    """One JSON object for each step. Nothing in it depends on the clock."""
    lines = [json.dumps(row) + "\n" for row in rows]
    (folder / METRICS).write_text("".join(lines), encoding="utf-8")


def read_metrics(folder: Path) -> list[dict[str, float]]:
    """The rows of a checkpoint's metrics."""
    text = (folder / METRICS).read_text(encoding="utf-8")
    return [json.loads(line) for line in text.splitlines()]
