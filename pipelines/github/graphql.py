"""The GraphQL queries, as text. In: nothing. Out: constants, and queries built for given numbers.

    PULL_REQUESTS         a page of a repository's pull requests, those changed longest ago first
    pull_requests_by_number((12, 40))    the same of given pull requests, as pr12 and pr40
    PULL_REQUEST_CURSORS  a page with numbers and cursors only, for pages that cannot be served
    FOLLOW_UPS["reviews"] what did not fit: the next page of a list inside a pull request

GitHub allows 500,000 nodes in a query and charges one point for a hundred lists. A pull request
with the lists below is at most 562 nodes and 26 lists: a page of 100 is 56,200 nodes, 26 points.
"""

from collections.abc import Sequence

PAGE = "pageInfo { hasNextPage endCursor }"
ACTOR = "author { __typename login }"

COMMENT = f"fullDatabaseId {ACTOR} body createdAt"
REVIEW_COMMENT = (
    f"fullDatabaseId {ACTOR} body createdAt path originalLine diffHunk originalCommit {{ oid }}"
)
ISSUE = "number title body repository { nameWithOwner }"
FILE = "path additions deletions changeType"


def _review(num_comments: int) -> str:
    return (
        f"id fullDatabaseId {ACTOR} state body submittedAt commit {{ oid }} "
        f"comments(first: {num_comments}) {{ nodes {{ {REVIEW_COMMENT} }} {PAGE} }}"
    )


PULL_REQUEST = f"""\
id number title body state merged createdAt updatedAt mergedAt closedAt {ACTOR}
baseRefName baseRefOid headRefOid mergeCommit {{ oid }}
labels(first: 20) {{ nodes {{ name }} {PAGE} }}
files(first: 50) {{ nodes {{ {FILE} }} {PAGE} }}
lastCommit: commits(last: 1) {{
  nodes {{ commit {{ oid statusCheckRollup {{ state }} }} }}
}}
reviews(first: 20) {{ nodes {{ {_review(20)} }} {PAGE} }}
comments(first: 50) {{ nodes {{ {COMMENT} }} {PAGE} }}
closingIssuesReferences(first: 20) {{ nodes {{ {ISSUE} }} {PAGE} }}
"""

REPOSITORY = """\
nameWithOwner stargazerCount isFork isArchived licenseInfo { spdxId } primaryLanguage { name }
closedIssues: issues(states: CLOSED) { totalCount }
"""

RATE_LIMIT = "rateLimit { cost remaining resetAt }"

PULL_REQUESTS = f"""\
query PullRequests($owner: String!, $name: String!, $size: Int!, $after: String) {{
  repository(owner: $owner, name: $name) {{
    {REPOSITORY}
    pullRequests(first: $size, after: $after, orderBy: {{field: UPDATED_AT, direction: ASC}}) {{
      edges {{ cursor node {{ {PULL_REQUEST} }} }}
      {PAGE}
    }}
  }}
  {RATE_LIMIT}
}}
"""

PULL_REQUEST_CURSORS = f"""\
query PullRequestCursors($owner: String!, $name: String!, $size: Int!, $after: String) {{
  repository(owner: $owner, name: $name) {{
    pullRequests(first: $size, after: $after, orderBy: {{field: UPDATED_AT, direction: ASC}}) {{
      edges {{ cursor node {{ number updatedAt }} }}
      {PAGE}
    }}
  }}
  {RATE_LIMIT}
}}
"""


def pull_requests_by_number(numbers: Sequence[int]) -> str:
    """A query for given pull requests; its variables are owner and name."""
    aliases = "\n".join(
        f"pr{number}: pullRequest(number: {number}) {{ ...Fields }}" for number in numbers
    )
    return f"""\
query PullRequestsByNumber($owner: String!, $name: String!) {{
  repository(owner: $owner, name: $name) {{
    {REPOSITORY}
    {aliases}
  }}
  {RATE_LIMIT}
}}
fragment Fields on PullRequest {{
{PULL_REQUEST}}}
"""


def _follow_up(owner_type: str, connection: str, fields: str, size: int) -> str:
    return f"""\
query FollowUp($id: ID!, $after: String!, $size: Int = {size}) {{
  node(id: $id) {{
    ... on {owner_type} {{
      id
      {connection}(first: $size, after: $after) {{ nodes {{ {fields} }} {PAGE} }}
    }}
  }}
  {RATE_LIMIT}
}}
"""


FOLLOW_UPS: dict[str, str] = {
    "labels": _follow_up("PullRequest", "labels", "name", 100),
    "files": _follow_up("PullRequest", "files", FILE, 100),
    "reviews": _follow_up("PullRequest", "reviews", _review(30), 50),
    "comments": _follow_up("PullRequest", "comments", COMMENT, 100),
    "closingIssuesReferences": _follow_up("PullRequest", "closingIssuesReferences", ISSUE, 50),
    "review.comments": _follow_up("PullRequestReview", "comments", REVIEW_COMMENT, 100),
}
"""By list: the query for its next page. Variables: the id of what holds the list, after, size."""
