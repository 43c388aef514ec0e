"""GitHub's OpenAPI description, cut to the paths that a client of pull requests may ask for.

In: `@octokit/openapi` as npm unpacks it. Out: `node_modules/github.json`; the full descriptions
(385 MB, of which the mock server needs over 45 s to read one) are deleted.

    python tests/octokit/trim.py
"""

import json
import re
from pathlib import Path
from typing import Any

MODULES = Path(__file__).parent / "node_modules"
GENERATED = MODULES / "@octokit" / "openapi" / "generated"
TRIMMED = MODULES / "github.json"
JSON, VENDOR_JSON = "application/json", "application/vnd.github+json"
WANTED = re.compile(
    r"/rate_limit|/users/\{username\}|/repositories/.*|/repos/\{owner\}/\{repo\}("
    r"|/(pulls|issues)(/comments)?"
    r"|/pulls/\{pull_number\}(/(comments|commits|files|merge|requested_reviewers|reviews"
    r"|reviews/\{review_id\}(/comments)?))?"
    r"|/issues/\{issue_number\}(/(comments|events|labels|timeline))?"
    r"|/commits(/\{ref\}(/(check-runs|check-suites|status|statuses))?)?"
    r"|/(pulls|issues)/comments/\{comment_id\}"
    r"|/compare/\{basehead\}|/events|/labels)"
)


def trim(description: dict[str, Any]) -> dict[str, Any]:
    """The description with GET requests of the wanted paths and the components they refer to."""
    paths = {
        path: {key: operation for key, operation in item.items() if key in ("get", "parameters")}
        for path, item in description["paths"].items()
        if WANTED.fullmatch(path)
    }
    kept = {key: description[key] for key in ("openapi", "info", "servers")}
    components = reachable(paths, description["components"])
    whole: dict[str, Any] = accept_vendor_json(kept | {"paths": paths, "components": components})
    return whole


def accept_vendor_json(part: Any) -> Any:
    """Answers may be asked for as GitHub's documentation recommends.

    The description lists `application/json` alone; the mock would answer 406 to the media type that
    its own text tells clients to send.
    """
    if isinstance(part, list):
        return [accept_vendor_json(inner) for inner in part]
    if not isinstance(part, dict):
        return part
    part = {key: accept_vendor_json(inner) for key, inner in part.items()}
    if isinstance(part.get("content"), dict) and JSON in part["content"]:
        part["content"] |= {VENDOR_JSON: part["content"][JSON]}
    return part


def reachable(start: Any, components: dict[str, Any]) -> dict[str, Any]:
    """What `start` refers to, and what that refers to."""
    found: dict[str, Any] = {}
    waiting = references(start)
    while waiting:
        kind, name = waiting.pop()
        if name not in found.setdefault(kind, {}):
            found[kind][name] = components[kind][name]
            waiting |= references(found[kind][name])
    return found


def references(part: Any) -> set[tuple[str, str]]:
    """Kind and name of each component that this part names."""
    return set(re.findall(r'"\$ref": "#/components/([^/"]+)/([^"]+)"', json.dumps(part)))


def main() -> None:
    description = json.loads((GENERATED / "api.github.com.json").read_text(encoding="utf-8"))
    TRIMMED.write_text(json.dumps(trim(description), sort_keys=True), encoding="utf-8")
    for path in GENERATED.glob("*.json"):
        path.unlink()


if __name__ == "__main__":
    main()
