"""Options that several commands share. In: nothing. Out: decorators for `pipelines.cli`.

@katydid.command()
@config_option
def hydrate(config_path: Path | None) -> None: ...
"""

from pathlib import Path

import click

json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON for a machine.")
config_option = click.option(
    "-c", "--config", "config_path", type=click.Path(path_type=Path), help="TOML file."
)
overrides_option = click.option(
    "-s",
    "--set",
    "overrides",
    multiple=True,
    metavar="STAGE.FIELD=VALUE",
    help="Override one setting; may be given several times.",
)
