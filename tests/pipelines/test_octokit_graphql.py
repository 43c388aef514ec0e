"""Our GraphQL queries and readers against GitHub's own schema, `@octokit/graphql-schema`."""

from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    NoDeprecatedCustomRule,
    OperationDefinitionNode,
    SelectionSetNode,
    parse,
    specified_rules,
    validate,
)
from graphql.language import FragmentSpreadNode, InlineFragmentNode, IntValueNode
from graphql_answers import answer, serve_schema
from hypothesis import given, settings
from hypothesis import strategies as st
from octokit import graphql_schema, needs_octokit, no_wait

from pipelines.github import graphql
from pipelines.github.config import GithubConfig
from pipelines.github.facts import PullRequestFacts
from pipelines.github.graphql_facts import facts_of_nodes, nodes_of_page
from pipelines.github.hydrate import hydrate
from pipelines.github.read import known_pull_requests, read_facts

pytestmark = needs_octokit

NUMBERS = (12, 40)
REPOSITORY = {"owner": "acme", "name": "shop"}
QUERIES = {
    **{name: query for name, query in vars(graphql).items() if str(query).startswith("query ")},
    **{f"FOLLOW_UPS[{name}]": query for name, query in graphql.FOLLOW_UPS.items()},
    "pull_requests_by_number": graphql.pull_requests_by_number(NUMBERS),
}
VARIABLES: dict[str, dict[str, Any]] = {
    "PULL_REQUESTS": REPOSITORY | {"size": 2},
    "pull_requests_by_number": REPOSITORY,
}
"""Of the queries that bring whole pull requests."""
MAX_PAGE = 100


@pytest.mark.parametrize("name", QUERIES)
def test_github_understands_the_query(name: str) -> None:
    rules = [*specified_rules, NoDeprecatedCustomRule]
    assert validate(graphql_schema(), parse(QUERIES[name]), rules) == []


def fields_of(query: str) -> Iterator[tuple[FieldNode, int]]:
    """Each field of a query, and how many objects it is asked of at most."""
    parts = parse(query).definitions
    fragments = {
        part.name.value: part for part in parts if isinstance(part, FragmentDefinitionNode)
    }

    def walk(selections: SelectionSetNode | None, times: int) -> Iterator[tuple[FieldNode, int]]:
        for part in selections.selections if selections else ():
            if isinstance(part, FragmentSpreadNode):
                yield from walk(fragments[part.name.value].selection_set, times)
            elif isinstance(part, InlineFragmentNode):
                yield from walk(part.selection_set, times)
            elif isinstance(part, FieldNode):
                yield part, times
                yield from walk(part.selection_set, times * (page_size(part) or 1))

    for operation in parts:
        if isinstance(operation, OperationDefinitionNode):
            yield from walk(operation.selection_set, 1)


def page_size(node: FieldNode) -> int | None:
    """How many objects a list may hold; None for what is no list."""
    for argument in node.arguments or ():
        if argument.name.value in ("first", "last"):
            given_size = argument.value
            return int(given_size.value) if isinstance(given_size, IntValueNode) else MAX_PAGE
    return None


@pytest.mark.parametrize("name", QUERIES)
def test_lists_name_their_size_and_no_query_is_too_large(name: str) -> None:
    """GitHub refuses lists without a size of 1 to 100, and queries of over 500,000 nodes; the
    schema does not say so (docs.github.com, "Rate limits and query limits for the GraphQL API")."""
    num_nodes = 0
    for node, times in fields_of(QUERIES[name]):
        inner = node.selection_set.selections if node.selection_set else ()
        names = {part.name.value for part in inner if isinstance(part, FieldNode)}
        if names & {"nodes", "edges"}:
            size = page_size(node)
            assert size is not None, node.name.value
            assert 1 <= size <= 100
            num_nodes += times * size
    assert num_nodes <= 500_000


def ask(name: str, **choices: Any) -> tuple[dict[str, Any], set[str]]:
    return answer(graphql_schema(), QUERIES[name], VARIABLES[name], **choices)


def facts_of(page: dict[str, Any]) -> list[tuple[dict[str, Any], PullRequestFacts]]:
    """Each pull request of a page, as it came and as it was read."""
    nodes = [node for _, node in nodes_of_page(page)]
    facts = [facts_of_nodes([page], node["number"]) for node in nodes]
    return [(node, fact) for node, fact in zip(nodes, facts, strict=True) if fact is not None]


@pytest.mark.parametrize("name", VARIABLES)
@pytest.mark.parametrize("seed", range(10))
def test_facts_are_what_the_answer_says(name: str, seed: int) -> None:
    pulls = facts_of(ask(name, seed=seed, num_items=2)[0])
    assert len(pulls) == 2
    for node, facts in pulls:
        assert (facts.number, facts.title, facts.body) == (
            node["number"],
            node["title"],
            node["body"],
        )
        assert (facts.base_sha, facts.head_sha) == (node["baseRefOid"], node["headRefOid"])
        assert facts.state == ("merged" if node["merged"] else "unmerged")
        assert facts.merge_sha == (node["mergeCommit"]["oid"] if node["merged"] else None)
        assert facts.updated_at == datetime.fromisoformat(node["updatedAt"])
        assert facts.author is not None
        assert facts.author.name.removesuffix("[bot]") == node["author"]["login"]
        assert (facts.author_kind == "bot") == (node["author"]["__typename"] == "Bot")
        assert sorted(facts.labels or ()) == sorted(one["name"] for one in node["labels"]["nodes"])
        closes = [issue["number"] for issue in node["closingIssuesReferences"]["nodes"]]
        assert [issue.number for issue in facts.linked_issues or ()] == closes
        assert sorted(said(facts), key=str) == sorted(written(node), key=str)
        assert [event.created_at for event in facts.events or ()] == sorted(
            event["created_at"] for event in written(node)
        )


def said(facts: PullRequestFacts) -> list[dict[str, Any]]:
    """Every event as `written` has it."""
    events = [asdict(event) | {"author": event.author.name} for event in facts.events or ()]
    return [event | {"author": event["author"].removesuffix("[bot]")} for event in events]


def written(node: dict[str, Any]) -> list[dict[str, Any]]:
    """What `said` must find; a pending review is a draft that only its author sees."""
    found = [event_of("comment", one, "createdAt") for one in node["comments"]["nodes"]]
    for one in node["reviews"]["nodes"]:
        if one["state"] != "PENDING":
            state = {"review_state": one["state"].lower(), "commit": one["commit"]["oid"]}
            found.append(event_of("review", one, "submittedAt") | state)
            found += [comment_of(comment) for comment in one["comments"]["nodes"]]
    return found


def comment_of(node: dict[str, Any]) -> dict[str, Any]:
    return event_of("review_comment", node, "createdAt") | {
        "path": node["path"],
        "line": node["originalLine"],
        "diff_hunk": node["diffHunk"],
        "commit": node["originalCommit"]["oid"],
    }


def event_of(kind: str, node: dict[str, Any], at: str) -> dict[str, Any]:
    """What all events have, and no value for what only some have."""
    return {
        "kind": kind,
        "author": node["author"]["login"],
        "author_kind": "bot" if node["author"]["__typename"] == "Bot" else "user",
        "created_at": datetime.fromisoformat(node[at]),
        "text": node["body"],
        **dict.fromkeys(("path", "line", "diff_hunk", "commit", "review_state")),
    }


@pytest.mark.parametrize("name", VARIABLES)
def test_each_field_that_may_be_null_may_be_null(name: str) -> None:
    _, nullable = ask(name)
    assert len(nullable) > 40
    for path in sorted(nullable):
        page, _ = ask(name, nulls={path}, num_items=2)
        for _, facts in facts_of(page):
            assert isinstance(facts, PullRequestFacts), path


@settings(max_examples=50, deadline=None)
@given(data=st.data())
def test_whatever_is_null_the_rest_is_read(data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(sorted(VARIABLES)))
    choices = {"num_items": data.draw(st.integers(0, 3)), "seed": data.draw(st.integers(0, 30))}
    nullable = sorted(ask(name, **choices)[1])
    page, _ = ask(name, nulls=data.draw(st.sets(st.sampled_from(nullable))), **choices)
    for node, facts in facts_of(page):
        assert (facts.title, facts.head_sha) == (node["title"], node["headRefOid"])


def test_comments_whose_number_is_withheld_are_all_kept() -> None:
    """`fullDatabaseId` may be null, so it cannot be all that tells two comments apart."""
    full, nullable = ask("PULL_REQUESTS", num_items=3)
    page, _ = ask(
        "PULL_REQUESTS",
        nulls={path for path in nullable if path.endswith("fullDatabaseId")},
        num_items=3,
    )
    counts = [len(facts.events or ()) for _, facts in facts_of(full)]
    assert min(counts) > 3
    assert [len(facts.events or ()) for _, facts in facts_of(page)] == counts


@pytest.mark.parametrize("name", graphql.FOLLOW_UPS)
def test_a_follow_up_continues_its_list(name: str) -> None:
    schema = graphql_schema()
    page, _ = ask("pull_requests_by_number", num_items=1)
    pull = page["data"]["repository"][f"pr{NUMBERS[0]}"]
    holder = pull["reviews"]["nodes"][0] if name == "review.comments" else pull
    variables = {"id": holder["id"], "after": "x"}
    more, _ = answer(schema, graphql.FOLLOW_UPS[name], variables, num_items=3, seed=400)
    before, after = facts_of_nodes([page], NUMBERS[0]), facts_of_nodes([page, more], NUMBERS[0])
    assert before is not None
    assert after is not None
    grown = {
        "labels": (before.labels, after.labels),
        "closingIssuesReferences": (before.linked_issues, after.linked_issues),
        "files": (None, (1, 2, 3)),
    }.get(name, (before.events, after.events))
    assert len(grown[1] or ()) >= len(grown[0] or ()) + 3


@pytest.mark.parametrize("has_next_page", [False, True])
def test_a_run_asks_only_what_the_schema_allows(
    has_next_page: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Variables too, which are no part of a query's text."""
    monkeypatch.setenv("GITHUB_TOKENS", "invented")
    choices = {"num_items": 2, "has_next_page": has_next_page}
    with serve_schema(graphql_schema(), **choices) as (url, asked):
        config = GithubConfig(api_url=url, page_size=2)
        [done] = hydrate(config, str(tmp_path), ["acme/shop"], wait=no_wait)
    assert (done.outcome, done.skipped) == ("done", {})
    assert done.num_requests == len(asked)
    assert {graphql.PULL_REQUESTS} <= set(asked)
    assert not has_next_page or set(graphql.FOLLOW_UPS.values()) < set(asked)
    known = known_pull_requests(str(tmp_path), "acme/shop")
    assert len(known) == (4 if has_next_page else 2)
    for number, pull in known.items():
        facts = read_facts(str(tmp_path), pull.sources, number)
        assert len(facts.labels or ()) == (4 if has_next_page else 2)
        assert len(facts.linked_issues or ()) == len(facts.labels or ())
