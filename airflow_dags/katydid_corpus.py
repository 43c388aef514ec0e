"""The corpus, once a day: every stage of Katydid in order, then a check of all bytes.

In: a settings file and a run folder. Out: the stages' folders below the run folder, and the asset
`katydid_corpus` once `check` has found every shard to be what its manifest says.

    airflow dags test katydid_corpus
    airflow dags trigger katydid_corpus --conf '{"run_dir": "/data/corpus"}'

Each task is one command, `katydid run STAGE`, which does nothing when settings, inputs and code
are those of the last run ("up to date") and goes on from the shards already written after a
failure or a timeout. So running daily, retrying and clearing a task are all safe.

| what | where from | default |
|---|---|---|
| settings file | param `config`, else `KATYDID_CONFIG` | /etc/katydid/katydid.toml |
| run folder | param `run_dir`, else `KATYDID_RUN_DIR` | /var/lib/katydid/corpus |
| command | `KATYDID_BIN` of the worker | katydid |
| tries after a failure | `KATYDID_RETRIES` | 2 |
| ask GitHub before mining | `KATYDID_HYDRATE`, any value | no |

A relative path is relative to a temporary folder of the task, so write absolute ones, the
repositories in the settings file included. Variables not said to be the worker's are read where
DAG files are parsed. Whoever may trigger the DAG may choose both paths, but not the command.
"""

import os
from datetime import UTC, datetime, timedelta

from airflow.providers.standard.operators.bash import BashOperator
from airflow.sdk import DAG, Asset, Param, chain

CORPUS = Asset("katydid_corpus")

STAGES = {
    "mine": 6,
    "anonymize": 12,
    "dedup": 6,
    "decontaminate": 3,
    "label": 3,
    "synthesize": 24,
    "dedup_dialogues": 3,
    "mix": 4,
}
"""Stage -> hours after which a try is stopped; in the order in which they run."""
CHECK_HOURS = 4
HYDRATE_HOURS = 24
"""5,000 requests an hour and token; a first run over large repositories waits for many hours."""

# Parameters reach the shell as variables; no template ever becomes part of a command.
RUN_STAGE = (
    'exec "${KATYDID_BIN:-katydid}" run "$KATYDID_STAGE"'
    ' -c "$KATYDID_CONFIG" --run-dir "$KATYDID_RUN_DIR"'
)
HYDRATE = 'exec "${KATYDID_BIN:-katydid}" hydrate -c "$KATYDID_CONFIG"'
CHECK = 'exec "${KATYDID_BIN:-katydid}" check "$KATYDID_RUN_DIR"'
ENVIRONMENT = {
    "KATYDID_CONFIG": "{{ params.config }}",
    "KATYDID_RUN_DIR": "{{ params.run_dir }}",
}


def run_stage(stage: str, hours: int) -> BashOperator:
    """The task of one stage."""
    return BashOperator(
        task_id=stage,
        bash_command=RUN_STAGE,
        env=ENVIRONMENT | {"KATYDID_STAGE": stage},
        execution_timeout=timedelta(hours=hours),
        doc_md=f"`katydid run {stage}`; to see its settings, type `katydid stages {stage}`.",
    )


def hydrate() -> BashOperator:
    """The task that asks GitHub; the worker's `GITHUB_TOKENS` holds the tokens."""
    return BashOperator(
        task_id="hydrate",
        bash_command=HYDRATE,
        env=ENVIRONMENT,
        execution_timeout=timedelta(hours=HYDRATE_HOURS),
        doc_md="`katydid hydrate`: asks only for what changed, and goes on where it stopped.",
    )


with DAG(
    dag_id="katydid_corpus",
    description="Pull requests and repositories to a checked training corpus",
    doc_md=__doc__,
    schedule="@daily",
    start_date=datetime(2026, 1, 1, tzinfo=UTC),
    catchup=False,
    max_active_runs=1,
    tags=["katydid"],
    params={
        "config": Param(
            os.environ.get("KATYDID_CONFIG", "/etc/katydid/katydid.toml"),
            type="string",
            minLength=1,
            description="Settings file, as for `katydid run -c`",
        ),
        "run_dir": Param(
            os.environ.get("KATYDID_RUN_DIR", "/var/lib/katydid/corpus"),
            type="string",
            minLength=1,
            description="Folder that the run lives in",
        ),
    },
    default_args={
        "append_env": True,
        # By default exit status 99 would skip the task, and those after it, without a failure.
        "skip_on_exit_code": None,
        "do_xcom_push": False,
        "retries": int(os.environ.get("KATYDID_RETRIES", "2")),
        "retry_delay": timedelta(minutes=5),
        "retry_exponential_backoff": True,
    },
):
    check = BashOperator(
        task_id="check",
        bash_command=CHECK,
        env=ENVIRONMENT,
        execution_timeout=timedelta(hours=CHECK_HOURS),
        outlets=[CORPUS],
        doc_md="`katydid check`: bytes, row counts, schemas and lineage. Announces the corpus.",
    )
    first = [hydrate()] if os.environ.get("KATYDID_HYDRATE") else []
    chain(*first, *(run_stage(stage, hours) for stage, hours in STAGES.items()), check)
