"""The section on leaks. In: a `Subject`. Out: how many original values stand where.

leak_section(subject).values["hits"]  ->  0
"""

from collections import Counter
from typing import Any

from pipelines.audit.kept import Kept
from pipelines.audit.leaks import Leak, LeakSearch, delivered_files
from pipelines.audit.originals import (
    CollectOriginals,
    Original,
    Wanted,
    known_originals,
    merge,
    names_by_repository,
)
from pipelines.audit.subject import MAX_LISTED, ROW_TABLES, Section, Subject
from pipelines.audit.tags import value_tag
from pipelines.audit.work import each


def leak_section(subject: Subject) -> Section:
    """Search every original value in every byte that is delivered."""
    wanted, left_out = _originals(subject)
    # Of two values in one spelling the first is found, so those wanted everywhere come first.
    values = sorted(wanted, key=lambda value: (bool(wanted[value].repos), value))
    scopes = [wanted[value].repos for value in values]
    files = delivered_files(subject.path, subject.config.key_file)
    leaks: Counter[Leak] = Counter()
    num_bytes = 0
    for found, size in each(LeakSearch, (subject.path, values, scopes), files, label="leaks"):
        leaks.update(found)
        num_bytes += size
    rows = [_leak_row(leak, num, values, wanted, subject) for leak, num in sorted(leaks.items())]
    reviewed = [row for row in rows if row["tag"] in subject.allowed]
    rows = [row for row in rows if row["tag"] not in subject.allowed]
    num_values = len({row["tag"] for row in rows})
    num_hits = sum(row["num"] for row in rows)
    problems = [f"{num_values} original values stand in {num_hits} places"] if rows else []
    searched = Counter(f"{one.entity} ({one.origin})" for one in wanted.values())
    return Section(
        values={
            "files": len(files),
            "bytes": num_bytes,
            "values": len(values),
            "values_by_class": dict(sorted(searched.items())),
            "not_searched": left_out,
            "hits": num_hits,
            "reviewed": sum(row["num"] for row in reviewed),
            "by_place": _by_place(rows),
            "places": rows[:MAX_LISTED],
        },
        problems=problems,
    )


def _originals(subject: Subject) -> tuple[dict[str, Wanted], dict[str, dict[str, int]]]:
    found: set[Original] = set()
    shards = subject.shards("mine", ROW_TABLES)
    arguments = (subject.path, subject.config, subject.key, subject.people)
    for part in each(CollectOriginals, arguments, shards, label="original values"):
        found |= part
    found.update(known_originals(subject.people, subject.config.deny_list, subject.surveys))
    kept = Kept(subject.config)
    wanted, left_out = merge(found, kept)
    for name, repos in names_by_repository(subject.surveys).items():
        if not kept.reason("CODE_NAME", name):
            renamed = frozenset(map(subject.job.code_names, repos))
            wanted.setdefault(name, Wanted("CODE_NAME", "history", renamed))
    return wanted, left_out


def _leak_row(
    leak: Leak, num: int, values: list[str], wanted: dict[str, Wanted], subject: Subject
) -> dict[str, Any]:
    value = values[leak.number]
    entity, origin, _ = wanted[value]
    place = leak._asdict()
    del place["number"]
    tag = value_tag(subject.key, value)
    return {"entity": entity, "origin": origin, **place, "num": num, "tag": tag}


def _by_place(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    names = ("entity", "origin", "stage", "table", "column", "is_encoded")
    counts: Counter[tuple[Any, ...]] = Counter()
    for row in rows:
        counts[tuple(row[name] for name in names)] += row["num"]
    return [{**dict(zip(names, k, strict=True)), "num": num} for k, num in sorted(counts.items())]
