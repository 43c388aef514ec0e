"""The settings of dedup: which bands follow from a recall, what is refused."""

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.errors import ConfigError
from transforms.dedup.banding import MAX_HASHES, Banding, bands_needed, cheapest_banding
from transforms.dedup.config import DedupConfig


@given(st.floats(0.35, 1.0), st.sampled_from([0.9, 0.95, 0.99]))
def test_the_bands_reach_the_recall_and_more_rows_would_not_fit(
    threshold: float, recall: float
) -> None:
    found = cheapest_banding(threshold, recall, MAX_HASHES)
    assert found.chance(threshold) >= recall
    assert found.num_perm <= MAX_HASHES
    fewer = Banding(bands=found.bands - 1, rows=found.rows)
    assert found.bands == 1 or fewer.chance(threshold) < recall
    more = bands_needed(min(threshold, 1 - 1e-9), found.rows + 1, recall)
    assert more * (found.rows + 1) > MAX_HASHES


def test_the_default_finds_995_of_1000_pairs_at_the_threshold() -> None:
    banding = DedupConfig().banding
    assert (banding.bands, banding.rows) == (43, 6)
    assert banding.chance(0.7) == pytest.approx(0.9954, abs=1e-4)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"threshold": 0.01}, "lower dedup.recall"),
        ({"threshold": 0.0}, "dedup.threshold"),
        ({"recall": 1.0}, "dedup.recall"),
        ({"bands": 14, "rows": 8}, "-s dedup.recall=0.564"),
        ({"bands": 14}, "bands and rows together"),
        ({"bands": -1, "rows": 3}, "bands and rows together"),
        ({"tables": ("identities",)}, "dedup.tables"),
        ({"shingles": "sentence"}, "dedup.shingles"),
        ({"forks": "keep"}, "dedup.forks"),
        ({"repeated_functions": "drop"}, "dedup.repeated_functions"),
        ({"shingle_size": 0}, "at least 1"),
        ({"max_candidates": 0}, "at least 1"),
    ],
)
def test_a_configuration_that_cannot_keep_the_promise_is_refused(
    values: dict[str, Any], message: str
) -> None:
    with pytest.raises(ConfigError, match=re.escape(message)):
        DedupConfig(**values)


def test_what_the_message_says_to_type_is_accepted() -> None:
    assert DedupConfig(bands=14, rows=8, recall=0.564).banding == Banding(bands=14, rows=8)
