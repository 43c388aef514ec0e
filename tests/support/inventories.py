"""Inventories for tests, and every row that mining them gives."""

import json
from pathlib import Path
from typing import Any

from mined import Rows

from pipelines.mine.config import MineConfig
from pipelines.mine.git import open_repository
from pipelines.mine.plan import plan_mining
from pipelines.mine.repositories import MinedRepository, find_repositories
from pipelines.mine.shards import read_shard
from schemas.tables import TABLES


def write_inventory(folder: Path, *tables: dict[str, Any], name: str = "inventory.toml") -> Path:
    """A TOML file with these [[repository]] tables."""
    lines = []
    for table in tables:
        lines.append("[[repository]]")
        lines += [f"{key} = {json.dumps(value)}" for key, value in table.items()]
    path = folder / name
    path.write_text("\n".join(lines) + "\n")
    return path


def find(folder: Path, *tables: dict[str, Any], **config: Any) -> dict[str, MinedRepository]:
    """The repositories of an inventory in a folder, by name."""
    settings = _settings(folder, tables, config)
    return {mined.name: mined for mined in find_repositories(settings)}


def mine_inventory(folder: Path, *tables: dict[str, Any], **config: Any) -> Rows:
    """All rows by table."""
    settings = _settings(folder, tables, config)
    rows: Rows = {table: [] for table in TABLES}
    for shard in plan_mining(settings).shards:
        for outcome in read_shard(shard, settings):
            rows[shard.table] += outcome.kept
            rows["rejected"] += outcome.rejected
    return rows


def content(mined: MinedRepository) -> dict[str, tuple[str, bytes | None]]:
    """Path -> (mode, bytes) of the head commit."""
    with open_repository(mined.path) as repository:
        blobs = dict(repository.read_blobs(sorted({entry.sha for entry in mined.entries})))
    return {entry.path: (entry.mode, blobs[entry.sha]) for entry in mined.entries}


def outside(tmp_path: Path) -> set[str]:
    """Every path that is not below the folder of clones."""
    return {str(path) for path in tmp_path.rglob("*") if "clones" not in path.parts}


def _settings(
    folder: Path, tables: tuple[dict[str, Any], ...], config: dict[str, Any]
) -> MineConfig:
    inventory = str(write_inventory(folder, *tables)) if tables else ""
    clones = str(folder / "clones")
    return MineConfig(**{"inventory": inventory, "clone_dir": clones} | config)
