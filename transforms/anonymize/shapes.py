"""The shapes of personal values: addresses, numbers, hosts, logins. In: config. Out: shapes.

value_shapes(config)    for code and prose: e-mails, networks, payments, telephones, national
                        numbers, postal addresses, logins, employee ids, ticket keys
prose_shapes(config)    what only the prose of pull requests and issues has room for
"""

import re

from transforms.anonymize import checks
from transforms.anonymize.addresses import address_prose_shapes, address_shapes
from transforms.anonymize.config import AnonymizeConfig
from transforms.anonymize.logins import login_prose_shapes, login_shapes
from transforms.anonymize.national_ids import national_shapes
from transforms.anonymize.network import network_shapes
from transforms.anonymize.payments import payment_prose_shapes, payment_shapes
from transforms.anonymize.phones import phone_prose_shapes, phone_shapes
from transforms.anonymize.recognizers import Shape

# Letters of Latin, Greek and Cyrillic; repetitions are bounded as RFC 5321 bounds them.
_LETTER = r"A-Za-z0-9_%+\x{C0}-\x{24F}\x{370}-\x{52F}-"
_LOCAL = rf"[.{_LETTER}]{{0,63}}[{_LETTER}]"
_DOMAIN = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,62}[A-Za-z0-9])?"
# Names of standards, algorithms and models that have the shape of a ticket's key.
_STANDARDS = re.compile(
    r"(?i)(?:UTF|UCS|SHA[0-9]?|MD|AES|RSA|DES|ISO|IEC|IEEE|CVE|CWE|GHSA|RFC|PEP|JSR|JEP|KIP|BIP|EIP"
    r"|ERC|HTTP|TLS|SSL|CRC|LATIN|CP|WINDOWS|KOI[0-9]?|GB|EUC|BIG|BASE|ASCII|ANSI|ECMA|ES|FIPS|NIST"
    r"|BCP|STD|RS|HS|PS|ED|X|P|GPT|LLAMA|BERT|T|GPL|LGPL|AGPL|BSD|MPL|APACHE|CC|PYSEC|USN|DSA|KB"
    r"|GCC|LLVM|JDK|PHP|GLIBC|MSVC|PR|GH|INT|UINT|FLOAT|I|U|F|AMD|ARM|COVID|IPV|POSIX|MPEG|PKCS"
    r"|ISBN|ISSN|MIT|SARS)-[0-9]"
)
_INDEX = re.compile(r"\(\(|\w\[")
_DECIMAL = re.compile(r"\.[0-9]")
_ISSUED_TICKET = re.compile("(?i)ZZ[A-Z]{4}-[0-9]{9}")


def value_shapes(config: AnonymizeConfig) -> list[Shape]:
    """Strongly shaped values, for code and prose alike."""
    return [
        *_email_shapes(config),
        *network_shapes(config),
        *payment_shapes(config),
        *phone_shapes(config),
        *address_shapes(),
        *national_shapes(config, prose=False),
        *login_shapes(),
        *_employee_shapes(config.employee_id_pattern),
        *_ticket_shapes(config.ticket_key_pattern),
    ]


def prose_shapes(config: AnonymizeConfig) -> list[Shape]:
    """What only the prose of pull requests and issues has room for."""
    return [
        *payment_prose_shapes(config),
        *phone_prose_shapes(config),
        *address_prose_shapes(),
        *national_shapes(config, prose=True),
        *login_prose_shapes(),
    ]


def _email_shapes(config: AnonymizeConfig) -> list[Shape]:
    check = checks.email_check(config.keep_emails if config.keep_reserved else ())
    address = rf"{_LOCAL}@(?:{_DOMAIN}\.){{1,8}}(?:xn--[a-z0-9-]{{2,59}}|[A-Za-z]{{2,24}})"
    # A file named after an address: "keys/jane@corp.test.pub" keeps its ".pub".
    patterns = [address, rf"(?P<v>{address})\.[A-Za-z0-9]{{2,5}}\b"]
    return [
        Shape(
            entity="EMAIL_ADDRESS",
            pattern=pattern,
            trigger=r"[^\s@]@[A-Za-z0-9][A-Za-z0-9.-]*\.[A-Za-z]",
            check=check,
        )
        for pattern in patterns
    ]


def _employee_shapes(pattern: str) -> list[Shape]:
    if not pattern:
        return []
    return [Shape(entity="EMPLOYEE_ID", pattern=pattern, trigger=pattern, check=checks.always)]


def _ticket_shapes(pattern: str) -> list[Shape]:
    if not pattern:
        return []

    def check(text: str, start: int, end: int) -> bool:
        value = text[start:end]
        is_standard = _STANDARDS.match(value) is not None
        # "LICENSE-2.0"; "$((CURRENT-1))" of a shell; "x[ADX-1]".
        is_version = _DECIMAL.match(text, end) is not None
        is_sum = _INDEX.fullmatch(text, max(0, start - 2), start) is not None
        return checks.is_bounded(text, start, end, also="-") and not (
            is_standard or is_version or is_sum or _ISSUED_TICKET.fullmatch(value)
        )

    return [Shape(entity="TICKET_KEY", pattern=pattern, trigger=pattern, check=check)]
