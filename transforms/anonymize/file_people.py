"""Persons that a repository's own files name. In: path, text. Out: identities.

people_in_file("pyproject.toml", 'authors = [{name = "Jane Doe", email = "jane@corp.test"}]')
    ->  [Identity(name="Jane Doe", email="jane@corp.test")]

A login stands as the address that GitHub gives it. Who has an address at example.com is an
example. Time is linear in the length of the text.
"""

import re
from collections.abc import Callable, Iterator
from itertools import chain

from schemas.discussion import Identity
from transforms.anonymize.config import RESERVED_DOMAINS
from transforms.anonymize.holders import holders, is_person_name, persons_in
from transforms.anonymize.identities import GITHUB
from transforms.anonymize.manifest_people import is_manifest, manifest_people

_MAX_LINES = 20_000
_MAX_LINE = 400
_LISTS = re.compile(
    r"(?i)(?:authors?|contributors?|maintainers?|thanks|credits|acknowledge?ments?|committers"
    r"|copyright|humans|backers|emeritus|team)(?:\.(?:md|txt|rst|adoc|in))?"
)
_HANDLE = re.compile(r"(?<![\w@/.`])@([A-Za-z0-9](?:[A-Za-z0-9-]{0,38}))(?![\w/@.-])")
_ACCOUNT_URL = re.compile(r"github\.com/([A-Za-z0-9](?:[A-Za-z0-9-]{0,38}))(?=[)>\]\s\"']|$)")
_MAIL = re.compile(r"[\w.%+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,6}")
_MAILMAP = re.compile(r"\s*([^<>#]*?)\s*<([^<>\s]+@[^<>\s]+)>")
_BULLET = re.compile(r"\A[\s*+>|#.0-9-]*")
_NAME_END = re.compile(r"\s*(?:[<(\[|,:;@\t]|https?://| - | -- |\u2014|\u2013)")


def people_in_file(path: str, text: str) -> list[Identity]:
    """Each person once, sorted; an unknown part is ""."""
    found = {
        (person.name, person.email)
        for person in _people(path.rpartition("/")[2], text)
        if not person.email.lower().endswith(RESERVED_DOMAINS)
    }
    return [Identity(name=name, email=email) for name, email in sorted(found - {("", "")})]


def _people(name: str, text: str) -> Iterator[Identity]:
    yield from holders(text)
    if is_manifest(name):
        yield from manifest_people(name, text)
    reader = _reader(name)
    if reader is not None:
        lines = (line for line in text.split("\n")[:_MAX_LINES] if len(line) <= _MAX_LINE)
        yield from chain.from_iterable(map(reader, lines))


def _reader(name: str) -> Callable[[str], Iterator[Identity]] | None:
    if name.upper() == "CODEOWNERS":
        return _owners
    if name == ".mailmap":
        return _mailmap
    return _listed if _LISTS.fullmatch(name) else None


def _owners(line: str) -> Iterator[Identity]:
    """ "*.py  @jdoe jane@corp.test"; a team ("@acme/core") is no person."""
    rule = line.partition("#")[0]
    yield from _logins(rule)
    for email in _MAIL.findall(rule):
        yield Identity(name="", email=email)


def _mailmap(line: str) -> Iterator[Identity]:
    """ "Proper Name <proper@mail> Commit Name <commit@mail>": every pair is the same person."""
    parts = _MAILMAP.findall(line.partition("#")[0])
    names = [name for name, _ in parts if name]
    for name in names[:2] or [""]:
        for _, email in parts[:2]:
            yield Identity(name=name, email=email)


def _listed(line: str) -> Iterator[Identity]:
    """ "* Jane Doe <jane@corp.test> (@jdoe), for the parser"."""
    start = _BULLET.sub("", line)
    name = " ".join(_NAME_END.split(start, maxsplit=1)[0].strip("*_`").split())
    is_person = is_person_name(name)
    accounts = sorted({*_HANDLE.findall(line), *_ACCOUNT_URL.findall(line)})
    emails = [*_MAIL.findall(line), *(f"{login}@{GITHUB}" for login in accounts)]
    if is_person and len(emails) <= 2:
        yield from (Identity(name=name, email=email) for email in emails or [""])
    else:
        yield from (Identity(name="", email=email) for email in emails)
        yield from persons_in(start)


def _logins(text: str) -> Iterator[Identity]:
    for login in _HANDLE.findall(text):
        yield Identity(name="", email=f"{login}@{GITHUB}")
