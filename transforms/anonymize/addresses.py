r"""Postal addresses, a line at a time. In: code or prose. Out: shapes.

    "221B Baker Street, London NW1 6XE"    "Hauptstrasse 12, 10115 Berlin"    "PO Box 1234"
    "12 bis rue de la Paix, 75002 Paris"   "Calle de Alcala 45, 28014 Madrid" "Keizersgracht 4"

Street, number and, where they follow, flat, town and postal code are one finding. Prose also has
parts of an address alone on their line: a flat, a box of a field post, a town with its code.
Addresses that licence texts print stay.
"""

import re

from transforms.anonymize.checks import is_bounded, line_start
from transforms.anonymize.pseudonyms import Pseudonyms
from transforms.anonymize.recognizers import Shape

_UPPER = r"[A-Z\x{C0}-\x{DE}\x{391}-\x{3A9}\x{410}-\x{42F}]"
_LOWER = r"A-Za-z\x{C0}-\x{24F}\x{370}-\x{52F}"
# Unbounded: RE2 stays linear, and bounds multiply the states of a pattern that nests them.
# An apostrophe or a dot at its end closes a literal or a sentence.
_NAME = rf"(?:{_UPPER}[{_LOWER}]*(?:['.-]+[{_LOWER}]+)*)"
_ENGLISH = (
    r"(?:Street|St|Avenue|Ave|Road|Rd|Boulevard|Blvd|Lane|Ln|Drive|Dr|Court|Ct|Place|Pl|Square|Sq"
    r"|Way|Terrace|Parkway|Pkwy|Highway|Hwy|Close|Crescent|Cres|Turnpike|Broadway|Plaza|Mews)\b\.?"
)
_GERMANIC = (
    r"(?:stra(?:\x{DF}|ss)e|str\.|weg|platz|allee|gasse|damm|ufer|gatan|gata|vej|veien|vegen|gade"
    r"|laan|straat|plein|gracht|kade|singel|dijk|katu|kuja|tie|v\x{E4}gen)"
)
_ROMANCE = (
    r"(?:[Rr]ue|[Aa]venue|[Bb]oulevard|[Bb]d|[Pp]lace|[Cc]hemin|[Aa]ll\x{E9}e|[Ii]mpasse|[Qq]uai"
    r"|Calle|C/|Avenida|Avda\.?|Av\.?|Plaza|Paseo|Carrer|Via|Viale|Piazza|Corso|Vicolo|Rua"
    r"|Travessa|Pra\x{E7}a|[Uu]l\.|Ulica|[Uu]lice)"
)
_OF = r"(?:(?:de|du|des|del|della|dei|delle|di|da|do|dos|la|le|les|los|las|el|y|e)\s|d'|l'|dell')"
_NUMBER = r"[0-9]{1,6}(?:[A-Za-z]|[-/][0-9]{1,4}[A-Za-z]?)?\b"
_FLAT = (
    r"(?:(?:Apt|Apartment|Suite|Ste|Unit|Flat|Room|Floor)\b\.? ?#?[A-Z]?[0-9]{1,5}[A-Z]?"
    r"|#[0-9]{1,5})"
)
_ZIP = r"(?:[A-Z]{1,2}-)?(?:[0-9]{5}(?:-[0-9]{3,4})?|[0-9]{4}(?: ?[A-Z]{2}\b)?|[0-9]{3} [0-9]{2})"
_UK_CODE = r"[A-Z]{1,2}[0-9][0-9A-Z]? ?[0-9][A-Z]{2}"
# A further word ends there: "SW" of the code "SW1A 2AA" is none.
_TOWN = rf"{_NAME}(?:[ -](?:{_NAME}|am|an der|upon|sur|sous|de|del|la)\b){{0,3}}"
_STATE = r"[A-Z]{2}\b"
_TAIL = (
    rf"(?:,? {_FLAT}){{0,2}}"
    rf"(?:,? {_TOWN},? {_UK_CODE}"
    rf"|,? (?:{_ZIP},? )?{_TOWN}(?:,? {_STATE})?(?:,? (?:{_ZIP}|{_UK_CODE}))?(?:, {_TOWN})?)?"
    rf"(?:,? (?:{_ZIP}|{_UK_CODE})\b)?"
)
_SHORT = rf"(?:,? {_FLAT}){{0,2}}(?:,? (?:{_ZIP},? )?{_TOWN})?"
_STREET = rf"{_ROMANCE} {_OF}{{0,3}}{_NAME}(?:[ -]{_OF}{{0,2}}{_NAME}){{0,4}}"
_BOX = r"(?i:P\.? ?O\.?\s?Box|Postfach|Postbus) [0-9]{1,6}"
_FIELD_POST = r"(?i:(?:PSC|Unit|CMR) [0-9]{2,5},? Box [0-9]{2,5}|(?:APO|FPO|DPO),? A[AEP] [0-9]{5})"
_CODE_WORD = r"(?:zip|post ?code|postal code|plz)(?: code)?(?: is)?[:= ]{1,3}"
_NEAR = 80
_LICENCES = re.compile(
    r"(?i)51 Franklin|59 Temple|675 Mass|171 Second St|444 Castro|543 Howard|559 Nathan|PO Box 1866"
    r"|31 Milk"
)
_UNIT = re.compile(r"(?i)\d+ (?:way|place|close|drive|court|square|lane|plaza)s?\b")


def address_shapes() -> list[Shape]:
    """Whole addresses, for code and prose alike."""
    english = rf"{_NUMBER}(?: [0-9]{{1,4}}\b)?(?: [NSEW]\.?| {_NAME}){{1,4}} {_ENGLISH}"
    germanic = rf"{_UPPER}[{_LOWER}-]+{_GERMANIC} {_NUMBER}"
    patterns = [
        (english, rf"[0-9][A-Za-z]? [^\n]{{1,60}}{_ENGLISH}"),
        (rf"{_NUMBER},?(?: bis| ter)? {_STREET}", rf"[0-9],?(?: bis| ter)? {_ROMANCE} "),
        (germanic, rf"[a-z\x{{E4}}-]{_GERMANIC} [0-9]"),
        (_BOX, r"(?i:Box|Postfach|Postbus) [0-9]"),
        # "Via Roma 12" alone may be a heading; with code and town it is an address in code, too.
        (
            rf"{_STREET},? {_NUMBER},? {_ZIP},? {_TOWN}",
            rf"{_ROMANCE} [^\n]{{1,60}}[0-9],? {_ZIP}",
        ),
    ]
    return [_shape(pattern + _TAIL, trigger) for pattern, trigger in patterns]


def address_prose_shapes() -> list[Shape]:
    """Addresses that end in a number, and parts of addresses."""
    patterns = [
        (rf"{_STREET},? {_NUMBER}{_TAIL}", rf"{_ROMANCE} [^\n]{{1,60}}[0-9]"),
        (_FIELD_POST, r"(?i:Box [0-9]{2}|[AFD]PO,? A[AEP] [0-9])"),
        (rf"{_TOWN}, {_STATE} [0-9]{{5}}(?:-[0-9]{{4}})?", r", [A-Z]{2} [0-9]{5}"),
        (rf"(?i){_CODE_WORD}(?P<v>{_ZIP}|{_UK_CODE})", rf"(?i){_CODE_WORD}[A-Z0-9]"),
        (_FLAT, r"(?:Apt|Apartment|Suite|Flat)\b\.? ?#?[A-Z]?[0-9]"),
        (
            rf"(?:{_ZIP} )?{_NAME}(?: {_NAME}){{0,2}} {_NUMBER},? {_FLAT}{_SHORT}",
            r"[0-9],? (?:Apt|Suite|Flat)",
        ),
    ]
    return [_shape(pattern, trigger) for pattern, trigger in patterns]


def replace_address(value: str, pseudonyms: Pseudonyms) -> str:
    """`street-<tag>`; the same however its words are spaced and cased."""
    return f"street-{pseudonyms.tag('address', ' '.join(value.lower().split()))[:16]}"


def _shape(pattern: str, trigger: str) -> Shape:
    return Shape(
        entity="POSTAL_ADDRESS", pattern=pattern, trigger=trigger, check=_is_whole, score=0.75
    )


def _is_whole(text: str, start: int, end: int) -> bool:
    """No part of a word, no licence's address, no "2 way"."""
    value = text[start:end]
    return (
        is_bounded(text, start, end, also=".-")
        and _LICENCES.search(text, line_start(text, start, _NEAR), end) is None
        and _UNIT.fullmatch(value) is None
    )
