"""All repositories of a run under one key. In: identities, surveys. Out: anonymizers.

    delivery = Delivery(config, key, identities, surveys)
    delivery.anonymizer("acme/shop", detectors).text("...")

Who is who is decided over all repositories, so that one person is one pseudonym in all of them;
each repository looks for its own persons only.
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING

import pyarrow as pa

from schemas.discussion import Identity
from transforms.anonymize.config import AnonymizeConfig
from transforms.anonymize.people import People
from transforms.anonymize.persons import Persons
from transforms.anonymize.survey import Survey

if TYPE_CHECKING:
    from transforms.anonymize.engine import Detectors
    from transforms.anonymize.text import TextAnonymizer


class Delivery:
    """`identities` is mine's table of that name; `surveys` are those of all repositories."""

    def __init__(
        self, config: AnonymizeConfig, key: bytes, identities: pa.Table, surveys: Iterable[Survey]
    ) -> None:
        self._config, self._key = config, key
        self._surveys = {survey.repo: survey for survey in surveys}
        self._rows: dict[str, list[Identity]] = {}
        self._num_commits: dict[str, dict[tuple[str, str], int]] = {}
        for row in identities.select(["repo", "name", "email", "num_commits"]).to_pylist():
            name, email = row["name"], row["email"]
            self._rows.setdefault(row["repo"], []).append(Identity(name=name, email=email))
            self._num_commits.setdefault(row["repo"], {})[name, email] = row["num_commits"]
        repos = sorted({*self._rows, *self._surveys})
        everyone = (person for repo in repos for person in self._people_rows(repo))
        self._everyone = Persons(everyone, config.keep_names)

    def survey(self, repo: str) -> Survey:
        """What the first pass found; an empty survey where it found nothing."""
        return self._surveys.get(repo, Survey(repo=repo))

    def people(self, repo: str) -> People:
        """The persons of a repository under their keys in the whole delivery."""
        return People(
            self._rows.get(repo, ()),
            self._config.keep_names,
            everyone=self._everyone,
            min_commits=self._config.min_author_commits,
            num_commits=self._num_commits.get(repo),
            named_in_files=self.survey(repo).people,
        )

    def anonymizer(self, repo: str, detectors: "Detectors") -> "TextAnonymizer":
        """The anonymizer of a repository."""
        from transforms.anonymize.text import TextAnonymizer

        people, survey = self.people(repo), self.survey(repo)
        return TextAnonymizer(self._config, self._key, people, detectors, survey)

    def _people_rows(self, repo: str) -> list[Identity]:
        return [*self._rows.get(repo, ()), *self.survey(repo).people]
