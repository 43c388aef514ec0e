"""Rules on the repository and on how a pull request ended. In: a row, facts. Out: faults.

    min_stars=python:25,other:10     of a Python repository with 24 stars: "24 < 25"

They look at what needs no reading of files or text, so they stand first in the table.
"""

from collections.abc import Callable

from schemas.tables import PullRequest
from transforms.filters.bots import BOT_LISTS, is_bot
from transforms.filters.permissive import is_permissive
from transforms.filters.rule import OTHER, RepositoryFacts, Rule, at_least, fraction_of
from transforms.filters.values import by_language
from transforms.licenses import UNKNOWN


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


SWE_BENCH_REPOSITORIES = _words(
    "astropy/astropy django/django matplotlib/matplotlib mwaskom/seaborn pallets/flask "
    "psf/requests pydata/xarray pylint-dev/pylint pytest-dev/pytest scikit-learn/scikit-learn "
    "sphinx-doc/sphinx sympy/sympy"
)
"""The 12 repositories of SWE-bench's test split (arXiv:2310.06770), and so of Lite and Verified."""

_SWE_BENCH_NAMES = frozenset(name.partition("/")[2] for name in SWE_BENCH_REPOSITORIES)


def sampling_rate(num_pull_requests: int, target: int) -> float:
    """The Stack v2: 0.8 for one pull request, falling to 0.1 for ten targets, then target / n.

    Its n are the pull requests left by then; ours are all that the repository has, which no other
    shard need be read for. So ours draws less of repositories where much is rejected.
    """
    if num_pull_requests > 10 * target:
        return target / num_pull_requests
    return 0.8007 - 0.07 / target * num_pull_requests


def _license(row: PullRequest, facts: RepositoryFacts, allowed: str) -> str | None:
    found = facts.license or row.license
    # "internal" is the owner's word for what is theirs.
    if found == "internal" or is_permissive(found):
        return None
    return None if found == UNKNOWN and allowed == "permissive-or-none" else found


def _not_in_swe_bench(row: PullRequest, facts: RepositoryFacts, value: bool) -> str | None:
    # A repository given by its path has no owner in its name; a leak is worse than a loss.
    name = row.repo.lower()
    is_in = name in SWE_BENCH_REPOSITORIES or name in _SWE_BENCH_NAMES
    return "a repository of SWE-bench" if is_in else None


def _languages(row: PullRequest, facts: RepositoryFacts, languages: tuple[str, ...]) -> str | None:
    language = (facts.language or "").lower()
    return None if language in languages else f"{language} is not among {len(languages)}"


def _not_a_fork(row: PullRequest, facts: RepositoryFacts, value: bool) -> str | None:
    return "a fork" if facts.is_fork else None


def _min_stars(
    row: PullRequest, facts: RepositoryFacts, least: tuple[tuple[str, int], ...]
) -> str | None:
    return at_least(facts.stars or 0, by_language(least, facts.language))


def _min_closed_issues(
    row: PullRequest, facts: RepositoryFacts, least: tuple[tuple[str, int], ...]
) -> str | None:
    return at_least(facts.closed_issues or 0, by_language(least, facts.language))


def _min_pull_requests(row: PullRequest, facts: RepositoryFacts, least: int) -> str | None:
    return at_least(facts.num_pull_requests or 0, least)


def _sample(row: PullRequest, facts: RepositoryFacts, target: int) -> str | None:
    rate = sampling_rate(facts.num_pull_requests or 0, max(target, 1))
    is_drawn = fraction_of("sample_repository", row.pr_id) < rate
    return None if is_drawn else f"not drawn at rate {rate:.4f}"


def _human_author(row: PullRequest, facts: RepositoryFacts, bots: str) -> str | None:
    author = row.author
    is_program = is_bot(author.name, author.email, row.author_kind, bots=bots)
    return f"a program by the list {bots}" if is_program else None


def _merged(row: PullRequest, facts: RepositoryFacts, value: bool) -> str | None:
    return None if row.state == "merged" else row.state


def _merged_or_approved(row: PullRequest, facts: RepositoryFacts, value: bool) -> str | None:
    is_approved = any(event.review_state == "approved" for event in row.events)
    return None if row.state == "merged" or is_approved else f"{row.state}, 0 approvals"


def _human_discussion(row: PullRequest, facts: RepositoryFacts, bots: str) -> str | None:
    of_people = (
        event
        for event in row.events
        if not is_bot(event.author.name, event.author.email, event.author_kind, bots=bots)
    )
    return None if any(of_people) else f"0 of {len(row.events)} events by people"


def _linked_issue(by_host: bool) -> Callable[[PullRequest, RepositoryFacts, bool], str | None]:
    def fault(row: PullRequest, facts: RepositoryFacts, value: bool) -> str | None:
        issues = [i for i in row.linked_issues if not by_host or i.evidence == "reference"]
        return None if issues else f"0 of {len(row.linked_issues)} issues"

    return fault


REPOSITORY_RULES = (
    Rule(
        name="license",
        sentence="The licence is permissive, or (permissive-or-none) none is known.",
        default="permissive",
        choices=("permissive", "permissive-or-none"),
        fault=_license,
    ),
    Rule(
        name="not_in_swe_bench",
        sentence="The repository is none of those that SWE-bench tests with.",
        default=True,
        fault=_not_in_swe_bench,
    ),
    Rule(
        name="repository_languages",
        sentence="The repository's main language is one of these.",
        default=("python",),
        needs=("language",),
        fault=_languages,
    ),
    Rule(
        name="not_a_fork",
        sentence="The repository is no fork.",
        default=True,
        needs=("is_fork",),
        fault=_not_a_fork,
    ),
    Rule(
        name="min_stars",
        sentence="The repository has at least N stars, or N by its language.",
        default=((OTHER, 5),),
        needs=("stars",),
        fault=_min_stars,
    ),
    Rule(
        name="min_closed_issues",
        sentence="The repository has at least N closed issues, or N by its language.",
        default=((OTHER, 1),),
        needs=("closed_issues",),
        fault=_min_closed_issues,
    ),
    Rule(
        name="min_pull_requests",
        sentence="The repository has at least N pull requests.",
        default=101,
        needs=("num_pull_requests",),
        fault=_min_pull_requests,
    ),
    Rule(
        name="human_author",
        sentence="Opened by a person, by this list of programs.",
        default="known",
        choices=BOT_LISTS,
        fault=_human_author,
    ),
    Rule(
        name="merged",
        sentence="It was merged.",
        default=True,
        fault=_merged,
    ),
    Rule(
        name="merged_or_approved",
        sentence="It was merged, or a review approved it.",
        default=True,
        fault=_merged_or_approved,
    ),
    Rule(
        name="human_discussion",
        sentence="A person reviewed or commented, by this list of programs.",
        default="known",
        choices=BOT_LISTS,
        needs=("events",),
        fault=_human_discussion,
    ),
    Rule(
        name="linked_issue",
        sentence='It closes an issue, by the host\'s word or by its own ("Fixes #7").',
        default=True,
        fault=_linked_issue(by_host=False),
    ),
    Rule(
        name="linked_issue_by_host",
        sentence="It closes an issue by the host's word.",
        default=True,
        needs=("linked_issues",),
        fault=_linked_issue(by_host=True),
    ),
    Rule(
        name="sample_repository",
        sentence="A draw: about N of a large repository, 80 % down to 10 % of a small one.",
        default=100,
        needs=("num_pull_requests",),
        fault=_sample,
    ),
)
