"""Is a person one pseudonym, and a pseudonym one person? In: pairs of identities. Out: counts.

    persons = Persons(config)
    persons.add("shop", raw, fresh)           # two `Identity`s
    persons.counts()  ->  {"persons": 12, "pseudonyms": 12, "one_to_many": 0, "many_to_one": 0}

Who is who is told here anew: within a repository rows that share a name or an address are one
person, across repositories those that share an address.
"""

import re
from collections import defaultdict
from typing import Any

from schemas.discussion import Identity
from transforms.anonymize.config import AnonymizeConfig
from transforms.anonymize.identities import (
    all_in,
    canonical_email,
    canonical_name,
    is_bot,
    is_bot_email,
    is_shared_email,
)
from transforms.anonymize.pseudonyms import CONTRIBUTOR_OTHER
from transforms.anonymize.words import account_words, generic_words

_TAG = re.compile(r"[-_.]([0-9a-f]{8})(?:[0-9a-f]{8})?(?:@example\.com)?\Z", re.IGNORECASE)
_OTHER = re.compile(r"(?i)contributor[-_. ]other(?:@example\.com)?")
_TAG_CHARS = 8


class Persons:
    """Persons by union-find over names and addresses."""

    def __init__(self, config: AnonymizeConfig) -> None:
        self._keep = frozenset(canonical_name(name) for name in config.keep_names)
        self._words = account_words() | generic_words()
        self._parent: dict[str, str] = {}
        self._pseudonyms: dict[str, set[str]] = {}

    def know(self, repo: str, raw: Identity) -> str:
        """Note that a name and an address are one person's; "" for a program or shared account."""
        nodes = self._nodes(repo, raw)
        for node in nodes:
            self._parent.setdefault(node, node)
            self._parent[self._find(node)] = self._find(nodes[0])
        return nodes[0] if nodes else ""

    def add(self, repo: str, raw: Identity, fresh: Identity) -> None:
        """Note one place where a person stands."""
        person = self.know(repo, raw)
        if not person:
            return
        found = self._pseudonyms.setdefault(person, set())
        for value in (fresh.name, fresh.email):
            if match := _TAG.search(value):
                found.add(match[1][:_TAG_CHARS].lower())
            elif _OTHER.fullmatch(value):
                found.add(CONTRIBUTOR_OTHER)

    def person(self, repo: str, raw: Identity) -> str:
        """A name for the person that is known; "" for a program or a shared account."""
        nodes = self._nodes(repo, raw)
        return self._find(nodes[0]) if nodes else ""

    def counts(self) -> dict[str, Any]:
        """Persons, pseudonyms, and how many of either have several of the other."""
        tags: dict[str, set[str]] = {self._find(node): set() for node in self._pseudonyms}
        for node, found in self._pseudonyms.items():
            tags[self._find(node)] |= found
        owners: dict[str, set[str]] = defaultdict(set)
        for person, found in tags.items():
            for tag in found:
                owners[tag].add(person)
        folded = len(owners.pop(CONTRIBUTOR_OTHER, ()))
        return {
            "persons": len(tags),
            "pseudonyms": len(owners),
            "without_pseudonym": sum(not found for found in tags.values()),
            "folded_into_contributor_other": folded,
            "one_to_many": sum(len(found) > 1 for found in tags.values()),
            "many_to_one": sum(len(people) > 1 for people in owners.values()),
        }

    def _nodes(self, repo: str, person: Identity) -> list[str]:
        """The address, which is the same in every repository, and the name, which need not be."""
        nodes = []
        if not is_shared_email(person.email) and not is_bot_email(person.email):
            nodes.append("email:" + canonical_email(person.email))
        if not self._is_no_person(person.name):
            nodes.append(f"name:{repo}:{canonical_name(person.name)}")
        return nodes

    def _is_no_person(self, name: str) -> bool:
        folded = canonical_name(name)
        is_everyday = all_in(self._words, folded)
        return not folded or folded in self._keep or is_bot(folded) or is_everyday

    def _find(self, node: str) -> str:
        while (parent := self._parent[node]) != node:
            self._parent[node] = self._parent[parent]
            node = parent
        return node


def commits_by_person(rows: list[dict[str, Any]], config: AnonymizeConfig) -> dict[str, list[int]]:
    """Repository -> commits of each of its persons, from mine's `identities`."""
    persons = Persons(config)
    commits: dict[tuple[str, str], int] = defaultdict(int)
    for row in rows:
        identity = Identity(name=row["name"], email=row["email"])
        persons.know(row["repo"], identity)
    for row in rows:
        identity = Identity(name=row["name"], email=row["email"])
        if person := persons.person(row["repo"], identity):
            commits[row["repo"], person] += row["num_commits"]
    found: dict[str, list[int]] = defaultdict(list)
    for (repo, _), number in sorted(commits.items()):
        found[repo].append(number)
    return dict(found)
