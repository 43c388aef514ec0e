"""Invented values of every entity. In: a random generator. Out: values that pass their checks.

    Values(random.Random(7)).make("EMAIL_ADDRESS")  ->  "torben.vellmark@quorlund.net"

Nobody's and yet not of a reserved range: those are kept. All are assembled at run time, so that
no scanner stops at this file. Check digits follow what `numbers` and `national_checks` cite.
"""

import base64
import random
import string
from collections.abc import Callable
from dataclasses import dataclass

from transforms.anonymize.canary_keys import api_key, base64_text, letters
from transforms.anonymize.canary_national import NATIONAL_IDS
from transforms.anonymize.numbers import iban_remainder, luhn_digit

_GIVEN = """
    Agneta Anselm Beatriz Bogdan Cornelia Dariusz Dagmar Emeric Fiorella Gunnar Hedwig Ignacio
    Ingrid Joaquim Kirsten Leandro Magdalena Mireille Niklas Oksana Priyanka Ragnar Rosalind
    Sandeep Svetlana Tadeusz Torsten Ulrike Vasily Wilhelmina Yasmin Zbigniew
    Fran\u00e7oise J\u00fcrgen
"""
_ONSETS = "Brank Dorv Felk Garr Hall Jorn Kelm Lorv Marr Nelk Ostr Prand Quorl Rusk Storl Trom Vell"
_ENDINGS = (
    "owicz mark enko gaard berg inder stadt ansen eira ovski lund worth quist hurst str\u00f6m"
)
_TOPS = ("net", "org", "com", "io", "de", "fr", "co.uk", "eu")
_STREETS = (
    ("{number} {name} Street", "Boston, MA 02110"),
    ("{number} {name} Road", "London SW1A 2AA"),
    ("{number} {name} Avenue", "Portland, OR 97204"),
    ("{name}stra\u00dfe {number}", "10115 Berlin"),
    ("{number} rue {name}", "75001 Paris"),
    ("Via {name} {number}", "00184 Roma"),
    ("Calle {name} {number}", "28014 Madrid"),
)
_HOSTS = ("db", "wiki", "build", "vault", "mail", "ldap", "jump", "queue")
_IBANS = {"DE": 18, "FR": 23, "ES": 20, "NL": 14, "PL": 24, "IT": 23, "CH": 17, "BE": 12}
EMPLOYEE_ID_PATTERN = "EMP-[0-9]{7}"
TICKET_KEY_PATTERN = "[A-Z]{4,6}-[0-9]{4,6}"


@dataclass(frozen=True, kw_only=True)
class Planted:
    """A value, and the part of it that must not be found anywhere after."""

    value: str
    secret: str
    """The body of a key, the password of a connection string, or the value itself."""
    clue: str = ""
    """What stands before a value that alone is a number like any other."""


class Values:
    """Draws values from one generator."""

    def __init__(self, chance: random.Random) -> None:
        self._chance = chance

    def make(self, entity: str) -> Planted:
        """A value of an entity of `ENTITIES`."""
        made = ENTITIES[entity](self)
        return made if isinstance(made, Planted) else Planted(value=made, secret=made)

    def surname(self) -> str:
        """An invented family name, "Trombowicz"."""
        return self._chance.choice(_ONSETS.split()) + self._chance.choice(_ENDINGS.split())

    def person(self) -> str:
        """Given and family name; some with an accent, a second name or a hyphen."""
        given = self._chance.choice(_GIVEN.split())
        second = self._chance.choice(["", "", "", f"-{self.surname()}"])
        return f"{given} {self.surname()}{second}"

    def word(self) -> str:
        """Six to ten lower-case letters that are no word."""
        syllables = [letters(self._chance, "bdfgklmnprtvz", 1) + letters(self._chance, "aeiou", 1)]
        syllables += [
            letters(self._chance, "bdfgklmnprtvz", 1) + letters(self._chance, "aeiou", 1)
            for _ in range(self._chance.randint(2, 3))
        ]
        return "".join(syllables) + self._chance.choice("xrnt")

    def email(self) -> str:
        """An address; given and family name or a word, with and without a tag."""
        local = self._chance.choice([f"{self.word()}.{self.word()}", self.word() + self._digits(2)])
        tag = self._chance.choice(["", "", "+git"])
        return f"{local}{tag}@{self.word()}.{self._chance.choice(_TOPS)}"

    def login(self) -> str:
        """A word and digits."""
        return self.word() + self._digits(3)

    def phone(self) -> str:
        """International with groups, or North American; no 555."""
        area = f"{self._chance.randint(2, 9)}{self._chance.randint(0, 4)}{self._digit('1236')}"
        local = f"{self._chance.randint(2, 4)}{self._digits(2)}-{self._digits(4)}"
        if self._chance.random() < 0.3:
            return f"({area}) {local}"
        code = self._chance.choice(["+49 30", "+44 20", "+33 1", "+39 06", "+48 22"])
        return f"{code} {self._digit('23456789')}{self._digits(3)} {self._digits(4)}"

    def address(self) -> Planted:
        """House number, street, code and city; number and street are what must go."""
        street, city = self._chance.choice(_STREETS)
        line = street.format(name=self.surname(), number=self._chance.randint(2, 199))
        return Planted(value=f"{line}, {city}", secret=line)

    def iban(self) -> str:
        """Valid modulo 97, in one piece or in groups of four."""
        country = self._chance.choice(sorted(_IBANS))
        body = self._digit("123456789") + self._digits(_IBANS[country] - 1)
        plain = f"{country}{98 - iban_remainder(f'{country}00{body}'):02}{body}"
        groups = [plain[at : at + 4] for at in range(0, len(plain), 4)]
        return self._chance.choice(["", " "]).join(groups)

    def card(self) -> Planted:
        """Sixteen digits with the Luhn digit, in groups."""
        body = self._chance.choice(["45", "52", "54", "47"]) + self._digits(13)
        plain = body + luhn_digit(body)
        joint = self._chance.choice([" ", "-"])
        value = joint.join(plain[at : at + 4] for at in range(0, 16, 4))
        return Planted(value=value, secret=value, clue="card ")

    def national_id(self) -> Planted:
        """Of one of ten countries, with the word that tells."""
        clue, make = self._chance.choice(NATIONAL_IDS)
        value = make(self._chance)
        return Planted(value=value, secret=value, clue=clue)

    def ip(self) -> str:
        """A public IPv4 address; a large part, since four small ones are a version's."""
        first = self._chance.choice([23, 37, 52, 62, 81, 91, 139, 151, 185, 213])
        last = (self._chance.randint(*ends) for ends in ((11, 250), (11, 250), (100, 250)))
        return ".".join(map(str, [first, *last]))

    def ip6(self) -> str:
        """A global IPv6 address."""
        groups = (letters(self._chance, "123456789abcdef", 4) for _ in range(5))
        return f"2a01:{':'.join(groups)}::{letters(self._chance, '123456789abcdef', 3)}"

    def mac(self) -> str:
        """A universal address with colons or hyphens."""
        pairs = ["3c", *(letters(self._chance, "0123456789abcdef", 2) for _ in range(5))]
        return self._chance.choice([":", "-"]).join(pairs)

    def host(self) -> str:
        """A machine inside a network."""
        top = self._chance.choice(["corp", "intranet", "lan"])
        return f"{self._chance.choice(_HOSTS)}-{self._digits(2)}.{self.word()}.{top}"

    def url(self) -> Planted:
        """A page on such a machine; its host must go."""
        host = self.host()
        return Planted(value=f"https://{host}/display/{self.word()}", secret=host)

    def password(self) -> str:
        """Twelve to sixteen characters of four classes."""
        size = self._chance.randint(9, 13)
        alphabet = string.ascii_letters + string.digits
        return letters(self._chance, alphabet, size) + "q7" + self._chance.choice("!#-_.~") + "K"

    def key(self) -> Planted:
        """A key of one of the formats of `canary_keys`; its body must go."""
        value, body = api_key(self._chance)
        return Planted(value=value, secret=body)

    def connection_string(self) -> Planted:
        """A URL with credentials; the password must go."""
        scheme = self._chance.choice(["postgres", "mysql", "mongodb", "amqp", "redis"])
        secret = letters(self._chance, string.ascii_letters + string.digits, 14)
        return Planted(value=f"{scheme}://svc:{secret}@db.prod:5432/main", secret=secret)

    def jwt(self) -> Planted:
        """Header, payload and signature; the signature must go."""
        head = _url_safe(b'{"alg":"HS256","typ":"JWT"}')
        payload = _url_safe(f'{{"sub":"{self._digits(9)}","name":"{self.person()}"}}'.encode())
        signature = base64_text(self._chance, 32).rstrip("=").replace("+", "-").replace("/", "_")
        return Planted(value=f"{head}.{payload}.{signature}", secret=signature)

    def cookie(self) -> Planted:
        """A header with a session id."""
        secret = letters(self._chance, string.ascii_lowercase + string.digits, 32)
        return Planted(value=f"Cookie: sessionid={secret}", secret=secret)

    def employee_id(self) -> str:
        """As `EMPLOYEE_ID_PATTERN` has it."""
        return f"EMP-{self._digits(7)}"

    def ticket_key(self) -> str:
        """As `TICKET_KEY_PATTERN` has it."""
        return f"{self.word()[:4].upper()}-{self._digits(5)}"

    def private_key(self) -> Planted:
        """A block of six lines; one in its middle must go."""
        kind = self._chance.choice(["RSA ", "EC ", "OPENSSH ", "ENCRYPTED ", ""])
        return self._pem(f"{kind}PRIVATE KEY")

    def certificate(self) -> Planted:
        """A block like a certificate."""
        return self._pem("CERTIFICATE")

    def code_name(self) -> str:
        """Two invented words, "Vellmark Kodarix"; the deny-list must have it."""
        return f"{self.word().capitalize()} {self.word().capitalize()}"

    def _pem(self, label: str) -> Planted:
        lines = [base64_text(self._chance, 48) for _ in range(6)]
        dashes = "-----"
        block = [f"{dashes}BEGIN {label}{dashes}", *lines, f"{dashes}END {label}{dashes}"]
        return Planted(value="\n".join(block), secret=lines[self._chance.randrange(6)])

    def _digits(self, count: int) -> str:
        return letters(self._chance, string.digits, count)

    def _digit(self, of: str) -> str:
        return self._chance.choice(of)


def _url_safe(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


ENTITIES: dict[str, Callable[[Values], str | Planted]] = {
    "PERSON": Values.person,
    "EMAIL_ADDRESS": Values.email,
    "LOGIN": Values.login,
    "PHONE_NUMBER": Values.phone,
    "POSTAL_ADDRESS": Values.address,
    "IBAN_CODE": Values.iban,
    "CREDIT_CARD": Values.card,
    "NATIONAL_ID": Values.national_id,
    "IP_ADDRESS": Values.ip,
    "IPV6": Values.ip6,
    "MAC_ADDRESS": Values.mac,
    "HOST": Values.host,
    "INTERNAL_URL": Values.url,
    "EMPLOYEE_ID": Values.employee_id,
    "TICKET_KEY": Values.ticket_key,
    "PASSWORD": Values.password,
    "API_KEY": Values.key,
    "PRIVATE_KEY": Values.private_key,
    "CERTIFICATE": Values.certificate,
    "CONNECTION_STRING": Values.connection_string,
    "COOKIE": Values.cookie,
    "JWT": Values.jwt,
    "CODE_NAME": Values.code_name,
}
"""What is planted; the secrets are told apart here."""
