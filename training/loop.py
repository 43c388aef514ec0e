"""The loop of every stage: train from where it stands to its end, save on the way, publish.

In: an opened stage, a trainer, a source of windows. Out: a summary, and `<out>/<stage>` in Hugging
Face layout.

    run_stage(opened, trainer, tokenizer, source, measure)
      -> {"stage": "sft", "train_loss_first": 5.1, "train_loss_last": 2.3, ...}

`source(step)` gives the same window whenever it is asked, and training draws no random numbers of
its own; so a run that was stopped and goes on ends with the bytes of a run that was not.
"""

import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from training.checkpoint import OPTIMIZER, read_metrics, read_state, write_metrics
from training.forest import Forest
from training.progress import Progress
from training.stage import Opened
from training.tokenizer import FILES, Tokenizer, write_chat_template
from training.trainer import Trainer, lr_at

ENDS = 5
"""The first and the last value of a summary are means over so many steps."""

Row = dict[str, float]
Measured = dict[str, float | None]


@dataclass(frozen=True, kw_only=True)
class Window:
    """The forests of one step, and numbers that the source wants in the metrics."""

    forests: list[Forest]
    numbers: Row = field(default_factory=dict)
    lr: float | None = None
    """Learning rate of the step; None: the schedule's."""


def run_stage(
    opened: Opened,
    trainer: Trainer,
    tokenizer: Tokenizer,
    source: Callable[[int], Window],
    measure: Callable[[], Measured],
    save_extra: Callable[[Path], None] = lambda folder: None,
) -> dict[str, Any]:
    """The summary of the stage. `measure` is called before the first step and after the last."""
    rows, before = _restore(opened, trainer) if opened.resumed else ([], measure())
    start = len(rows)

    def fill(folder: Path) -> None:
        _fill_checkpoint(folder, trainer, tokenizer, rows)
        save_extra(folder)

    with Progress(opened.stage, opened.loop.steps, start) as progress:
        progress.say(f"starts from {opened.resumed or opened.start or 'random weights'}", before)
        for step in range(start, opened.loop.steps):
            window = source(step)
            scheduled = lr_at(step, opened.loop.steps, trainer.config.optimizer)
            lr = opened.loop.lr_factor * scheduled if window.lr is None else window.lr
            numbers = trainer.step(lr, window.forests) | window.numbers
            rows.append({"step": step + 1.0} | numbers | _count_tokens(window.forests))
            progress.advance(rows[-1])
            if (step + 1) % opened.loop.checkpoint_every == 0 and step + 1 < opened.loop.steps:
                opened.checkpoints.save(step + 1, {"before": before}, fill)
        summary = _summary(opened, rows, before, measure())
    final = {"before": before, "summary": summary}
    opened.checkpoints.publish(opened.checkpoints.save(opened.loop.steps, final, fill))
    return summary | {
        "folder": str(opened.checkpoints.final),
        "resumed_from_step": start,
        "seconds": round(progress.seconds, 2),
        "up_to_date": False,
    }


def _restore(opened: Opened, trainer: Trainer) -> tuple[list[Row], Measured]:
    """The metrics so far and what was measured before the first step."""
    assert opened.resumed is not None
    trainer.load_optimizer(opened.resumed / OPTIMIZER)
    state = read_state(opened.resumed) or {}
    return read_metrics(opened.resumed), state["before"]


def _fill_checkpoint(folder: Path, trainer: Trainer, tokenizer: Tokenizer, rows: list[Row]) -> None:
    trainer.model.save_pretrained(folder)
    for name in FILES:
        shutil.copyfile(tokenizer.folder / name, folder / name)
    write_chat_template(folder)
    trainer.save_optimizer(folder / OPTIMIZER)
    write_metrics(folder, rows)


def _count_tokens(forests: list[Forest]) -> Row:
    return {
        "tokens": float(sum(len(forest) for forest in forests)),
        "chain_tokens": float(sum(forest.num_chain_tokens for forest in forests)),
    }


def _summary(opened: Opened, rows: list[Row], before: Measured, after: Measured) -> dict[str, Any]:
    headline = "reward" if any("reward" in row for row in rows) else "loss"
    values = [row[headline] for row in rows if headline in row]
    first, last = values[:ENDS], values[-ENDS:]
    num_tokens, num_chain_tokens = (
        sum(row[name] for row in rows) for name in ("tokens", "chain_tokens")
    )
    return {
        "stage": opened.stage,
        "started_from": opened.start.name if opened.start else "random weights",
        "steps": len(rows),
        "tokens": int(num_tokens),
        "tree_token_ratio": num_tokens / num_chain_tokens,
        f"train_{headline}_first": sum(first) / len(first),
        f"train_{headline}_last": sum(last) / len(last),
        **{f"{name}_before": value for name, value in before.items()},
        **{name: row[name] for row in rows for name in row if name.endswith("_after_warmup")},
        **{f"{name}_after": value for name, value in after.items()},
    }
