"""One entry point to the pseudonyms that need no person. In: entity, value. Out: pseudonym.

    replacement("IP_ADDRESS", "52.4.8.15", pseudonyms)    ->  "243.171.6.90"
    replacement("INTERNAL_URL", "https://git.hooli.corp:8443/a/b", pseudonyms)
        ->  "https://host-3f2a9c1b77d0a1c2.example.internal:8443/segment-.../segment-..."
    replacement("TICKET_KEY", "PAY-1204", pseudonyms)               ->  "ZZKQTB-493021744"

PERSON, LOGIN, EMAIL_ADDRESS and CODE_NAME are left to the anonymizer, which knows whose they are.
"""

import re
from collections.abc import Callable

from transforms.anonymize import ip_numbers, numbers
from transforms.anonymize.addresses import replace_address
from transforms.anonymize.pseudonyms import Pseudonyms

_Maker = Callable[[str, Pseudonyms], str]
_URL = re.compile(
    r"(?P<scheme>[^:]+://)(?P<user>[^@/]*@)?(?P<host>[^/?#:]+)(?P<port>:[0-9]+)?(?P<path>.*)"
)
_SEGMENT = re.compile("[^/?#]+")
MIN_ABBREVIATION = 7
"""Hexadecimal digits; git abbreviates to at least as many, GitHub links from as many on."""
_HEX = re.compile(rf"[0-9a-f]{{{MIN_ABBREVIATION},64}}")
_TICKET = re.compile("(?P<project>.*?)(?P<joint>[-_ ]?)[0-9]+", re.DOTALL)


def replacement(entity: str, value: str, pseudonyms: Pseudonyms) -> str:
    """The pseudonym of a value that its entity's check accepts."""
    maker = _MAKERS.get(entity)
    return maker(value, pseudonyms) if maker else pseudonyms.finding(entity, value)


def internal_url(value: str, pseudonyms: Pseudonyms) -> str:
    """Scheme, port and number of path segments stay; a query counts as a segment."""
    match = _URL.fullmatch(value)
    if match is None:
        return pseudonyms.finding("INTERNAL_URL", value)
    path = _SEGMENT.sub(lambda part: pseudonyms.segment(part[0]), match["path"])
    host = pseudonyms.host(match["host"])
    user = match["user"] or ""
    if user and user != "git@":
        user = f"{pseudonyms.login(user[:-1], user[:-1].lower())}@"
    return f"{match['scheme']}{user}{host}{match['port'] or ''}{path}"


def ticket_key(value: str, pseudonyms: Pseudonyms) -> str:
    """Keys of one project share their letters. Six letters from "ZZ" on and nine digits."""
    match = _TICKET.fullmatch(value)
    project, joint = (match["project"], match["joint"]) if match else (value, "-")
    letters = "ZZ" + pseudonyms.letters("project", project.upper(), 4)
    digits = pseudonyms.digits("ticket", value.upper(), 9)
    return f"{letters.lower() if value.islower() else letters}{joint or '-'}{digits}"


def commit_sha(value: str, pseudonyms: Pseudonyms) -> str:
    """As many hexadecimal digits; what is no SHA ("", "#12") stays.

    A SHA is mapped so that prefixes stay prefixes (as Crypto-PAn does with addresses, Xu et al.
    2002, 10.1109/ICNP.2002.1181415): an abbreviation in a comment still abbreviates what the commit
    list says. Unlike other pseudonyms it looks like any SHA, so it does not map to itself.
    """
    if not _HEX.fullmatch(value):
        return value
    head = pseudonyms.tag("commit", value[:MIN_ABBREVIATION])[:MIN_ABBREVIATION]
    ends = range(MIN_ABBREVIATION + 1, len(value) + 1)
    return "".join([head, *(pseudonyms.tag("commit", value[:end])[0] for end in ends)])


_MAKERS: dict[str, _Maker] = {
    "IP_ADDRESS": ip_numbers.ip,
    "PRIVATE_IP": ip_numbers.ip,
    "MAC_ADDRESS": ip_numbers.mac,
    "NATIONAL_ID": numbers.national_id,
    "CREDIT_CARD": numbers.card,
    "IBAN_CODE": numbers.iban,
    "PHONE_NUMBER": numbers.phone,
    "POSTAL_ADDRESS": replace_address,
    "INTERNAL_URL": internal_url,
    "TICKET_KEY": ticket_key,
    "COMMIT_SHA": commit_sha,
    "UUID": lambda value, pseudonyms: pseudonyms.uuid(value),
    "SECRET": lambda value, pseudonyms: pseudonyms.secret(value),
    "HOST": lambda value, pseudonyms: pseudonyms.host(value),
    "EMPLOYEE_ID": lambda value, pseudonyms: pseudonyms.employee(value),
}
ENTITIES = tuple(_MAKERS)
"""What `replacement` replaces in kind; of other entities it makes `finding_<tag>`."""
