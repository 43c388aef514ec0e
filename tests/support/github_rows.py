"""Makes invented pull requests and reads archives whole. In: numbers. Out: `Pull`s, facts.

pulls = many_pulls(40)
everything(folder, "acme/shop")[12].title
"""

from dataclasses import replace
from pathlib import Path

from fake_pulls import MONA, REPO, ROBOT, Comment, Pull, Review
from hypothesis import strategies as st

from pipelines.github.facts import PullRequestFacts
from pipelines.github.read import known_pull_requests, read_facts

ACCOUNTS = (MONA, ROBOT, None)
LISTS = st.integers(0, 3)
TEXTS = st.text(st.characters(exclude_categories=("Cs",)), max_size=12)


def many_pulls(count: int) -> list[Pull]:
    """Pull requests 1 to `count`, each changed ten seconds after the one before."""
    return [
        Pull(
            number=number,
            updated=10 * number,
            title=f"Change {number}",
            author=ACCOUNTS[number % 3],
            state=("MERGED", "OPEN", "CLOSED")[number % 3],
            comments=(Comment(number=100 + number, at=3),),
            reviews=(Review(number=200 + number, at=2),),
        )
        for number in range(1, count + 1)
    ]


def long_pull(number: int, size: int = 130) -> Pull:
    """One whose every list has more than one page."""
    comments = tuple(Comment(number=1000 + i, at=i, body=f"c{i}") for i in range(size))
    at_lines = tuple(Comment(number=3000 + i, at=i, body=f"l{i}") for i in range(size))
    reviews = tuple(Review(number=5000 + i, at=i, body=f"r{i}") for i in range(size))
    return Pull(
        number=number,
        updated=10 * number,
        labels=tuple(f"label {i:03}" for i in range(size)),
        comments=comments,
        reviews=(*reviews[:-1], replace(reviews[-1], comments=at_lines)),
        closes=tuple(range(1, size)),
        num_files=size,
    )


@st.composite
def pulls(draw: st.DrawFn) -> Pull:
    """Any pull request."""
    accounts, times = st.sampled_from(ACCOUNTS), st.integers(0, 50)
    numbers = iter(draw(st.lists(st.integers(1, 10**12), min_size=20, max_size=20, unique=True)))

    def comments() -> tuple[Comment, ...]:
        return tuple(
            Comment(number=next(numbers), at=draw(times), body=draw(TEXTS), author=draw(accounts))
            for _ in range(draw(LISTS))
        )

    reviews = tuple(
        Review(
            number=next(numbers),
            at=draw(times),
            state=draw(
                st.sampled_from(("APPROVED", "COMMENTED", "CHANGES_REQUESTED", "DISMISSED"))
            ),
            body=draw(TEXTS),
            author=draw(accounts),
            comments=comments(),
        )
        for _ in range(draw(LISTS))
    )
    return Pull(
        number=draw(st.integers(1, 99)),
        updated=draw(times),
        title=draw(TEXTS),
        body=draw(st.none() | TEXTS),
        author=draw(accounts),
        state=draw(st.sampled_from(("MERGED", "OPEN", "CLOSED"))),
        labels=tuple(draw(st.lists(TEXTS, max_size=3, unique=True))),
        comments=comments(),
        reviews=reviews,
        checks=draw(st.sampled_from((None, "SUCCESS", "FAILURE", "PENDING", "ERROR"))),
    )


def everything(folder: Path, repo: str = REPO) -> dict[int, PullRequestFacts]:
    """All facts of a repository in an archive."""
    known = known_pull_requests(str(folder), repo)
    return {number: read_facts(str(folder), pull.sources, number) for number, pull in known.items()}
