"""Answers to GraphQL queries by a schema alone. In: a schema, a query. Out: what a server may say.

    document, nullable = answer(schema, query, {"owner": "acme", "name": "shop", "size": 2})
    answer(schema, query, variables, nulls={"repository"})     that field is null
    with serve_schema(schema) as (url, asked): ...             over HTTP, on 127.0.0.1

Every field has a value of its type; a field that its schema allows to be null is null where
`nulls` names it: aliases with dots between them, `[]` for the items of a list.
"""

import json
import threading
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from graphql import (
    GraphQLEnumType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLResolveInfo,
    GraphQLSchema,
    execute_sync,
    parse,
    validate,
)
from graphql.type import GraphQLAbstractType

SCALARS: dict[str, Callable[[int], Any]] = {
    "Int": lambda n: n,
    "Boolean": lambda n: n % 2 == 0,
    "String": lambda n: f"text {n}",
    "ID": lambda n: f"id {n}",
    "DateTime": lambda n: f"2024-05-{n % 28 + 1:02}T12:00:00Z",
    "GitObjectID": lambda n: f"{n:040x}",
    "BigInt": lambda n: str(n),
    "URI": lambda n: f"https://example.com/{n}",
}
"""How GitHub writes its scalars in JSON; a BigInt is a string."""

_KEPT = ("number", "id", "after")
"""Arguments that say something of the object that is asked for."""


@dataclass(kw_only=True)
class Resolver:
    """Resolves every field by its type; remembers which could have been null."""

    schema: GraphQLSchema
    nulls: Collection[str] = ()
    num_items: int = 1
    seed: int = 0
    has_next_page: bool = False
    nullable: set[str] = field(default_factory=set)
    _count: int = 0

    def resolve(self, source: Any, info: GraphQLResolveInfo[Any], **arguments: Any) -> Any:
        """The value of one field."""
        if info.field_name in (source or {}):
            return source[info.field_name]
        if info.field_name == "id":
            self._count += 1
            return f"{info.parent_type.name}:{self.seed + self._count}"
        if info.field_name == "pageInfo":
            return {"hasNextPage": self.has_next_page and not source.get("after")}
        return self._value(info.return_type, _dotted(info), arguments)

    def type_of(self, value: Any, info: GraphQLResolveInfo[Any], kind: GraphQLAbstractType) -> str:
        """Which object stands for an interface or union: what a node's id names, else the first."""
        named = str(value.get("id", "")).partition(":")[0]
        types = sorted(found.name for found in self.schema.get_possible_types(kind))
        return named if named in types else types[self.seed % len(types)]

    def _value(self, kind: Any, path: str, arguments: dict[str, Any]) -> Any:
        if isinstance(kind, GraphQLNonNull):
            return self._present(kind.of_type, path, arguments)
        self.nullable.add(path)
        return None if path in self.nulls else self._present(kind, path, arguments)

    def _present(self, kind: Any, path: str, arguments: dict[str, Any]) -> Any:
        if isinstance(kind, GraphQLList):
            size = min(self.num_items, arguments.get("first", self.num_items))
            return [self._value(kind.of_type, f"{path}[]", {}) for _ in range(size)]
        if isinstance(kind, GraphQLEnumType):
            return sorted(kind.values)[self.seed % len(kind.values)]
        if kind.name in SCALARS:
            self._count += 1
            return SCALARS[kind.name](self.seed + self._count)
        return {key: value for key, value in arguments.items() if key in _KEPT}


def answer(
    schema: GraphQLSchema, query: str, variables: dict[str, Any], **choices: Any
) -> tuple[dict[str, Any], set[str]]:
    """An answer as parsed JSON, and the fields in it that may be null.

    `choices` are fields of `Resolver`. Raises ValueError for a query, or variables, that the schema
    does not allow.
    """
    document = parse(query)
    if wrong := validate(schema, document):
        raise ValueError(wrong)
    resolver = Resolver(schema=schema, **choices)
    result = execute_sync(
        schema,
        document,
        variable_values=variables,
        field_resolver=resolver.resolve,
        type_resolver=resolver.type_of,
    )
    if result.errors:
        raise ValueError(result.errors)
    return {"data": result.data}, resolver.nullable


@contextmanager
def serve_schema(schema: GraphQLSchema, **choices: Any) -> Iterator[tuple[str, list[str]]]:
    """A server that answers every query: its address, and the queries it was asked.

    What the schema does not allow is answered with status 400. Every other list is followed by one
    more page where `has_next_page` is chosen. No two answers share a number.
    """
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            sent = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            asked.append(sent["query"])
            try:
                status, document = (
                    200,
                    answer(
                        schema, sent["query"], sent["variables"], seed=1000 * len(asked), **choices
                    )[0],
                )
            except ValueError as error:
                status, document = 400, {"message": str(error)}
            self.send_response(status)
            self.end_headers()
            self.wfile.write(json.dumps(document).encode())

        def log_message(self, format: str, *args: Any) -> None:
            """Nothing: what is asked is in `asked`."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}", asked
        finally:
            server.shutdown()
            thread.join()


def _dotted(info: GraphQLResolveInfo[Any]) -> str:
    return ".".join(key for key in info.path.as_list() if isinstance(key, str))
