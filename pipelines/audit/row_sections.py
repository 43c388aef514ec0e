"""Sections that compare rows before and after. In: a `Subject`. Out: parsing, persons, metadata.

row_sections(subject)["persons"].values["one_to_many"]  ->  0
"""

from dataclasses import asdict

from pipelines.audit.metadata import describe_metadata
from pipelines.audit.pairs import shard_pairs
from pipelines.audit.persons import Persons, commits_by_person
from pipelines.audit.rows import CompareRows, RowPart
from pipelines.audit.subject import ROW_TABLES, Section, Subject
from pipelines.audit.work import each
from schemas.manifest import Manifest

DEFAULT_MIN_COMMITS = 5


def row_sections(subject: Subject) -> dict[str, Section]:
    """What takes rows before and after: parsing, persons, metadata."""
    mine, anonymize = subject.manifests["mine"], subject.manifests["anonymize"]
    pairs = shard_pairs(subject.job, mine, anonymize)
    arguments = (subject.path, subject.config, subject.key)
    total = RowPart()
    for part in each(CompareRows, arguments, pairs, label="rows"):
        total.add(part)
    metadata, problems = describe_metadata(total.metadata, subject.config)
    return {
        "parsing": _parsing_section(total, anonymize),
        "persons": _persons_section(total, subject),
        "metadata": Section(values=metadata, problems=problems),
    }


def authors_section(subject: Subject) -> Section:
    """Persons below k commits in each repository."""
    minimum = subject.config.min_author_commits or DEFAULT_MIN_COMMITS
    by_repo = commits_by_person(subject.identities, subject.config)
    return Section(
        values={
            "k": minimum,
            "are_folded": subject.config.min_author_commits > 0,
            "repositories": [
                {
                    "repo": subject.job.code_names(repo),
                    "persons": len(commits),
                    "below_k": sum(number < minimum for number in commits),
                    "fewest_commits": min(commits),
                }
                for repo, commits in sorted(by_repo.items())
            ],
        }
    )


def _parsing_section(total: RowPart, anonymize: Manifest) -> Section:
    languages = [
        {"language": language, **asdict(counts)}
        for language, counts in sorted(total.parsing.items())
    ]
    num_bad = {
        name: sum(row[name] for row in languages)
        for name in ("new_errors", "other_nodes", "other_lines")
    }
    names = ("anonymization_broke_syntax", "anonymization_changed_lines")
    kept = sum(shard.num_rows for table in ROW_TABLES for shard in anonymize.shards(table))
    problems = [
        f"{num} files have {name.replace('_', ' ')}" for name, num in num_bad.items() if num
    ]
    if total.num_rows != kept:
        problems.append(f"{kept - total.num_rows} rows could not be compared with mine's")
    return Section(
        values={
            "rows": total.num_rows,
            "languages": languages,
            "rejected": {name: anonymize.rejected.get(name, 0) for name in names},
        },
        problems=problems,
    )


def _persons_section(total: RowPart, subject: Subject) -> Section:
    persons = Persons(subject.config)
    for repo, members in subject.people.items():
        for person in members:
            persons.know(repo, person)
    for survey in subject.surveys:
        for person in survey.people:
            persons.know(survey.repo, person)
    for repo, raw, fresh in sorted(total.people, key=str):
        persons.add(repo, raw, fresh)
    counts = persons.counts()
    problems = []
    if counts["one_to_many"]:
        problems.append(f"{counts['one_to_many']} persons have several pseudonyms")
    if counts["many_to_one"]:
        problems.append(f"{counts['many_to_one']} pseudonyms are of several persons")
    return Section(values=counts, problems=problems)
