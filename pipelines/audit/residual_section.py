"""The section on other scanners. In: a `Subject`. Out: what they report that nothing explains.

residual_section(subject).values["not_run"]  ->  {"gitleaks": "put a gitleaks binary on PATH"}
"""

from collections import Counter
from typing import Any

import pyarrow.parquet as pq

from pipelines.audit.residual import (
    STOCK,
    ResidualPart,
    ResidualScan,
    Residue,
    remove_stale_scratch,
    scratch,
)
from pipelines.audit.scanners import INSTALL, find_scanners
from pipelines.audit.subject import MAX_LISTED, ROW_TABLES, Section, Subject
from pipelines.audit.work import each
from schemas.manifest import Shard


def residual_section(subject: Subject, max_mb: int) -> Section:
    """Scan the anonymized texts, and the dialogues, with what was not used for detection.

    Over `max_mb` megabytes of tables a sample of rows is scanned; 0 for no bound.
    """
    remove_stale_scratch()
    scanners = find_scanners()
    units = [("anonymize", shard) for shard in subject.shards("anonymize", ROW_TABLES)]
    units += [("synthesize", shard) for shard in subject.shards("synthesize", ("dialogues",))]
    num_bytes = sum(_num_bytes(subject, stage, shard) for stage, shard in units)
    share = min(1.0, max_mb * 1e6 / max(num_bytes, 1)) if max_mb else 1.0
    total = ResidualPart()
    # Kingfisher compiles its rules for seconds, so workers share what it keeps of them.
    with scratch() as cache:
        arguments = (subject.path, subject.config, subject.key, scanners, cache, share)
        for part in each(ResidualScan, arguments, units, label="residual scan"):
            total.add(part)
    left = sorted(one for one in total.residues if one.tag not in subject.allowed)
    num_values = len({one.tag for one in left})
    present = {scanner.name: scanner.version for scanner in scanners}
    return Section(
        values={
            "share_of_rows": round(share, 4),
            "texts": total.num_texts,
            "characters": total.num_chars,
            "scanners": {STOCK: "stock recognizers", **present},
            "not_run": {name: how for name, how in INSTALL.items() if name not in present},
            "explained": [
                {"scanner": scanner, "reason": reason, "num": num}
                for (scanner, reason), num in sorted(total.explained.items())
            ],
            "reviewed": len(total.residues) - len(left),
            "left": len(left),
            "by_rule": _by_rule(left),
            "places": [one._asdict() for one in left[:MAX_LISTED]],
        },
        problems=[f"{num_values} values that scanners report"] if left else [],
    )


def _num_bytes(subject: Subject, stage: str, shard: Shard) -> int:
    """Of the shard's columns after decompression."""
    with subject.job.run.child(stage).open_random_access(shard.path) as file:
        metadata = pq.read_metadata(file)
    return sum(metadata.row_group(at).total_byte_size for at in range(metadata.num_row_groups))


def _by_rule(left: list[Residue]) -> list[dict[str, Any]]:
    counts = Counter((one.scanner, one.rule) for one in left)
    distinct = {(one.scanner, one.rule, one.tag) for one in left}
    values = Counter((scanner, rule) for scanner, rule, _ in distinct)
    return [
        {"scanner": scanner, "rule": rule, "num": num, "values": values[scanner, rule]}
        for (scanner, rule), num in sorted(counts.items())
    ]
