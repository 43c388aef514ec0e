"""The `katydid-train` command. In: a command line. Out: a trained checkpoint and a summary.

    katydid-train sft -c training/configs/tiny.toml -s optimizer.lr=1e-3 --data runs/click/mix \\
        --out runs/click/model

Errors that are the user's to solve are printed on one line, with exit status 1.
"""

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

import click

from schemas.errors import KatydidError
from schemas.settings import load
from training.config import TrainConfig
from training.midtrain import midtrain
from training.rl import rl
from training.sft import sft
from training.stage import Request

Stage = Callable[[Request], dict[str, Any]]


@click.group()
@click.version_option(package_name="katydid")
def train() -> None:
    """Train the agent: mid-training, supervised fine-tuning, reinforcement learning.

    Run the stages in this order with the same --out; each starts from the one before.
    """


def main() -> None:
    """The console script."""
    train(prog_name="katydid-train")


def _add_command(stage: Stage, help_text: str, *, reads_data: bool = True) -> None:
    """A stage as a command; all three take the same options."""

    @train.command(name=stage.__name__, help=help_text)
    @click.option("-c", "--config", type=click.Path(path_type=Path), help="Settings, a TOML file.")
    @click.option("-s", "--set", "overrides", multiple=True, help="section.field=value over it.")
    @click.option(
        "--data",
        required=reads_data,
        help="Folder or URI of the finished stage mix."
        + ("" if reads_data else " Not read: the tasks are built in."),
    )
    @click.option("--out", required=True, type=click.Path(path_type=Path), help="Output folder.")
    @click.option(
        "--from", "start", type=click.Path(path_type=Path), help="Checkpoint to start from."
    )
    @click.option("--resume/--no-resume", default=True, help="Go on from where a run was stopped.")
    @click.option("--json", "as_json", is_flag=True, help="Print the summary as JSON.")
    def command(
        config: Path | None,
        overrides: tuple[str, ...],
        data: str | None,
        out: Path,
        start: Path | None,
        resume: bool,
        as_json: bool,
    ) -> None:
        try:
            settings = load(TrainConfig, config, overrides)
            request = Request(config=settings, data=data, out=out, start=start, resume=resume)
            _print_summary(stage(request), as_json)
        except (KatydidError, OSError) as error:
            _stop(f"error: {error}")
        except KeyboardInterrupt:
            _stop("stopped; the same command goes on from the newest checkpoint")


def _stop(message: str) -> NoReturn:
    click.echo(message, err=True)
    sys.exit(1)


def _print_summary(summary: dict[str, Any], as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(summary))
        return
    width = max(len(name) for name in summary)
    for name, value in summary.items():
        text = f"{value:.4f}" if isinstance(value, float) else "none" if value is None else value
        click.echo(f"{name.replace('_', ' '):<{width}}  {text}")


_add_command(midtrain, "Next-token prediction on every token of the documents.")
_add_command(sft, "Loss on what the assistant says in the dialogues, none on failed calls.")
_add_command(rl, "Group rollouts in the built-in store, merged into trees.", reads_data=False)
