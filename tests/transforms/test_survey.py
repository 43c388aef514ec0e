"""Surveys: merged without order, sealed so that only the key opens them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.discussion import Identity
from schemas.errors import InputError
from transforms.anonymize.survey import Survey, merge, seal, unseal

KEY = b"k" * 32
words = st.text(min_size=1, max_size=20)
surveys = st.builds(
    Survey,
    people=st.lists(st.builds(Identity, name=words, email=words), max_size=4).map(tuple),
    secrets=st.lists(words, max_size=4).map(tuple),
    code_names=st.lists(words, max_size=4).map(tuple),
)


@given(st.lists(surveys, max_size=4))
def test_the_order_of_shards_does_not_matter(parts: list[Survey]) -> None:
    merged = merge("acme/shop", parts)
    assert merged == merge("acme/shop", reversed(parts)) == merge("acme/shop", [merged])


@given(surveys)
def test_only_the_key_opens_a_survey(survey: Survey) -> None:
    sealed = seal(survey, KEY)
    assert unseal(sealed, KEY) == survey
    assert seal(survey, KEY) == sealed
    with pytest.raises(InputError, match="run anonymize again"):
        unseal(sealed, b"o" * 32)
    with pytest.raises(InputError, match="run anonymize again"):
        unseal(sealed[:-1] + bytes([sealed[-1] ^ 1]), KEY)


def test_nothing_of_a_survey_can_be_read_in_its_sealed_bytes() -> None:
    value = "kelp" + "-7719-bight"
    survey = Survey(secrets=(value,), people=(Identity(name="Jane Doe", email="j@corp.test"),))
    sealed = seal(survey, KEY)
    assert value.encode() not in sealed
    assert b"Jane" not in sealed
