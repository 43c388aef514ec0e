"""The `katydid` command: each subcommand is a thin shell around a function of the same name.

    katydid run all -c my.toml -s mine.repos='["/data/git/click.git"]' --run-dir runs/click
    katydid show runs/click
    katydid sql runs/click "select task_type, count(*) from dialogues group by all"

Our errors are printed on one line, with exit status 1; a traceback is a defect of ours.
"""

import json
import sys
from pathlib import Path
from typing import Any

import click

from pipelines.cli_options import config_option, json_option, overrides_option
from schemas.errors import ConfigError, InputError, KatydidError


def main() -> None:
    """The console script."""
    try:
        katydid.main(prog_name="katydid", standalone_mode=False)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except click.Abort:
        sys.exit("katydid: stopped; the next run continues from the shards already committed")
    except KatydidError as error:
        sys.exit(f"katydid: {error}")
    except OSError as error:
        sys.exit(f"katydid: {error}")
    except ModuleNotFoundError as error:
        if error.name and error.name.partition(".")[0] in _OPTIONAL:
            sys.exit(
                f"katydid: {error.name} is not installed; type: pip install 'katydid[pipelines]'"
            )
        raise


_OPTIONAL = (
    "ahocorasick",
    "apache_beam",
    "datasketch",
    "duckdb",
    "git",
    "github",
    "numba",
    "presidio_analyzer",
    "psutil",
    "re2",
    "tree_sitter",
)


@click.group()
@click.version_option(package_name="katydid")
def katydid() -> None:
    """Turn pull-request histories and repositories into training corpora for coding agents."""


@katydid.command()
@click.argument("stage", required=False)
@json_option
def stages(stage: str | None, as_json: bool) -> None:
    """List the stages in order, or every setting of one STAGE."""
    from pipelines.inspect import list_settings, list_stages

    values = list_settings(stage) if stage else list_stages()
    _print(values, as_json, columns=tuple(values[0]))


@katydid.command()
@click.argument("profile", required=False, default="")
@json_option
def rules(profile: str, as_json: bool) -> None:
    """List the rules of `mine` by profile, or those of one PROFILE."""
    from transforms.filters.rules import describe_rules

    values = describe_rules(profile)
    _print(values, as_json, columns=tuple(values[0]))


@katydid.command()
@click.argument("profile", required=False, default="")
@json_option
def profiles(profile: str, as_json: bool) -> None:
    """List the profiles of `anonymize`, or what one PROFILE keeps, removes and sets."""
    from transforms.anonymize.profiles import describe_profiles

    values = describe_profiles(profile)
    _print(values, as_json, columns=tuple(values[0]))


@katydid.command(context_settings={"ignore_unknown_options": False})
@click.argument("stage")
@config_option
@overrides_option
@click.option("--run-dir", required=True, help="Folder that the run lives in.")
@json_option
@click.argument("beam_options", nargs=-1, type=click.UNPROCESSED)
def run(
    stage: str,
    config_path: Path | None,
    overrides: tuple[str, ...],
    run_dir: str,
    as_json: bool,
    beam_options: tuple[str, ...],
) -> None:
    """Run one STAGE, or `all` of them in order. Options after -- go to Apache Beam."""
    from pipelines.decontaminate import check_lists
    from pipelines.inspect import result_values
    from pipelines.run import run_stage
    from pipelines.settings import load_settings
    from pipelines.stages import STAGES

    names = list(STAGES) if stage == "all" else [stage]
    if names[0] not in STAGES:
        raise ConfigError(f"no stage {stage!r}; type one of: all, {', '.join(STAGES)}")
    settings = load_settings(config_path, overrides)
    check_lists(settings)
    results = []
    for name in names:
        values = result_values(run_stage(name, settings, run_dir, beam_options))
        results.append(values)
        if not as_json:
            click.echo(f"{values['stage']}: {values['summary']}")
    if as_json:
        click.echo(json.dumps(results, indent=1))


@katydid.command()
@config_option
@overrides_option
@json_option
def hydrate(config_path: Path | None, overrides: tuple[str, ...], as_json: bool) -> None:
    """Ask GitHub about pull requests; what it answers goes to mine.github_archive."""
    from pipelines.github.hydrate import hydrate as hydrate_archive
    from pipelines.github.targets import archive_folder, repositories_to_ask
    from pipelines.settings import load_settings

    settings = load_settings(config_path, overrides)
    folder, repos = archive_folder(settings), repositories_to_ask(settings)
    values = [result.values() for result in hydrate_archive(settings.github, folder, repos)]
    for row in [] if as_json else values:
        row["skipped"] = ", ".join(f"{cause} {count:,}" for cause, count in row["skipped"].items())
    if values or as_json:
        _print(values, as_json, columns=tuple(values[0]) if values else ())
    if values and all(row["outcome"] != "done" for row in values):
        raise InputError("GitHub shows none of these repositories; check names and tokens")


@katydid.command()
@click.argument("run_dir")
@json_option
def show(run_dir: str, as_json: bool) -> None:
    """Rows in and out of every finished stage of RUN_DIR, why rows were rejected, duplicates."""
    from pipelines.duplicate_groups import duplicate_values, render_duplicates
    from pipelines.inspect import show_run

    stages, duplicates = show_run(run_dir), duplicate_values(run_dir)
    if as_json:
        click.echo(json.dumps({"stages": stages, "duplicates": duplicates}, indent=1))
        return
    _print(stages, as_json, columns=("stage", "read", "kept", "rejected", "reasons"))
    click.echo(render_duplicates(duplicates), nl=False)


@katydid.command()
@click.argument("run_dir")
@click.argument("row_id")
@click.option("--all", "wants_all", is_flag=True, help="Every row of the group, not the first 10.")
@json_option
def dups(run_dir: str, row_id: str, wants_all: bool, as_json: bool) -> None:
    """What deduplication of RUN_DIR decided on a row, and why. ROW_ID may be cut to 6 digits."""
    from pipelines.dups import explain_row
    from pipelines.dups_page import render_explanation

    values = explain_row(run_dir, row_id, wants_all=wants_all)
    click.echo(json.dumps(values, indent=1) if as_json else render_explanation(values))


@katydid.command()
@click.argument("run_dir")
@json_option
def check(run_dir: str, as_json: bool) -> None:
    """Verify every byte, row count and schema of RUN_DIR; exit 1 when something is wrong."""
    from pipelines.inspect import check_run

    problems = check_run(run_dir)
    if as_json:
        click.echo(json.dumps({"problems": problems}, indent=1))
    for problem in [] if as_json else problems:
        click.echo(problem)
    if problems:
        raise InputError(f"{len(problems)} problems in {run_dir}")
    if not as_json:
        click.echo(f"{run_dir}: every shard is what its manifest says")


@katydid.command()
@click.argument("table")
@json_option
def schema(table: str, as_json: bool) -> None:
    """The columns of TABLE with their Arrow types."""
    from pipelines.inspect import describe_table

    _print(describe_table(table), as_json, columns=("column", "type", "nullable"))


@katydid.command()
@click.argument("run_dir")
@click.argument("query")
@json_option
def sql(run_dir: str, query: str, as_json: bool) -> None:
    """Run a DuckDB QUERY over the finished tables of RUN_DIR.

    A table is a view under its own name, from the last stage that wrote it, and under
    STAGE.TABLE for each stage: `dialogues`, `mine.pull_requests`. `rejected` is all stages' rows.
    """
    from pipelines.query import run_query
    from pipelines.text_table import render_table

    columns, rows = run_query(run_dir, query)
    if as_json:
        values = [dict(zip(columns, row, strict=True)) for row in rows]
        click.echo(json.dumps(values, indent=1, default=str))
    else:
        click.echo(render_table(rows, columns))


@katydid.command()
@click.argument("run_dir")
@click.option("--model", "model_dir", help="Folder of trained checkpoints to report on as well.")
@json_option
def report(run_dir: str, model_dir: str | None, as_json: bool) -> None:
    """What a run came to: rows, reasons, the 8 x 8 grid, and the training losses."""
    from pipelines.report import render_report, report_values

    values = report_values(run_dir, model_dir)
    click.echo(json.dumps(values, indent=1) if as_json else render_report(values))


@katydid.command()
@click.argument("run_dir")
@config_option
@overrides_option
@click.option(
    "--canaries",
    "num_canaries",
    type=click.IntRange(min=0),
    default=3_000,
    show_default=True,
    help="Values to plant and anonymize.",
)
@click.option(
    "--scan-mb",
    type=click.IntRange(min=0),
    default=300,
    show_default=True,
    help="Megabytes for other scanners; a sample of rows where there are more; 0 for all.",
)
@click.option(
    "--allow",
    "allow_file",
    type=click.Path(path_type=Path),
    help="TOML file with the tags of values that were reviewed.",
)
@json_option
def audit(
    run_dir: str,
    config_path: Path | None,
    overrides: tuple[str, ...],
    num_canaries: int,
    scan_mb: int,
    allow_file: Path | None,
    as_json: bool,
) -> None:
    """Write RUN_DIR/audit: what anonymize left; exit 1 if any. Give -c and -s as for the run."""
    from pipelines.audit.audit import audit as audit_run
    from pipelines.audit.page import summary_lines
    from pipelines.settings import load_settings

    settings = load_settings(config_path, overrides)
    values = audit_run(
        run_dir, settings, num_canaries=num_canaries, scan_mb=scan_mb, allow_file=allow_file
    )
    click.echo(json.dumps(values, indent=1) if as_json else "\n".join(summary_lines(values)))
    if num := len(values["to_look_at"]):
        raise InputError(f"{num} things to look at; read {run_dir}/audit/AUDIT.md")


def _print(values: list[dict[str, Any]], as_json: bool, *, columns: tuple[str, ...]) -> None:
    from pipelines.text_table import render_table

    if as_json:
        click.echo(json.dumps(values, indent=1, default=str))
    else:
        click.echo(render_table([[row[column] for column in columns] for row in values], columns))
