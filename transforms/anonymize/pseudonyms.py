"""Keyed pseudonyms that keep their shape. In: a kind and a value. Out: what stands in its place.

    pseudonyms.person("Jane Doe", "jane@corp.test")  ->  "Birch Dunmarrow-3f2a9c1b"
    pseudonyms.email("jane@corp.test")               ->  "user-3f2a9c1b77d0a1c2@example.com"
    pseudonyms.secret("kJ8s0wQz")                    ->  "dacbbadc"

Everything is drawn from HMAC-SHA256(key, kind, value), so equal values give equal pseudonyms and
another key gives unrelated ones. What is shown of the tag bounds the chance of two values
meeting: e-mails, logins, hosts and links 64 bits, names 44, code names 36, public IPv4 addresses 28
(see ip_numbers), IPv6 96, ticket keys 30 in each project and 19 for the project, cards, telephone
and national numbers what their digits hold, secrets two bits per character.

Every pseudonym maps to itself: `is_issued` knows those with a name, value checks know the others
by the reserved range they lie in, and secrets by their four-letter alphabet.
"""

import hashlib
import hmac
import re

from transforms.anonymize.words import FAMILY, GIVEN

_PERSON = rf"(?:{'|'.join(GIVEN)}) (?:{'|'.join(FAMILY)})-[0-9a-f]{{8}}"
_TAGGED = r"(?:user|host|employee|finding)[-_.][0-9a-f]{16}"
_CODE_NAME = rf"(?:{'|'.join(GIVEN)})[-_. ]?(?:{'|'.join(FAMILY)})[0-9a-f]{{6}}"
_ADDRESS = (
    r"(?:24[0-9]|25[0-5])(?:\.[0-9]{1,3}){3}|2001:db8:[0-9a-f:]+|02[:-]00(?:[:-][0-9a-f]{2}){4}"
)
_OTHER = r"contributor[-_. ]other(?:@example\.com)?"
_TICKET = r"ZZ[A-Z]{4}-[0-9]{9}"
_LINK = r"(?:segment|street)-[0-9a-f]{16}"
# Beside another number their digits may happen to make a valid one together.
_NUMBER = r"\b4000[ -]?00(?:[ -]?[0-9]){7,13}|\+999[ .()0-9-]{3,18}[0-9]"
_ANY_CASE = (
    rf"{_TAGGED}(?:@example\.com|\.example\.internal)?",
    *(_CODE_NAME, _OTHER, _ADDRESS, _TICKET, _LINK, _NUMBER),
)
ISSUED = re.compile(rf"{_PERSON}|(?i:{'|'.join(_ANY_CASE)})")
CONTRIBUTOR_OTHER = "contributor-other"
"""The key, and the pseudonym, of all persons with few commits."""
_ALPHABETS = ("abcd", "ABCD", "0123")
_STRUCTURE = ".="
_UUID = re.compile("(?i)[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_UUID_KEPT = (14, 19)
_CONSONANTS = "BCDFGHJKLMNPQRSTVWXZ"


def is_issued(text: str) -> bool:
    """True when the whole text is a pseudonym of a person, login, address, host or code name."""
    return ISSUED.fullmatch(text) is not None


def is_issued_secret(text: str) -> bool:
    """True when a secret's characters come from one of the four-letter alphabets."""
    if _UUID.fullmatch(text):
        text = (text[:14] + text[15:19] + text[20:]).replace("-", "")
    return any(not text.strip(alphabet + _STRUCTURE) for alphabet in _ALPHABETS)


class Pseudonyms:
    """The pseudonyms under one key."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def tag(self, kind: str, value: str) -> str:
        """256 bits as 64 hex digits."""
        message = kind.encode() + b"\0" + value.encode("utf-8", "surrogatepass")
        return hmac.new(self._key, message, hashlib.sha256).hexdigest()

    def person(self, name: str, key: str) -> str:
        """Two invented names and eight digits; a login where the name is one word."""
        if " " not in name.strip():
            return self.login(name, key)
        if key == CONTRIBUTOR_OTHER:
            return "Contributor Other"
        tag = self.tag("person", key)
        given, family = GIVEN[int(tag[16:18], 16) % 64], FAMILY[int(tag[18:20], 16) % 64]
        return f"{given} {family}-{tag[:8]}"

    def login(self, login: str, key: str) -> str:
        """`user_<tag>` in the login's own joint and case: JANE-DOE -> USER-<TAG>."""
        joint = "-" if "-" in login else "." if "." in login else "_"
        return _recase(joint.join(self._account(key)), login)

    def email(self, key: str, *, joint: str = "-") -> str:
        """`user-<tag>@example.com`."""
        return f"{joint.join(self._account(key))}@example.com"

    def _account(self, key: str) -> tuple[str, str]:
        if key == CONTRIBUTOR_OTHER:
            return "contributor", "other"
        return "user", self.tag("person", key)[:16]

    def host(self, host: str) -> str:
        """`host-<tag>.example.internal`."""
        return f"host-{self.tag('host', host.lower())[:16]}.example.internal"

    def employee(self, value: str) -> str:
        """`employee-<tag>`."""
        return f"employee-{self.tag('employee', value.lower())[:16]}"

    def segment(self, value: str) -> str:
        """`segment-<tag>`, a part of a path."""
        return value if is_issued(value) else f"segment-{self.tag('segment', value)[:16]}"

    def finding(self, kind: str, value: str) -> str:
        """`finding_<tag>`, for what a recognizer of the user's own found."""
        return f"finding_{self.tag(kind, value)[:16]}"

    def code_name(self, found: str, key: str) -> str:
        """An invented name in the casing and joints of the one found."""
        tag = self.tag("code_name", key)
        words = GIVEN[int(tag[6:8], 16) % 64], FAMILY[int(tag[8:10], 16) % 64] + tag[:6]
        joint = next((char for char in found if char in "-_. "), "")
        if joint or found.isupper() or found.islower():
            return _recase(joint.join(words), found)
        joined = "".join(words)
        return joined[0].lower() + joined[1:] if found[0].islower() else joined

    def secret(self, value: str) -> str:
        """As long as the value, from four characters, so that no scanner takes it for a secret."""
        if is_issued_secret(value):
            return value
        if _UUID.fullmatch(value):
            return self.uuid(value)
        core = value.rstrip("=")
        is_upper = core.upper() == core and any(char.isalpha() for char in core)
        alphabet = "0123" if core.isdigit() else "ABCD" if is_upper else "abcd"
        body = "".join(alphabet[choice] for choice in self._choices("secret", value, len(core), 4))
        dotted = (old if old == "." else new for old, new in zip(core, body, strict=True))
        return "".join(dotted) + "=" * (len(value) - len(core))

    def uuid(self, value: str) -> str:
        """Dashes, version and variant stay (RFC 9562); the rest is one of four letters each."""
        if is_issued_secret(value):
            return value
        fresh = iter(self._choices("uuid", value.lower(), len(value), 4))
        drawn = "".join(
            char if char == "-" or index in _UUID_KEPT else "abcd"[next(fresh)]
            for index, char in enumerate(value)
        )
        return drawn.upper() if any(char.isupper() for char in value) else drawn

    def digits(self, kind: str, value: str, count: int) -> str:
        """`count` decimal digits."""
        return "".join(map(str, self._choices(kind, value, count, 10)))

    def letters(self, kind: str, value: str, count: int) -> str:
        """`count` consonants in upper case, which make no word."""
        choices = self._choices(f"letters of {kind}", value, count, len(_CONSONANTS))
        return "".join(_CONSONANTS[choice] for choice in choices)

    def _choices(self, kind: str, value: str, count: int, below: int) -> list[int]:
        """`count` numbers under `below`, eight bits of an HMAC stream spent on each."""
        stream = b"".join(
            bytes.fromhex(self.tag(f"{kind}:{block}", value)) for block in range(count // 32 + 1)
        )
        return [byte % below for byte in stream[:count]]


def _recase(text: str, like: str) -> str:
    """The text in upper case, capitalised or lower case, as `like` is."""
    if like.isupper() and len(like) > 1:
        return text.upper()
    lower = text.lower()
    return lower[0].upper() + lower[1:] if like[:1].isupper() else lower
