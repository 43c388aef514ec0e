"""The persons of one repository. In: its identities. Out: keys of their forms, strings to look for.

    people = People([Identity(name="Jane Doe", email="jane@corp.test"),
                     Identity(name="Jane Doe", email="7+jdoe@users.noreply.github.com")])
    people.of_login("jdoe") == people.of_email("Jane+git@corp.test") == people.of_name("jane doe")

Only the repository's own persons are looked for, under the keys that they have in the whole
delivery; whom the repository does not name is keyed by what stands in the text. So what a
repository's rows become depends on `digest` and on nothing else of the delivery.
"""

import hashlib
import hmac
import json
from collections.abc import Iterable, Iterator, Mapping

from transforms.anonymize.identities import (
    GITHUB,
    IdentityLike,
    canonical_email,
    canonical_name,
    is_distinctive,
    is_shared_email,
)
from transforms.anonymize.person_forms import fold, name_forms
from transforms.anonymize.persons import Persons, name_nodes
from transforms.anonymize.pseudonyms import CONTRIBUTOR_OTHER


class People:
    """A repository's view of the delivery's persons; without `everyone`, of its own alone.

    `keep` holds names that are no person's. With `min_commits`, persons to whom `num_commits`
    gives fewer, (name, e-mail) by (name, e-mail), share the key `CONTRIBUTOR_OTHER`. Of persons
    `named_in_files` only addresses and full names are looked for: a list of authors in a vendored
    folder has thousands of accounts, and one of them is called "func".
    """

    def __init__(
        self,
        identities: Iterable[IdentityLike],
        keep: Iterable[str] = (),
        *,
        everyone: Persons | None = None,
        min_commits: int = 0,
        num_commits: Mapping[tuple[str, str], int] | None = None,
        named_in_files: Iterable[IdentityLike] = (),
    ) -> None:
        own, others = list(identities), list(named_in_files)
        rows = [*own, *others]
        self._own = {(row.name, row.email) for row in own}
        self._rows = sorted({(row.name, row.email) for row in rows})
        self._everyone = everyone or Persons(rows, keep)
        self._addresses = {
            canonical_email(email): self._everyone.of_email(email)
            for name, email in self._rows
            for email in (email, *([name] if "@" in name else []))
        }
        self._names = self._owners_of_names()
        self._logins = self._unambiguous_logins()
        self._few: frozenset[str] = frozenset()
        self._few = self._with_few_commits(min_commits, num_commits or {})

    def is_kept(self, name: str) -> bool:
        """True when a name is no person's: GitHub, root, "Test User", a bot, or kept by config."""
        return self._everyone.is_kept(name)

    def is_shared(self, email: str) -> bool:
        """True when no single person owns the address, in the whole delivery."""
        return self._everyone.is_shared(email)

    def of_email(self, email: str) -> str:
        """The key of an address's owner; a shared address is its own owner."""
        address = canonical_email(email)
        return self._shown(self._addresses.get(address, address))

    def of_name(self, name: str) -> str:
        """The key of a name's owner; one word is a login."""
        node = name_nodes(name)[0]
        if node in self._names:
            return self._shown(self._names[node])
        return self.of_login(node[2:]) if node.startswith("w:") else self._shown(node[2:])

    def of_login(self, login: str) -> str:
        """The key of a login's owner; an unknown login is keyed as its GitHub address."""
        folded = canonical_name(login)
        known = self._logins.get(folded) or self._names.get(name_nodes(folded)[0])
        return self._shown(known) if known else self.of_email(f"{folded}@{GITHUB}")

    def of_identity(self, name: str, email: str) -> str:
        """The key of a git identity: by address where it is somebody's, else by name."""
        if self.is_shared(email) and not self.is_kept(name):
            return self.of_name(name)
        return self.of_email(email)

    def seeds(self) -> Iterator[tuple[str, str, str]]:
        """(entity, text to look for, key of the person), sorted, for every row and its forms."""
        found: dict[tuple[str, str], str] = {}
        for name, email in self._rows:
            is_nobodys = is_shared_email(email)
            if not is_nobodys or is_distinctive(canonical_email(email).partition("@")[0]):
                key = self.of_identity(name, email) if is_nobodys else self.of_email(email)
                found[("EMAIL_ADDRESS", fold(email))] = key
            if self._everyone.is_telling(name) and "@" not in name:
                key = self.of_name(name)
                forms = name_forms(name)
                is_own = (name, email) in self._own
                for form in forms if is_own else (one for one in forms if one[0] == "PERSON"):
                    found.setdefault(form, key)
        for login, key in self._logins.items():
            found.setdefault(("LOGIN", login), self._shown(key))
        yield from sorted((entity, text, key) for (entity, text), key in found.items())

    def digest(self, key: bytes) -> str:
        """32 hex digits of all that texts of the repository depend on; equal when nothing changed.

        `key` is that of the pseudonyms: a plain digest of few persons could be guessed.
        """
        maps = [self._addresses, self._names, self._logins]
        shared = [row for row in self._rows if self.is_shared(row[1])]
        facts = [
            self._rows,
            sorted(self._own),
            shared,
            sorted(self._few),
            *(sorted(map_.items()) for map_ in maps),
        ]
        message = b"katydid people\0" + json.dumps(facts).encode()
        return hmac.new(key, message, hashlib.sha256).hexdigest()[:32]

    def _shown(self, key: str) -> str:
        return CONTRIBUTOR_OTHER if key in self._few else key

    def _owners_of_names(self) -> dict[str, str]:
        """A name that many share in the delivery may be one person's here."""
        owners: dict[str, set[str]] = {}
        for name, email in self._rows:
            if self._everyone.is_telling(name) and "@" not in name:
                key = self._everyone.of_identity(name, email)
                for node in name_nodes(name):
                    owners.setdefault(node, set()).add(key)
        return {
            node: min(keys) if len(keys) == 1 else self._everyone.of_name(node[2:])
            for node, keys in owners.items()
        }

    def _unambiguous_logins(self) -> dict[str, str]:
        """Local parts that look like a login and belong to one person; GitHub logins win."""
        owners: dict[str, set[str]] = {}
        github: dict[str, str] = {}
        own = {canonical_email(email) for _, email in self._own}
        for address, key in sorted(self._addresses.items()):
            if address not in own:
                continue
            local, _, domain = address.rpartition("@")
            if is_shared_email(address) or not is_distinctive(local):
                continue
            owners.setdefault(local, set()).add(key)
            if domain == GITHUB:
                github[local] = key
        single = {local: min(keys) for local, keys in owners.items() if len(keys) == 1}
        return single | github

    def _with_few_commits(
        self, min_commits: int, num_commits: Mapping[tuple[str, str], int]
    ) -> frozenset[str]:
        if not min_commits:
            return frozenset()
        sums = dict.fromkeys([*self._addresses.values(), *self._names.values()], 0)
        for name, email in self._rows:
            key = self.of_identity(name, email)
            sums[key] = sums.get(key, 0) + num_commits.get((name, email), 0)
        return frozenset(key for key, num in sums.items() if num < min_commits)
