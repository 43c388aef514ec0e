"""What anonymize replaced, from its table `findings`. In: a run. Out: counts by class and rule.

finding_counts(run, manifest)["total"]  ->  [{"entity": "SECRET", "rule": "jwt", "num": 3}]
"""

from collections import Counter
from typing import Any

import pyarrow.parquet as pq

from schemas.folder import Folder
from schemas.manifest import Manifest

_COLUMNS = ["repo", "row_id", "entity", "rule", "num"]


def finding_counts(run: Folder, manifest: Manifest) -> dict[str, Any]:
    """Values replaced by class, rule and repository, and rows without any."""
    total: Counter[tuple[str, str]] = Counter()
    by_repo: Counter[tuple[str, str]] = Counter()
    rows: set[str] = set()
    for shard in manifest.shards("findings"):
        with run.child("anonymize").open_random_access(shard.path) as file:
            for row in pq.read_table(file, columns=_COLUMNS).to_pylist():
                total[row["entity"], row["rule"]] += row["num"]
                by_repo[row["repo"], row["entity"]] += row["num"]
                rows.add(row["row_id"])
    tables = [table for table in manifest.tables() if table not in ("findings", "rejected")]
    num_rows = sum(shard.num_rows for table in tables for shard in manifest.shards(table))
    return {
        "was_counted": "findings" in manifest.tables(),
        "total": [_row(("entity", "rule"), *entry) for entry in sorted(total.items())],
        "by_repository": [_row(("repo", "entity"), *entry) for entry in sorted(by_repo.items())],
        "rows": num_rows,
        "rows_without_any": num_rows - len(rows),
        "rejected": manifest.rejected,
    }


def _row(names: tuple[str, str], key: tuple[str, str], number: int) -> dict[str, Any]:
    return {**dict(zip(names, key, strict=True)), "num": number}
