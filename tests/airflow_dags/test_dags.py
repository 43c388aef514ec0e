"""The DAGs on a real Airflow: they parse, run the commands in order, and fail when those fail.

Airflow runs in processes of its own, with one AIRFLOW_HOME for all tests of this file: importing
it here would make a folder in the user's home.
"""

import ast
import importlib.util
import json
import os
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from support import ROOT, Samples

from pipelines.stages import STAGES
from training.stage import STAGES as TRAINING_STAGES

DAGS = ROOT / "airflow_dags"
BIN = Path(sys.executable).parent
FILES = sorted(DAGS.glob("*.py"))
NEEDS_AIRFLOW = pytest.mark.skipif(
    importlib.util.find_spec("airflow") is None, reason="needs the extra katydid[airflow]"
)
DESCRIBE = """
import json, sys
from airflow.dag_processing.dagbag import DagBag

def as_list(schedule):
    return [schedule] if isinstance(schedule, str) else list(schedule)

bag = DagBag(sys.argv[1])
values = {"errors": bag.import_errors}
for name, dag in bag.dags.items():
    tasks = dag.topological_sort()
    values[name] = {
        "order": [task.task_id for task in tasks],
        "downstream": {task.task_id: sorted(task.downstream_task_ids) for task in tasks},
        "commands": [task.bash_command for task in tasks],
        "outlets": {task.task_id: [asset.name for asset in task.outlets] for task in tasks},
        "retries": [task.retries for task in tasks],
        "hours": [task.execution_timeout.total_seconds() / 3600 for task in tasks],
        "documented": all(task.doc_md for task in tasks) and bool(dag.doc_md),
        "schedule": [getattr(each, "name", each) for each in as_list(dag.schedule)],
        "catchup": dag.catchup,
        "max_active_runs": dag.max_active_runs,
    }
print(json.dumps(values))
"""


@pytest.fixture(scope="module")
def airflow_env(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The environment of an Airflow with an empty database that knows our DAGs only."""
    env = {name: value for name, value in os.environ.items() if not name.startswith("AIRFLOW")}
    env |= {
        "AIRFLOW_HOME": str(tmp_path_factory.mktemp("airflow")),
        "AIRFLOW__CORE__DAGS_FOLDER": str(DAGS),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "KATYDID_RETRIES": "0",
        "KATYDID_BIN": str(BIN / "katydid"),
        "KATYDID_TRAIN_BIN": str(BIN / "katydid-train"),
    }
    airflow(env, "db", "migrate")
    return env


@pytest.fixture(scope="module")
def parsed(airflow_env: dict[str, str]) -> Any:
    """What Airflow makes of the DAG files."""
    env = {name: value for name, value in airflow_env.items() if not name.startswith("KATYDID")}
    command = [sys.executable, "-c", DESCRIBE, str(DAGS)]
    output = subprocess.run(command, env=env, capture_output=True, text=True, check=True).stdout
    return json.loads(output.splitlines()[-1])


def airflow(env: dict[str, str], *arguments: str, check: bool = True) -> Any:
    """Run an `airflow` command; what it printed is part of a failure's message."""
    command = [str(BIN / "airflow"), *arguments]
    result = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
    assert not check or result.returncode == 0, result.stdout[-4000:] + result.stderr[-4000:]
    return result


def query(env: dict[str, str], sql: str) -> list[tuple[Any, ...]]:
    database = sqlite3.connect(Path(env["AIRFLOW_HOME"]) / "airflow.db")
    try:
        return database.execute(sql).fetchall()
    finally:
        database.close()


def states(env: dict[str, str], dag_id: str) -> dict[str, str]:
    """Task -> state in the latest run of a DAG."""
    run = f"(select run_id from dag_run where dag_id = '{dag_id}' order by id desc limit 1)"
    return dict(query(env, f"select task_id, state from task_instance where run_id = {run}"))


def announced(env: dict[str, str]) -> list[str]:
    """The tasks that announced a corpus, one for each time."""
    return [task for (task,) in query(env, "select source_task_id from asset_event")]


@NEEDS_AIRFLOW
def test_github_is_asked_first_where_the_variable_says_so(airflow_env: dict[str, str]) -> None:
    command = [sys.executable, "-c", DESCRIBE, str(DAGS)]
    env = airflow_env | {"KATYDID_HYDRATE": "yes"}
    output = subprocess.run(command, env=env, capture_output=True, text=True, check=True).stdout
    dag = json.loads(output.splitlines()[-1])["katydid_corpus"]
    assert dag["order"][:2] == ["hydrate", "mine"]
    assert dag["commands"][0].endswith('hydrate -c "$KATYDID_CONFIG"')


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_dag_files_import_airflow_and_the_standard_library_only(path: Path) -> None:
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="ascii"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0
            names.add(str(node.module))
    packages = {name.partition(".")[0] for name in names}
    assert packages - sys.stdlib_module_names == {"airflow"}


@NEEDS_AIRFLOW
def test_dags_parse(parsed: Any) -> None:
    assert parsed["errors"] == {}
    assert set(parsed) == {"errors", *(path.stem for path in FILES)}


@NEEDS_AIRFLOW
@pytest.mark.parametrize(
    ("dag_id", "order"),
    [("katydid_corpus", [*STAGES, "check"]), ("katydid_train", list(TRAINING_STAGES))],
)
def test_one_task_for_each_stage_in_the_order_of_the_pipeline(
    parsed: Any, dag_id: str, order: list[str]
) -> None:
    following = [[stage] for stage in order[1:]] + [[]]
    assert parsed[dag_id]["order"] == order
    assert parsed[dag_id]["downstream"] == dict(zip(order, following, strict=True))


@NEEDS_AIRFLOW
def test_training_waits_for_a_checked_corpus(parsed: Any) -> None:
    outlets = parsed["katydid_corpus"]["outlets"]
    assert {task: assets for task, assets in outlets.items() if assets} == {
        "check": parsed["katydid_train"]["schedule"]
    }
    assert parsed["katydid_corpus"]["schedule"] == ["@daily"]


@NEEDS_AIRFLOW
@pytest.mark.parametrize("dag_id", ["katydid_corpus", "katydid_train"])
def test_habits_of_a_dag(parsed: Any, dag_id: str) -> None:
    values = parsed[dag_id]
    assert values["documented"]
    assert not values["catchup"]
    assert values["max_active_runs"] == 1
    assert set(values["retries"]) == {2}
    assert all(0 < hours <= 72 for hours in values["hours"])
    assert not [command for command in values["commands"] if "{{" in command or "{%" in command]


@NEEDS_AIRFLOW
def test_parameters_arrive_whole_and_a_failure_stops_the_run(
    airflow_env: dict[str, str], tmp_path: Path
) -> None:
    script = tmp_path / "failing command"
    script.write_text(f'#!/bin/sh\nprintf "%s\\n" "$@" > "{tmp_path}/arguments"\nexit 99\n')
    script.chmod(0o700)
    hostile = f"{tmp_path}/a b; touch '{tmp_path}/broken' $(touch {tmp_path}/broken) \"{{{{ 1 }}}}"
    env = airflow_env | {
        "KATYDID_BIN": str(script),
        "KATYDID_CONFIG": hostile,
        "KATYDID_RUN_DIR": hostile,
    }
    before = announced(env)
    result = airflow(env, "dags", "test", "katydid_corpus", check=False)
    arguments = (tmp_path / "arguments").read_text().splitlines()
    assert arguments == ["run", "mine", "-c", hostile, "--run-dir", hostile]
    assert not (tmp_path / "broken").exists()
    assert result.returncode != 0
    first, *later = [*STAGES, "check"]
    assert states(env, "katydid_corpus") == {first: "failed"} | dict.fromkeys(
        later, "upstream_failed"
    )
    assert announced(env) == before


@NEEDS_AIRFLOW
@pytest.mark.slow
def test_corpus_of_the_samples_end_to_end(
    airflow_env: dict[str, str], samples: Samples, tmp_path: Path
) -> None:
    config = tmp_path / "samples.toml"
    text = samples.config.read_text().replace("data_samples/repos", str(samples.folder))
    config.write_text(text)
    run_dir = tmp_path / "run"
    env = airflow_env | {"KATYDID_CONFIG": str(config), "KATYDID_RUN_DIR": str(run_dir)}
    before = announced(env)
    airflow(env, "dags", "test", "katydid_corpus")
    first = {path: path.stat().st_mtime_ns for path in run_dir.rglob("*.parquet")}
    assert {path.name for path in run_dir.iterdir() if path.is_dir()} >= set(STAGES)
    assert set(states(env, "katydid_corpus").values()) == {"success"}
    assert announced(env) == [*before, "check"]

    again = airflow(env, "dags", "test", "katydid_corpus")
    assert (again.stdout + again.stderr).count("up to date") >= len(STAGES)
    assert {path: path.stat().st_mtime_ns for path in run_dir.rglob("*.parquet")} == first


@NEEDS_AIRFLOW
@pytest.mark.slow
def test_training_on_the_sample_corpus_end_to_end(
    airflow_env: dict[str, str], sample_run: Path, tmp_path: Path
) -> None:
    config = tmp_path / "train.toml"
    tiny = (ROOT / "training" / "configs" / "tiny.toml").read_text()
    config.write_text("\n".join(two_steps(line) for line in tiny.splitlines()))
    env = airflow_env | {
        "KATYDID_TRAIN_CONFIG": str(config),
        "KATYDID_RUN_DIR": str(sample_run),
        "KATYDID_MODEL_DIR": str(tmp_path / "model"),
    }
    airflow(env, "dags", "test", "katydid_train")
    assert states(env, "katydid_train") == dict.fromkeys(TRAINING_STAGES, "success")
    for stage in TRAINING_STAGES:
        assert (tmp_path / "model" / stage / "config.json").is_file()


def two_steps(line: str) -> str:
    """A line of the training settings with two steps in the place of many."""
    name = line.partition(" =")[0]
    return f"{name} = 2" if name in ("steps", "warmup_steps") else line
