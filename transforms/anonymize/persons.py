"""Who is who in a whole delivery. In: identities of all repositories. Out: one key per person.

    persons = Persons([Identity(name="Jane Doe", email="jane@corp.test"),
                       Identity(name="Doe, Jane", email="7+jdoe@users.noreply.github.com")])
    persons.of_email("Jane+git@corp.test") == persons.of_name("jane doe")  ->  True

Rows that share an address, a full name or a rare login are one person (union-find). What many
share says nothing: an address under three names that have no word in common ("build@corp.test"), a
full name with more than 12 addresses, a first name that stands at several persons. A person's key
is the least of their addresses, else their name; so it does not depend on the order of rows, nor on
rows of persons that share nothing with them.
"""

from collections.abc import Iterable, Iterator

from transforms.anonymize.identities import (
    GITHUB,
    IdentityLike,
    all_in,
    canonical_email,
    canonical_name,
    hidden_login,
    is_account,
    is_distinctive,
    is_shared_email,
    is_telling,
    name_keys,
)
from transforms.anonymize.words import account_words

_MAX_ADDRESSES = 12
"""Of one full name. Long-standing committers of large projects have up to ten."""
_MAX_WORD_OWNERS = 3
"""A single word that more persons go by is a first name."""
_MAX_NAMES = 24
"""Of one address, before they are compared with each other."""


class Persons:
    """Keys of all persons. `keep` holds names that are no person's."""

    def __init__(self, identities: Iterable[IdentityLike], keep: Iterable[str] = ()) -> None:
        self._keep = frozenset(canonical_name(name) for name in keep)
        self._parent: dict[str, str] = {}
        self._shared: set[str] = set()
        self._join_all(sorted({(row.name, row.email) for row in identities}))

    def is_kept(self, name: str) -> bool:
        """True when a name is no person's: GitHub, root, "Test User", a bot, or kept by config."""
        return canonical_name(name) in self._keep or is_account(name)

    def is_telling(self, name: str) -> bool:
        """True when a name tells people apart and can be looked for: not "John", not "Core"."""
        return not self.is_kept(name) and is_telling(name)

    def is_shared(self, email: str) -> bool:
        """True when no single person owns the address."""
        return is_shared_email(email) or "e:" + canonical_email(email) in self._shared

    def of_email(self, email: str) -> str:
        """The key of an address's owner; a shared address is its own owner."""
        return self._key("e:" + canonical_email(email))

    def of_name(self, name: str) -> str:
        """The key of a name's owner; one word is a login."""
        node = name_nodes(name)[0]
        return self.of_login(node[2:]) if node.startswith("w:") else self._key(node)

    def of_login(self, login: str) -> str:
        """The key of a login's owner; an unknown login is keyed as its GitHub address."""
        address, node = "e:" + canonical_email(f"{login}@{GITHUB}"), name_nodes(login)[0]
        return self._key(address if address in self._parent or node not in self._parent else node)

    def of_identity(self, name: str, email: str) -> str:
        """The key of a git identity: by address where it is somebody's, else by name."""
        if self.is_shared(email) and not self.is_kept(name):
            return self.of_name(name)
        return self.of_email(email)

    def _key(self, node: str) -> str:
        root = self._find(node)
        return f"{root[2:]}@{GITHUB}" if root.startswith("w:") else root[2:]

    def _find(self, node: str) -> str:
        while (parent := self._parent.get(node, node)) != node:
            # Halving the path keeps a chain of names and addresses from taking quadratic time.
            self._parent[node] = self._parent[parent]
            node = parent
        return node

    def _join(self, one: str, other: str) -> None:
        # "e:" sorts before "n:" and "w:", so the root of a set is its least address.
        low, high = sorted((self._find(one), self._find(other)))
        self._parent[high] = low

    def _join_all(self, rows: list[tuple[str, str]]) -> None:
        names_at: dict[str, set[str]] = {}
        addresses_of: dict[str, set[str]] = {}
        for name, email in rows:
            addresses = list(self._addresses(name, email))
            names = name_nodes(name) if self.is_telling(name) and "@" not in name else ()
            names += tuple(f"w:{login}" for login in map(hidden_login, addresses) if login)
            for node in (*addresses, *names):
                self._parent.setdefault(node, node)
            for address in addresses:
                names_at.setdefault(address, set()).update(names[:1])
                for node in names:
                    addresses_of.setdefault(node, set()).add(address)
            for node in names[1:]:
                if node.startswith("n:"):
                    self._join(names[0], node)
        self._shared = {node for node, names in names_at.items() if _is_shared(node, names)}
        self._join_names(addresses_of)
        self._join_words(addresses_of)

    def _addresses(self, name: str, email: str) -> Iterator[str]:
        """Nodes of the row's address, and of one that stands in the name's place."""
        for text in (email, name if "@" in name else ""):
            if not is_shared_email(text):
                yield "e:" + canonical_email(text)

    def _join_names(self, addresses_of: dict[str, set[str]]) -> None:
        for name, found in sorted(addresses_of.items()):
            owned = sorted(found - self._shared)
            if name.startswith("n:") and len(owned) <= _MAX_ADDRESSES:
                for address in owned:
                    self._join(name, address)

    def _join_words(self, addresses_of: dict[str, set[str]]) -> None:
        """Logins join what has at most one full name, judged before any login has joined."""
        named = {self._find(node) for node in addresses_of if node.startswith("n:")}
        chosen: list[tuple[str, list[str]]] = []
        for word, found in sorted(addresses_of.items()):
            owned = sorted(found - self._shared)
            owners = {self._find(address) for address in owned}
            few = len(owners) <= _MAX_WORD_OWNERS and len(owners & named) <= 1
            if word.startswith("w:") and few and is_distinctive(word[2:]):
                chosen.append((word, owned))
        for word, owned in chosen:
            for address in owned:
                self._join(word, address)


def name_nodes(name: str) -> tuple[str, ...]:
    """ "n:" and the key of a full name, "w:" and a single word, "e:" and an address."""
    if "@" in name:
        return ("e:" + canonical_email(name),)
    keys = name_keys(name)
    return tuple(f"{'n' if ' ' in key else 'w'}:{key}" for key in keys)


def _is_shared(address: str, names: set[str]) -> bool:
    """True for an address that different persons write from."""
    full = sorted(node[2:] for node in names if node.startswith("n:"))
    if len(full) < 2:
        return len(names) > _MAX_NAMES
    local = address[2:].rpartition("@")[0]
    allowed = 1 if all_in(account_words(), local) else 2
    return len(full) > _MAX_NAMES or _num_groups(full) > allowed


def _num_groups(names: list[str]) -> int:
    """How many groups of names there are that have no word in common with another group."""
    groups: list[set[str]] = []
    for name in names:
        words = set(name.split())
        apart = [group for group in groups if not group & words]
        together = [group for group in groups if group & words]
        groups = [*apart, words.union(*together)]
    return len(groups)
