"""Which instance a pull request is, by number or commit. In: instances; a row. Out: what is found.

    identities = Identities(instances, rules)
    identities.match(row)      ->  "swe-bench django__django-11099: same number", or None

Compared only within a repository, so that a fork's numbers mean nothing. Many pull requests start
at one commit, so a base tells them apart only where a number is not known, or by the rule "base".
"""

from collections.abc import Iterable, Sequence

from schemas.tables import PullRequest
from transforms.decontaminate.benchmarks import Instance
from transforms.decontaminate.names import repository_keys

_Key = tuple[str, str]


class Identities:
    """Instances by repository, and by number or commit within it."""

    def __init__(self, instances: Iterable[Instance], rules: Sequence[str]) -> None:
        self._rules = rules
        self.repositories: set[str] = set()
        """What rows may call the instances' repositories."""
        self._numbers: dict[_Key, Instance] = {}
        self._bases: dict[_Key, list[Instance]] = {}
        self._solutions: dict[_Key, Instance] = {}
        for one in instances:
            for repo in repository_keys(one.repo):
                self._add(repo, one)

    def _add(self, repo: str, one: Instance) -> None:
        self.repositories.add(repo)
        if one.number is not None:
            self._numbers.setdefault((repo, str(one.number)), one)
        if one.base_commit:
            self._bases.setdefault((repo, one.base_commit), []).append(one)
        for sha in one.solutions:
            self._solutions.setdefault((repo, sha), one)

    def match(self, row: PullRequest) -> str | None:
        """Benchmark, instance and rule."""
        repo = row.repo.lower()
        if repo not in self.repositories:
            return None
        if "number" in self._rules and (one := self._numbers.get((repo, str(row.number)))):
            return f"{one.benchmark} {one.instance_id}: same number"
        if one := self._by_base(row, self._bases.get((repo, row.base_commit), [])):
            return f"{one.benchmark} {one.instance_id}: same base commit"
        commits = [row.head_commit, row.merge_commit or "", *(one.sha for one in row.commits)]
        for sha in commits if "commit" in self._rules else ():
            if found := self._solutions.get((repo, sha)):
                return f"{found.benchmark} {found.instance_id}: commit of the solution"
        return None

    def _by_base(self, row: PullRequest, instances: Sequence[Instance]) -> Instance | None:
        if "base" in self._rules:
            return next(iter(instances), None)
        if "commit" in self._rules:
            return next((one for one in instances if None in (row.number, one.number)), None)
        return None
