"""Key and certificate blocks of every kind, and texts made to keep their search busy.

Markers are put together at run time, so that scanners do not stop at this file.
"""

import base64
import random

import pytest

from transforms.anonymize.private_keys import replace_private_keys
from transforms.anonymize.pseudonyms import Pseudonyms

PSEUDONYMS = Pseudonyms(b"k" * 32)
DASHES = "-" * 5
KEY = "PRIVATE" + " KEY"
_CHANCE = random.Random(3)
BODY = [base64.b64encode(_CHANCE.randbytes(48)).decode() for _ in range(5)]
PUTTY = "\n".join(
    [
        "PuTTY-User-Key-File-3: ssh-rsa", "Encryption: none", "Public-Lines: 1", "AAAAB3NzaC1yc2E",
        "Private-Lines: 5", *BODY, f"Private-MAC: {_CHANCE.randbytes(20).hex()}",
    ]
)  # fmt: skip


def block(
    label: str, end: str = "\n", before: str = "", dashes: str = DASHES, head: tuple[str, ...] = ()
) -> str:
    """A block of some kind, its lines ended or begun in some way."""
    last = dashes[::-1]
    lines = [f"{dashes}BEGIN {label}{last}", *head, *BODY, "abc1==", f"{dashes}END {label}{last}"]
    return end.join(before + line for line in lines)


@pytest.mark.parametrize(
    "text",
    [
        block(KEY),
        block(f"RSA {KEY}", head=("Proc-Type: 4,ENCRYPTED", "DEK-Info: AES-128-CBC,00FF", "")),
        block(f"OPENSSH {KEY}", before="    "),
        block(f"ENCRYPTED {KEY}", end="\\n"),
        block(f"EC {KEY}", end="\\r\\n"),
        block(f"PGP {KEY} BLOCK", head=("Version: GnuPG v2", "")),
        block(f"SSH2 ENCRYPTED {KEY}", dashes="---- "),
        block("CERTIFICATE"),
        block("X509 CERTIFICATE", before="# "),
        block("CERTIFICATE REQUEST", end="\r\n"),
        block(KEY, before="+"),
        "const k = '" + block(KEY, end="\\n' +\n'") + "';",
        f"key: |\n{block(KEY, before='  ')}\nnext: 1",
        PUTTY,
    ],
)
def test_a_block_is_replaced_and_keeps_its_lines(text: str) -> None:
    fresh = replace_private_keys(text, PSEUDONYMS)
    assert not any(line in fresh for line in BODY)
    assert len(fresh) == len(text)
    assert fresh.strip()[:11] == text.strip()[:11]
    assert fresh.count("\n") == text.count("\n")
    assert replace_private_keys(fresh, PSEUDONYMS) == fresh


@pytest.mark.parametrize(
    "text",
    [block("PUBLIC" + " KEY"), block("PGP SIGNATURE"), "x = '-----BEGIN ' + kind", "PRIVATE KEY"],
)
def test_other_blocks_stay(text: str) -> None:
    assert replace_private_keys(text, PSEUDONYMS) == text


@pytest.mark.parametrize(
    "text",
    [
        f"{DASHES}BEGIN {KEY}{DASHES}\n" * 30_000,
        f"{DASHES}BEGIN {KEY}{DASHES}\n" + ("A" * 64 + "\n") * 15_000,
        "---- BEGIN " * 90_000,
        f"{DASHES}BEGIN " + "A " * 500_000,
        "PuTTY-User-Key-File" + "Private-Lines: 3\n" * 60_000,
    ],
)
def test_a_megabyte_of_hostile_text_keeps_its_lines(text: str) -> None:
    assert replace_private_keys(text, PSEUDONYMS).count("\n") == text.count("\n")
