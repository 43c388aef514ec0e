"""What anonymize replaced, as counts. In: nothing. Out: rows of the `findings` table.

Finding(entity="EMAIL_ADDRESS", rule="seed", num=3, row_id="8c1b...", table="pull_requests", ...)
"""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Finding:
    """What anonymize replaced in one row: how often, by which rule. Never a value."""

    finding_id: str
    repo: str
    source: str
    license: str
    table: str
    row_id: str
    entity: str
    """Class of the values, such as "EMAIL_ADDRESS" or "SECRET"."""
    rule: str
    """What found them, such as "seed" or "aws-access-token"."""
    num: int
