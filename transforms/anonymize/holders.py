"""Persons in lines that say who wrote or holds a file. In: text. Out: identities.

    holders("# Copyright (c) 2019-2024 Jane Doe <jane@corp.test> and Acme Inc.")
        ->  [Identity(name="Jane Doe", email="jane@corp.test")]

Organizations are no persons. Texts of licences name nobody in such lines, so they stay whole when
what is found here is replaced.
"""

import re
from collections.abc import Iterator
from itertools import islice

from schemas.discussion import Identity
from transforms.anonymize.identities import is_account
from transforms.anonymize.name_lists import INITIAL, NAME, SHOUTED, THING, WORD, kinds

_NOTICE = (
    r"(?i)\bcopyright\b|\(c\)|\x{a9}|&copy;|SPDX-File(?:CopyrightText|Contributor):|[@\\]author\b"
    r"|@maintainer\b|__(?:author|maintainer|credits)__|(?:code|module|section)author::"
    r"|\b(?:authors?|maintainers?|contributors?)[ \t]*[:=]"
    r"|\b(?:written|created|developed|maintained|contributed) by "
)
_NAMED_MAIL = r"[<(\[][^\s<>@\"()\[\]]+@[^\s<>@\"()\[\]]+\.[A-Za-z]+[>)\]]"
_LINE_CHARS = 300
_NAME_CHARS = 80
_MAX_FOUND = 2_000
_PLAIN_MAIL = r"[\w.%+-]{1,64}@[\w.-]{1,200}\.[^\W\d_]{2,24}"
_MARK = re.compile(
    r"(?i)\A(?:&copy;|\(c\)|(?:copyright|spdx-\w+|[@\\]author|@maintainer|__\w+?__|\w+author::|by|authors?"
    r"|(?:written|created|developed|maintained|contributed)\s+by|maintainers?|contributors?|present"
    r")(?![^\W_])|[\W\d_])"
)
_END = re.compile(
    r"(?i)\ball rights|\blicen[sc]ed?\b|\bunder\b|\bsee\b|https?:|\*/|-->|(?<!\b[A-Z])[.;]\s|\.$"
)
_PIECES = re.compile(r"(?i)\s*(?:[,;/|]|\band\b|&|\\n|\[|\]|<|>|\(|\)|\"|'(?=\W|\Z)|(?<=\W)')\s*")
_WORD = re.compile(r"[^\W\d_]+(?:['\u2019-][^\W\d_]+)*\.?")
_PARTICLES = frozenset(
    ("van", "von", "der", "den", "de", "la", "le", "da", "dos", "del", "di", "du", "bin", "ibn",
     "al", "ten", "ter", "y", "e", "zu", "af")
)  # fmt: skip
_ORGANIZATIONS = """
    the inc inc. llc ltd ltd. limited gmbh ag sa bv plc corp corp. corporation company co co.
    foundation authors author contributors contributor developers team teams project projects
    group university universitat institute laboratory laboratories labs lab software systems
    technologies technology solutions services consortium association society committee community
    council organization org international networks studio studios media press bank holdings
    partners ventures department ministry government research center centre school college
    license licence copyright holder holders owner owners others various individual anonymous
    unknown name year your free open source apache mozilla microsoft google facebook amazon
    oracle ibm intel
"""
_NO_PERSON = frozenset(_ORGANIZATIONS.split())
_MIN_WORDS, _MAX_WORDS = 2, 5
_NO_NAME = WORD | THING


def holders(text: str) -> Iterator[Identity]:
    """Persons of copyright lines, author tags and "Name <address>"; 2,000 of each at most."""
    from transforms.anonymize.linear_patterns import compile_linear

    for match in islice(compile_linear(_NAMED_MAIL).finditer(text), _MAX_FOUND):
        before = text[max(0, match.start() - _NAME_CHARS) : match.start()]
        yield Identity(name=last_name_in(before.rpartition("\n")[2]), email=match.group()[1:-1])
    for match in islice(compile_linear(_NOTICE).finditer(text), _MAX_FOUND):
        line = text[match.start() : match.start() + _LINE_CHARS]
        yield from persons_in(line.partition("\n")[0])


def persons_in(line: str) -> Iterator[Identity]:
    """Persons of one short line, with the marks and years before them."""
    rest = line[:400]
    while mark := _MARK.match(rest):
        rest = rest[mark.end() :]
    for mail in re.findall(_PLAIN_MAIL, rest):
        rest = rest.replace(mail, ",")
        yield Identity(name="", email=mail)
    for piece in _PIECES.split(_END.split(rest, maxsplit=1)[0]):
        if is_person_name(name := " ".join(piece.split())):
            yield Identity(name=name, email="")


def is_person_name(name: str) -> bool:
    """True for two to five capitalised words of which none is an organization's or a thing's."""
    words = name.split()
    if not _MIN_WORDS <= len(words) <= _MAX_WORDS or not _is_shaped(words):
        return False
    bits = [kinds(word.strip(".")) for word in words if word not in _PARTICLES]
    is_word = any(not bit & NAME and bit & _NO_NAME for bit in bits)
    return not is_word and any(bit & NAME or not bit & ~SHOUTED for bit in bits if bit != INITIAL)


def last_name_in(text: str) -> str:
    """The name at the end of a text that an address follows, or ""."""
    words: list[str] = []
    for word in reversed(text.split()):
        if not _WORD.fullmatch(word) or (word[0].islower() and word not in _PARTICLES):
            break
        words.insert(0, word)
    while words and (words[0] in _PARTICLES or len(words) > _MAX_WORDS):
        words.pop(0)
    # "See Jane Doe <...>": what comes before a name is a word of the sentence.
    while len(words) > _MIN_WORDS and not kinds(words[0]) & NAME and kinds(words[0]) & _NO_NAME:
        words.pop(0)
    return " ".join(words) if len(words) >= _MIN_WORDS and _is_shaped(words) else ""


def _is_shaped(words: list[str]) -> bool:
    plain = [word for word in words if word not in _PARTICLES]
    return (
        len(plain) >= _MIN_WORDS
        and all(_WORD.fullmatch(word) and word[0].isupper() for word in plain)
        and max(map(len, plain)) > 2
        and not any(word.casefold() in _NO_PERSON for word in words)
        and not is_account(" ".join(words))
    )
