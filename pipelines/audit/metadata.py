"""What leads to a person or to the original besides texts. In: a row before and after. Out: counts.

    count_metadata("pull_requests", raw, fresh, counts, ticket_key)

SHAs and times that are as they were, names of branches in messages, ticket keys that a row has
before and after, links to accounts and credentials in URLs of what is delivered. Pseudonyms are no
credentials; what says "put your password here" is counted apart.
"""

import re
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, time
from typing import Any

from pipelines.audit.explained import is_pseudonym
from pipelines.audit.texts import Text, texts_of
from transforms.anonymize.config import AnonymizeConfig
from transforms.anonymize.placeholders import is_placeholder

DEFAULT_TICKET_KEY = "[A-Z][A-Z0-9]{1,9}-[0-9]{1,6}"
_STANDARD_NAMES = """
    AES CP CVE CWE EAN EN GHSA GPL HTTP IEC IEEE ISO KOI LGPL MD MIT OSI PEP RFC RSA SHA TLS
    US UTC UTF WCAG X
"""
_STANDARDS = frozenset(_STANDARD_NAMES.split())
"""Names of standards that have the form of a ticket key: UTF-8, SHA-256, CVE-2021."""
_BRANCH = re.compile(r"Merge (?:remote-tracking )?branch '")
_ACCOUNT = re.compile(r"(?:github|gitlab|bitbucket)\.(?:com|org)/[A-Za-z0-9_-]+")
_CREDENTIALS = re.compile(r"[a-z][a-z0-9+]{1,20}://([^\s/:@'\"]{1,80}):([^\s/@'\"]{1,200})@")


def count_metadata(
    table: str,
    raw: dict[str, Any],
    fresh: dict[str, Any],
    counts: Counter[str],
    ticket_key: re.Pattern[str],
) -> None:
    """Add a row's counts."""
    if table == "pull_requests":
        for before, after in zip(_shas(raw), _shas(fresh), strict=True):
            counts["shas"] += 1
            counts["shas as they were"] += before == after
        for old_time, new_time in zip(_times(raw), _times(fresh), strict=True):
            counts["times"] += 1
            counts["times as they were"] += old_time == new_time
            counts["times finer than a day"] += new_time.time() != time.min
    old, new = (list(texts_of(table, row)) for row in (raw, fresh))
    counts["ticket keys as they were"] += len(
        _ticket_keys(old, ticket_key) & _ticket_keys(new, ticket_key)
    )
    for text in new:
        counts["names of branches in messages"] += len(_BRANCH.findall(text.text))
        counts["links to accounts on public hosts"] += len(_ACCOUNT.findall(text.text))
        for match in _CREDENTIALS.finditer(text.text):
            if not is_pseudonym(match[2]):
                kind = "placeholders for" if is_placeholder(match[2]) else "raw"
                counts[f"{kind} credentials in URLs"] += 1


def describe_metadata(
    counts: Counter[str], config: AnonymizeConfig
) -> tuple[dict[str, Any], list[str]]:
    """(values, what must be looked at): what the settings say is gone must be gone."""
    policy = {"commit_shas": config.commit_shas, "times": config.times}
    policy["ticket_key_pattern"] = "set" if config.ticket_key_pattern else "none"
    problems = []
    if config.commit_shas == "pseudonym" and counts["shas as they were"]:
        problems.append(f"{counts['shas as they were']} commit SHAs are as they were")
    if config.times != "keep" and counts["times finer than a day"]:
        problems.append(f"{counts['times finer than a day']} times are not rounded")
    if config.ticket_key_pattern and counts["ticket keys as they were"]:
        problems.append(f"{counts['ticket keys as they were']} ticket keys are as they were")
    if counts["raw credentials in URLs"]:
        problems.append(f"{counts['raw credentials in URLs']} URLs hold credentials")
    return {"policy": policy, "counts": dict(sorted(counts.items()))}, problems


def _shas(row: dict[str, Any]) -> Iterator[str]:
    values = [row["base_commit"], row["head_commit"], row["merge_commit"]]
    values += [commit["sha"] for commit in row["commits"]]
    yield from (value or "" for value in values)


def _times(row: dict[str, Any]) -> Iterator[datetime]:
    values = [row["created_at"], row["merged_at"], row["closed_at"]]
    values += [commit["authored_at"] for commit in row["commits"]]
    values += [event["created_at"] for event in row["events"]]
    yield from (value for value in values if value is not None)


def _ticket_keys(texts: list[Text], pattern: re.Pattern[str]) -> set[str]:
    found = {match for text in texts if text.is_prose for match in pattern.findall(text.text)}
    return {key for key in found if key.partition("-")[0] not in _STANDARDS}
