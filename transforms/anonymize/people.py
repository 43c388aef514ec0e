"""Who is who in one repository. In: its git identities. Out: one key per person, and seeds.

    people = People([Identity(name="Jane Doe", email="jane@corp.test"),
                     Identity(name="Jane Doe", email="7+jdoe@users.noreply.github.com")])
    people.of_login("jdoe") == people.of_email("Jane+git@corp.test") == people.of_name("jane doe")

Rows that share a name or an address are one person (union-find). A person's key is the least of
their canonical addresses, so that somebody with one address has the same key in every repository,
and an address met in text that no row holds is keyed the same way.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from typing import Literal, Protocol

from transforms.anonymize.words import account_words, generic_words

_GITHUB = "users.noreply.github.com"
_GENERIC_LOCALS = frozenset({"noreply", "no-reply", "donotreply", "git"})
_MIN_LOGIN_CHARS = 4
_MIN_NAME_CHARS = 5
_MIN_JOINED_CHARS = 7
_MIN_DERIVED_CHARS = 6


class IdentityLike(Protocol):
    """Anything with a git name and e-mail."""

    @property
    def name(self) -> str: ...
    @property
    def email(self) -> str: ...


def fold(text: str) -> str:
    """Lower case with every character in its place, so that offsets stay valid."""
    lower = text.lower()
    if len(lower) == len(text):
        return lower
    return "".join(char.lower() if len(char.lower()) == 1 else char for char in text)


def canonical_name(name: str) -> str:
    """NFKC, case folded, single spaces: "Jane  DOE" and "jane doe" are one."""
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())


def canonical_email(email: str) -> str:
    """NFKC, lower case, no plus tag; GitHub's "7+jdoe@users.noreply..." loses its number."""
    folded = unicodedata.normalize("NFKC", email).strip().casefold()
    local, at, domain = folded.rpartition("@")
    local = local.rpartition("+")[2] if domain == _GITHUB else local.partition("+")[0]
    return f"{local}{at}{domain}"


def is_bot(name: str) -> bool:
    """True for names of GitHub Apps, "dependabot[bot]"."""
    return re.fullmatch(r"[\w-]+\[bot\]", name) is not None


def is_bot_email(email: str) -> bool:
    """True for addresses of GitHub Apps, "4+dependabot[bot]@users.noreply.github.com"."""
    local, _, domain = canonical_email(email).rpartition("@")
    return is_bot(local) and domain == _GITHUB


def is_shared_email(email: str) -> bool:
    """True for addresses that no single person owns: noreply@github.com, root@localhost, ""."""
    local, _, domain = canonical_email(email).rpartition("@")
    return is_bot_email(email) or "." not in domain or local in _GENERIC_LOCALS or not local


class People:
    """The persons of a repository. `keep` holds names that are no person's."""

    def __init__(self, identities: Iterable[IdentityLike], keep: Iterable[str] = ()) -> None:
        self._keep = frozenset(canonical_name(name) for name in keep)
        self._parent: dict[str, str] = {}
        rows = sorted({(row.name, row.email) for row in identities})
        for name, email in rows:
            self._join(name, email)
        self._logins = self._unambiguous_logins()
        self._rows = rows

    def is_kept(self, name: str) -> bool:
        """True when a name is no person's: GitHub, root, "Test User", a bot, or kept by config."""
        folded = canonical_name(name)
        return folded in self._keep or is_bot(folded) or _all_in(account_words(), folded)

    def is_telling(self, name: str) -> bool:
        """True when a name tells people apart and can be looked for: not "John", not "Core"."""
        return not self.is_kept(name) and not _all_in(generic_words(), canonical_name(name))

    def of_email(self, email: str) -> str:
        """The key of an address's owner; a shared address is its own owner."""
        return self._find("email:" + canonical_email(email)).partition(":")[2]

    def of_name(self, name: str) -> str:
        """The key of a name's owner."""
        return self._find("name:" + canonical_name(name)).partition(":")[2]

    def of_login(self, login: str) -> str:
        """The key of a login's owner; an unknown login is keyed as its GitHub address."""
        folded = canonical_name(login)
        if folded in self._logins:
            return self._logins[folded]
        if "name:" + folded in self._parent:
            return self.of_name(folded)
        return self.of_email(f"{folded}@{_GITHUB}")

    def of_identity(self, name: str, email: str) -> str:
        """The key of a git identity: by address where it is somebody's, else by name."""
        if is_shared_email(email) and not self.is_kept(name):
            return self.of_name(name)
        return self.of_email(email)

    def seeds(self) -> Iterator[tuple[str, str, str]]:
        """(entity, text to look for, key of the person), sorted, for every row and its variants."""
        found: dict[tuple[str, str], str] = {}
        for name, email in self._rows:
            key = self.of_identity(name, email)
            local = canonical_email(email).partition("@")[0]
            if not is_shared_email(email) or is_distinctive(local):
                found[("EMAIL_ADDRESS", fold(email))] = key
            if self.is_telling(name):
                for entity, variant in _name_variants(name):
                    found.setdefault((entity, variant), key)
        for login, key in self._logins.items():
            found.setdefault(("LOGIN", login), key)
        yield from sorted((entity, text, key) for (entity, text), key in found.items())

    def _join(self, name: str, email: str) -> None:
        has_name, has_email = self.is_telling(name), not is_shared_email(email)
        nodes = ["name:" + canonical_name(name)] if has_name else []
        nodes += ["email:" + canonical_email(email)] if has_email else []
        for node in nodes:
            self._parent.setdefault(node, node)
        if len(nodes) == 2:
            # "email:" sorts before "name:", so the root of a set is its least address.
            low, high = sorted(self._find(node) for node in nodes)
            self._parent[high] = low

    def _find(self, node: str) -> str:
        while (parent := self._parent.get(node, node)) != node:
            # Halving the path keeps a chain of names and addresses from taking quadratic time.
            self._parent[node] = self._parent[parent]
            node = parent
        return node

    def _unambiguous_logins(self) -> dict[str, str]:
        """Local parts that look like a login and belong to one person; GitHub logins win."""
        owners: dict[str, set[str]] = {}
        github: dict[str, str] = {}
        for node in sorted(self._parent):
            kind, _, value = node.partition(":")
            local, _, domain = value.rpartition("@")
            if kind != "email" or not is_distinctive(local):
                continue
            owners.setdefault(local, set()).add(self.of_email(value))
            if domain == _GITHUB:
                github[local] = self.of_email(value)
        single = {local: min(keys) for local, keys in owners.items() if len(keys) == 1}
        return single | github


def _all_in(words: frozenset[str], folded: str) -> bool:
    """True when every part of a name is one of the words or a number."""
    parts = re.findall(r"[^\W_]+", folded)
    return folded in words or all(part in words or part.isdigit() for part in parts)


def is_distinctive(word: str) -> bool:
    """True when one word can be looked for in code without meeting everyday words."""
    return len(word) >= _MIN_LOGIN_CHARS and not _all_in(generic_words(), word)


def _name_variants(name: str) -> Iterator[tuple[str, str]]:
    """(entity, folded text): the name itself, without accents, and as logins are made of it."""
    for spelling in sorted(_spellings(name.replace("[bot]", ""))):
        words = fold(spelling).split()
        if len(words) == 1 and is_distinctive(words[0]):
            yield "LOGIN", words[0]
        if len(words) < 2 or sum(map(len, words)) < _MIN_NAME_CHARS:
            continue
        yield "PERSON", " ".join(words)
        yield "PERSON", f"{words[-1]}, {' '.join(words[:-1])}"
        yield from (("LOGIN", login) for login in _likely_logins(words))


def _likely_logins(words: list[str]) -> Iterator[str]:
    """jane_doe, jane-doe, jane.doe, janedoe, jdoe, j.doe; none that is an everyday word."""
    plain = ["".join(char for char in word if char.isalnum()) for word in words]
    first, last = plain[0], plain[-1]
    if not all(plain) or len("".join(plain)) < _MIN_JOINED_CHARS:
        return
    yield from (joint.join(plain) for joint in ("_", "-", "."))
    shorter = ("".join(plain), first[:1] + last, f"{first[:1]}.{last}")
    for login in shorter:
        if len(login) >= _MIN_DERIVED_CHARS and is_distinctive(login):
            yield login


def _spellings(name: str) -> set[str]:
    """Composed, decomposed, and without accents."""
    plain = "".join(c for c in unicodedata.normalize("NFKD", name) if not unicodedata.combining(c))
    forms: tuple[Literal["NFC"], Literal["NFD"]] = ("NFC", "NFD")
    return {name, plain, *(unicodedata.normalize(form, name) for form in forms)}
