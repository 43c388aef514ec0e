"""Persons of package manifests. In: a file's name, its text. Out: identities.

    manifest_people("Cargo.toml", '[package]\\nauthors = ["Jane Doe <jane@corp.test>"]')
        ->  [Identity(name="Jane Doe", email="jane@corp.test")]

Names of TOML and JSON are read from parsed values, all others line by line. A manifest that cannot
be parsed, or is over a megabyte, names nobody here; `holders` still sees its addresses.
"""

import json
import re
import tomllib
from collections.abc import Iterator
from typing import Any

from schemas.discussion import Identity
from transforms.anonymize.holders import is_person_name, last_name_in, persons_in
from transforms.anonymize.identities import GITHUB

_MAX_CHARS = 1_000_000
_MAX_LINES = 5_000
_MAX_LINE = 400
_MAX_DEPTH = 8
_MAX_FOUND = 2_000
_NAMES = """
    author authors contributor contributors maintainer maintainers creator creators developer
    developers owner owners people
"""
_KEYS = frozenset(_NAMES.split())
_TOML = frozenset({"pyproject.toml", "cargo.toml", "project.toml", "pixi.toml"})
_JSON = frozenset(
    {"package.json", "bower.json", "composer.json", "codemeta.json", ".all-contributorsrc",
     ".zenodo.json", "manifest.json", "plugin.json"}
)  # fmt: skip
_FILES = """
    setup.py setup.cfg description pubspec.yaml pubspec.yml citation.cff chart.yaml mix.exs
    build.gradle build.sbt pom.xml package.xml galaxy.yml meta.yaml owners owners_aliases dub.sdl
"""
_BY_LINE = frozenset(_FILES.split())
_ENDINGS = (
    ".gemspec", ".podspec", ".csproj", ".fsproj", ".vbproj", ".nuspec", ".props", ".cabal",
    ".opam", ".rockspec", ".nimble", ".cff",
)  # fmt: skip
_ROLE = re.compile(
    r"(?i)(?<![a-z])(?:authors?|maintainers?|owners?|developers?|creators?|contributors?)"
    r"(?:@R)?[\"']?\s*(?:=>|[:=>(])(?P<rest>.*)"
)
_NAME = re.compile(r"(?i)\A\s*(?:-\s*)?(?:<name>|name:\s)(?P<rest>.*)")
_EMAIL = re.compile(r"(?i)e-?mail[\w\"']*\s*[=:>]+\s*[\[\"' ]*([\w.%+-]{1,64}@[\w.-]{1,200})")
_NEAR_LINES = 6
_R_PERSON = re.compile(
    r"person\(\s*(?:given\s*=\s*)?[\"']([^\"']+)[\"'],\s*(?:family\s*=\s*)?[\"']([^\"']+)"
)
_CFF = re.compile(r"(given|family)-names:\s*[\"']?([^\"'\n]+)")
_LIST_ITEM = re.compile(r"^\s*-\s*[\"']?([A-Za-z0-9](?:[A-Za-z0-9-]{0,38}))[\"']?\s*(?:#.*)?$")


def is_manifest(name: str) -> bool:
    """True for names of files that `manifest_people` reads."""
    lower = name.lower()
    return lower in _TOML | _JSON | _BY_LINE or lower.endswith(_ENDINGS)


def manifest_people(name: str, text: str) -> Iterator[Identity]:
    """Authors, maintainers and contributors, in the order of the file."""
    lower = name.lower()
    if len(text) > _MAX_CHARS:
        return
    if lower in _TOML or lower in _JSON:
        found = _walk(parsed(lower, text), 0)
        yield from (person for person, _ in zip(found, range(_MAX_FOUND), strict=False))
        return
    lines = [line for line in text.split("\n")[:_MAX_LINES] if len(line) <= _MAX_LINE]
    if lower.startswith("owners"):
        logins = (match[1] for line in lines if (match := _LIST_ITEM.match(line)))
        yield from (Identity(name="", email=f"{login}@{GITHUB}") for login in logins)
        return
    yield from _by_line(lines)
    yield from _of_citation(lines)


def parsed(name: str, text: str) -> Any:
    """The value of a TOML or JSON file; None where it is none, which names nobody."""
    try:
        return tomllib.loads(text) if name.endswith(".toml") else json.loads(text)
    except (ValueError, RecursionError):
        return None


def _walk(value: Any, depth: int) -> Iterator[Identity]:
    """Values under the keys of people, however deep up to the limit."""
    if depth > _MAX_DEPTH:
        return
    items = value.items() if isinstance(value, dict) else ()
    for key, below in items:
        if str(key).lower() in _KEYS:
            for entry in below if isinstance(below, list) else [below]:
                yield from _entry(entry)
        yield from _walk(below, depth + 1)
    for below in value if isinstance(value, list) else ():
        yield from _walk(below, depth + 1)


def _entry(entry: Any) -> Iterator[Identity]:
    """ "Jane Doe <jane@corp.test> (https://...)" or {name, email, login}."""
    if isinstance(entry, str):
        yield from _pairs(entry[:_MAX_LINE])
    if not isinstance(entry, dict):
        return
    fields = {str(key).lower(): str(value)[:_MAX_LINE] for key, value in entry.items()}
    name = " ".join(fields.get("name", "").split())
    email = fields.get("email", "")
    login = fields.get("login", "")
    if "@" in email:
        yield Identity(name=last_name_in(name) or name, email=email)
    elif is_person_name(name) or login:
        address = f"{login}@{GITHUB}" if login else ""
        yield Identity(name=name if is_person_name(name) else "", email=address)


def _pairs(text: str) -> Iterator[Identity]:
    before, bracket, after = text.partition("<")
    email = after.partition(">")[0].strip()
    if bracket and "@" in email:
        yield Identity(name=last_name_in(before), email=email)
    else:
        yield from persons_in(text)


def _by_line(lines: list[str]) -> Iterator[Identity]:
    """Names and, on their line or one of the next, the address that goes with one name."""
    last_role = -_NEAR_LINES
    name, name_line = "", -_NEAR_LINES
    for number, line in enumerate(lines):
        match = _ROLE.search(line)
        last_role = number if match else last_role
        if match is None and number - last_role < _NEAR_LINES:
            # "name:" alone is a package's; after a line about people it is one of theirs.
            match = _NAME.search(line)
        names = [person for person in persons_in(match["rest"]) if person.name] if match else []
        names += [Identity(name=" ".join(one), email="") for one in _R_PERSON.findall(line)]
        yield from names
        name, name_line = (names[0].name, number) if len(names) == 1 else (name, name_line)
        for email in _EMAIL.findall(line):
            near = name and number - name_line < _NEAR_LINES and len(names) < 2
            yield Identity(name=name if near else "", email=email)
            name = ""


def _of_citation(lines: list[str]) -> Iterator[Identity]:
    """Given and family names on lines beside each other, in either order."""
    parts: dict[str, str] = {}
    for line in lines:
        if match := _CFF.search(line):
            parts[match[1]] = match[2].strip()
        if len(parts) == 2:
            yield Identity(name=f"{parts['given']} {parts['family']}", email="")
            parts = {}
