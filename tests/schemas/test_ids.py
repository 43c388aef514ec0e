"""Ids, seeds and fingerprints."""

from hypothesis import given
from hypothesis import strategies as st

from schemas.ids import fingerprint, seed_for, stable_id

parts = st.lists(st.text(max_size=5), max_size=4)


@given(parts, parts)
def test_ids_are_equal_exactly_when_the_parts_are(left: list[str], right: list[str]) -> None:
    assert (stable_id(*left) == stable_id(*right)) == (left == right)


def test_ids_do_not_change_between_versions() -> None:
    assert stable_id("pull_request", "acme/shop", 12) == "822381f44064e2369a4f547643342b90"


@given(st.integers(0, 2**31), st.text())
def test_seeds_fit_63_bits_and_depend_on_both_parts(seed: int, row_id: str) -> None:
    value = seed_for(seed, row_id)
    assert 0 <= value < 2**63
    assert value != seed_for(seed + 1, row_id)
    assert value != seed_for(seed, row_id + "x")


def test_fingerprint_ignores_the_order_of_keys() -> None:
    assert fingerprint({"a": 1, "b": [2]}) == fingerprint({"b": [2], "a": 1})
    assert fingerprint({"a": 1}) != fingerprint({"a": 2})
