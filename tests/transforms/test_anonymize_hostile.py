"""Hostile text takes no more than linear time: no repository may stop a run."""

import multiprocessing
from collections.abc import Callable

import pytest

from schemas.discussion import Identity
from transforms.anonymize.code_names import CodeNames
from transforms.anonymize.config import AnonymizeConfig
from transforms.anonymize.syntax import anonymize_code
from transforms.anonymize.text import TextAnonymizer

KEY = b"k" * 32
NUM_BYTES = 100_000
DEADLINE_SECONDS = 20
"""Each takes under 1 s on an idle core; quadratic time takes more than the deadline."""
PEOPLE = [
    Identity(name="Otto Katzenberg", email="otto@katzenberg.io"),
    Identity(name="dependabot[bot]", email="4+dependabot[bot]@users.noreply.github.com"),
]
ANONYMIZER = TextAnonymizer(AnonymizeConfig(deny_list=("Hooli",)), KEY, PEOPLE)
BEGIN = "-----BEGIN RSA PRIVATE" + " KEY-----"
UNITS = [
    " ",
    "\n",
    "\\",
    "[",
    "<!--",
    "@a",
    "/x @a@a@a@a ",
    "sk-",
    "xo" + "xb-",
    "pypi-",
    "a@b.c ",
    "a@b.co",
    "x@y.data\n",
    "://:::: x@y.co ",
    "1.",
    "4111 ",
    "id: 4556737586899855 ",
    "+1 ",
    "aa:",
    "x.corp",
    "password=",
    'password = "',
    "Signed-off-by: ",
    "hooli ",
    "otto@katzenberg.io ",
    BEGIN,
    BEGIN + "\n",
    BEGIN + "\n" + "MIIEvQIBADANBgkqhkiG9w0B\n",
    "MIIEvQIBADANBgkqhkiG9w0B\n",
]


def long_text(unit: str) -> str:
    return BEGIN + "\n" + unit * (NUM_BYTES // len(unit)) + "z"


def as_secrets(text: str) -> None:
    ANONYMIZER.without_secrets(text, ANONYMIZER.secrets(text))


def as_identity(text: str) -> None:
    ANONYMIZER.identity(Identity(name=text, email=text))


FUNCTIONS: dict[str, Callable[[str], object]] = {
    "prose": lambda text: ANONYMIZER.text(text, prose=True),
    "secrets": as_secrets,
    "identity": as_identity,
    "names": CodeNames(("Hooli",), KEY).replace,
    "seeds": lambda text: TextAnonymizer(
        AnonymizeConfig(), KEY, [Identity(name=text, email=text)]
    ).text("x = 1"),
}


def in_time(function: Callable[[], object]) -> bool:
    """Whether a forked process that calls the function ends well before the deadline."""
    process = multiprocessing.get_context("fork").Process(target=function)
    process.start()
    process.join(DEADLINE_SECONDS)
    is_alive = process.is_alive()
    process.kill()
    process.join()
    return not is_alive and process.exitcode == 0


@pytest.mark.parametrize("name", FUNCTIONS)
def test_no_hostile_text_takes_long(name: str) -> None:
    slow = [
        unit
        for unit in UNITS
        if not in_time(lambda unit=unit: FUNCTIONS[name](long_text(unit)))  # type: ignore[misc]
    ]
    assert slow == []


def test_many_matrix_products_take_linear_time() -> None:
    text = "x@y.data\n" * 20_000
    assert in_time(lambda: anonymize_code(ANONYMIZER, [text], "python"))


def test_a_short_line_of_owners_is_no_trap() -> None:
    assert in_time(lambda: ANONYMIZER.text("/x" + " @a@a@a@a" * 40 + " z"))


def test_many_identities_in_a_chain_take_linear_time() -> None:
    """Each shares a name with one neighbour and an address with the other."""
    chain = [
        Identity(name=f"Zz{i + shift:09} Qqx", email=f"zz{10**6 - i:09}@corp.dk")
        for i in range(15_000)
        for shift in (0, 1)
    ]
    assert in_time(lambda: TextAnonymizer(AnonymizeConfig(), KEY, chain))
