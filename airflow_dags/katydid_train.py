"""The agent, whenever there is a new corpus: mid-training, supervised fine-tuning, tree RL.

In: the asset `katydid_corpus`, the folder of its `mix` stage, a settings file. Out: checkpoints
below the model folder, one folder per stage.

    airflow dags test katydid_train
    airflow dags trigger katydid_train --conf '{"model_dir": "/models/agent-7"}'

Each task is one command, `katydid-train STAGE`. It does nothing when settings, corpus and starting
point are those of its last run, so a day without changes trains nothing; after a failure or a
timeout the retry goes on from the newest checkpoint.

| what | where from | default |
|---|---|---|
| settings file | param `config`, else `KATYDID_TRAIN_CONFIG` | /etc/katydid/train.toml |
| run folder of the corpus | param `run_dir`, else `KATYDID_RUN_DIR` | /var/lib/katydid/corpus |
| model folder | param `model_dir`, else `KATYDID_MODEL_DIR` | /var/lib/katydid/model |
| command | `KATYDID_TRAIN_BIN` of the worker | katydid-train |
| tries after a failure | `KATYDID_RETRIES` | 2 |

Workers with a GPU take these tasks when `KATYDID_TRAIN_QUEUE` names their queue. Variables not said
to be the worker's are read where DAG files are parsed.
"""

import os
from datetime import UTC, datetime, timedelta

from airflow.providers.standard.operators.bash import BashOperator
from airflow.sdk import DAG, Asset, Param, chain

CORPUS = Asset("katydid_corpus")

STAGES = {"midtrain": 72, "sft": 48, "rl": 72}
"""Stage -> hours after which a try is stopped; in the order in which they run."""

# Parameters reach the shell as variables; no template ever becomes part of a command.
TRAIN_STAGE = (
    'exec "${KATYDID_TRAIN_BIN:-katydid-train}" "$KATYDID_STAGE" -c "$KATYDID_TRAIN_CONFIG"'
    ' --data "${KATYDID_RUN_DIR%/}/mix" --out "$KATYDID_MODEL_DIR"'
)
ENVIRONMENT = {
    "KATYDID_TRAIN_CONFIG": "{{ params.config }}",
    "KATYDID_RUN_DIR": "{{ params.run_dir }}",
    "KATYDID_MODEL_DIR": "{{ params.model_dir }}",
}


def train_stage(stage: str, hours: int) -> BashOperator:
    """The task of one stage."""
    return BashOperator(
        task_id=stage,
        bash_command=TRAIN_STAGE,
        env=ENVIRONMENT | {"KATYDID_STAGE": stage},
        execution_timeout=timedelta(hours=hours),
        doc_md=f"`katydid-train {stage}`; type it with `--help` to see its options.",
    )


with DAG(
    dag_id="katydid_train",
    description="A checked corpus to a trained agent",
    doc_md=__doc__,
    schedule=[CORPUS],
    start_date=datetime(2026, 1, 1, tzinfo=UTC),
    catchup=False,
    max_active_runs=1,
    tags=["katydid"],
    params={
        "config": Param(
            os.environ.get("KATYDID_TRAIN_CONFIG", "/etc/katydid/train.toml"),
            type="string",
            minLength=1,
            description="Settings file, as for `katydid-train -c`",
        ),
        "run_dir": Param(
            os.environ.get("KATYDID_RUN_DIR", "/var/lib/katydid/corpus"),
            type="string",
            minLength=1,
            description="Run folder whose `mix` stage is trained on",
        ),
        "model_dir": Param(
            os.environ.get("KATYDID_MODEL_DIR", "/var/lib/katydid/model"),
            type="string",
            minLength=1,
            description="Folder for checkpoints",
        ),
    },
    default_args={
        "append_env": True,
        # By default exit status 99 would skip the task, and those after it, without a failure.
        "skip_on_exit_code": None,
        "do_xcom_push": False,
        "queue": os.environ.get("KATYDID_TRAIN_QUEUE", "default"),
        "retries": int(os.environ.get("KATYDID_RETRIES", "2")),
        "retry_delay": timedelta(minutes=5),
        "retry_exponential_backoff": True,
    },
):
    chain(*(train_stage(stage, hours) for stage, hours in STAGES.items()))
