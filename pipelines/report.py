"""What a run came to. In: a run folder and, if there is one, a model folder. Out: one page of text.

The page has a row per stage with reasons for rejection, the 8 x 8 grid of pull requests by task
type and scenario, the training losses, and the commands to try next.
"""

import json
import sys
from pathlib import Path
from typing import Any

from pipelines.inspect import show_run
from pipelines.query import run_query
from pipelines.text_table import render_table
from schemas.labels import Scenario, TaskType

_SCENARIO_HEADS = {
    Scenario.APPLICATION_DEVELOPMENT: "app",
    Scenario.UI_UX_ENGINEERING: "ui/ux",
    Scenario.DATA_SCIENCE_AND_ENGINEERING: "data",
    Scenario.MACHINE_LEARNING_AND_AI: "ml/ai",
    Scenario.DATABASE_SYSTEMS: "db",
    Scenario.INFRASTRUCTURE_DEVELOPMENT: "infra",
    Scenario.SPECIALIZED_PROGRAMMING_DOMAINS: "special",
    Scenario.SECURITY_ENGINEERING: "security",
}
_GRID_QUERY = """
    select task_type, scenario, count(*) from label.pull_requests group by all order by all
"""
_TRAINING_STAGES = ("midtrain", "sft", "rl")


def report_values(run_dir: str, model_dir: str | None) -> dict[str, Any]:
    """Everything on the page, as plain values."""
    stages = show_run(run_dir)
    finished = {row["stage"] for row in stages}
    grid = run_query(run_dir, _GRID_QUERY)[1] if "label" in finished else []
    return {
        "run_dir": run_dir,
        "stages": stages,
        "grid": [{"task_type": t, "scenario": s, "count": count} for t, s, count in grid],
        "training": _training_values(Path(model_dir)) if model_dir else [],
    }


def render_report(values: dict[str, Any]) -> str:
    """The page."""
    parts = [
        "Rows in and out of every stage",
        "",
        _render_stages(values["stages"]),
        "",
        "Pull requests by task type and scenario (abstained: the labeller was not sure)",
        "",
        _render_grid(values["grid"]),
    ]
    if values["training"]:
        parts += ["", "Training", "", _render_training(values["training"])]
    return "\n".join([*parts, "", "Try next", "", *_next_commands(values["run_dir"])])


def _render_stages(stages: list[dict[str, Any]]) -> str:
    columns = ("stage", "read", "kept", "rejected", "reasons")
    return render_table([[row[column] for column in columns] for row in stages], columns)


def _render_grid(grid: list[dict[str, Any]]) -> str:
    counts = {(cell["task_type"], cell["scenario"]): cell["count"] for cell in grid}
    scenarios: list[str | None] = [*(scenario.value for scenario in Scenario), None]
    rows = [
        [title, *(counts.get((task_type, scenario), 0) for scenario in scenarios)]
        for title, task_type in [
            *((task_type.heading, task_type.value) for task_type in TaskType),
            ("abstained", None),
        ]
    ]
    return render_table(rows, ["task type", *_SCENARIO_HEADS.values(), "abstained"])


def _training_values(model_dir: Path) -> list[dict[str, Any]]:
    """One row per measure of each trained stage, from the states beside its checkpoints."""
    rows = []
    for stage in _TRAINING_STAGES:
        path = model_dir / stage / "trainer" / "state.json"
        if path.exists():
            summary = json.loads(path.read_text(encoding="utf-8"))["summary"]
            rows += _measures(stage, summary)
    return rows


def _measures(stage: str, summary: dict[str, Any]) -> list[dict[str, Any]]:
    """Pairs of X_before and X_after, X_after_warmup and X_after, X_first and X_last, as rows."""
    return [
        {
            "stage": stage,
            "steps": summary["steps"],
            "tokens": summary["tokens"],
            "measure": name.removesuffix(start).replace("_", " ") + note,
            "before": value,
            "after": summary[name.removesuffix(start) + end],
        }
        for start, end, note in (
            ("_before", "_after", ""),
            ("_after_warmup", "_after", " since warm-up"),
            ("_first", "_last", ""),
        )
        for name, value in summary.items()
        if name.endswith(start)
    ]


def _render_training(training: list[dict[str, Any]]) -> str:
    columns = ("stage", "steps", "tokens", "measure", "before", "after")
    rows = [
        [*(row[column] for column in columns[:4]), f"{row['before']:.3f}", f"{row['after']:.3f}"]
        for row in training
    ]
    return render_table(rows, columns)


def _next_commands(run_dir: str) -> list[str]:
    query = "select task_type, scenario, count(*) from dialogues group by all"
    katydid = _own_command()
    return [
        f'  {katydid} sql {run_dir} "{query}"',
        f"  {katydid} check {run_dir}",
        f"  {katydid} run all -s mine.repos='[\"PATH-OR-URL\"]' --run-dir runs/mine",
    ]


def _own_command() -> str:
    """The command as it was called, when it was called by a path: then it may not be on PATH."""
    called = Path(sys.argv[0])
    return str(called) if called.name == "katydid" and called.parent != Path() else "katydid"
