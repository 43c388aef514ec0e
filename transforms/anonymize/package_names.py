"""What a repository calls itself. In: its name; its manifests. Out: names to replace.

    repository_names("acmecorp/hulltrack")                   ->  ("acmecorp", "hulltrack")
    package_names("go.mod", "module git.acmecorp.corp/api")   ->  ("acmecorp",)

Names of everyday or English words alone ("click", "core", "horizon") are left out, since they mean
other things elsewhere: list them in `anonymize.deny_list`, with "!" where they are to be replaced
in any context. Host names, top-level domains and names of other people's packages are left out too.
"""

import re
from collections.abc import Iterable, Iterator, Set
from itertools import islice
from typing import Any

from transforms.anonymize.manifest_people import parsed
from transforms.anonymize.name_lists import name_lists
from transforms.anonymize.renames import is_telling_word, name_words
from transforms.anonymize.things import thing_words

_MAX_CHARS = 1_000_000
_MAX_FOUND = 50
_PLACES = """
    com org net edu gov mil int info dev app xyz cloud corp internal local lan intranet test
    example www github gitlab bitbucket codeberg sourceforge gitea docker registry quay ghcr
    golang gopkg maven apache eclipse springframework spring jakarta javax java kotlin android
    google microsoft amazon amazonaws azure azurecr gcr pkg sample samples examples demo demos
    fixture fixtures foobar hello helloworld myapp mylib private unknown workspace monorepo
    python node typescript javascript types babel angular react vite webpack eslint
"""
_NO_NAMES = frozenset(_PLACES.split())
_PATTERNS = {
    "go.mod": (r"(?m)^module[ \t]+\"?(\S{1,200})",),
    "setup.py": (r"\bname\s*=\s*[\"']([^\"'\n]{1,100})[\"']",),
    "setup.cfg": (r"(?m)^name[ \t]*=[ \t]*(\S{1,100})",),
    "pubspec.yaml": (r"(?m)^name:[ \t]*(\S{1,100})",),
    "chart.yaml": (r"(?m)^name:[ \t]*(\S{1,100})",),
    "mix.exs": (r"\bapp:[ \t]*:(\w{1,100})",),
    "description": (r"(?m)^Package:[ \t]*(\S{1,100})",),
    "build.gradle": (r"(?m)^\s*group[ \t=(]*[\"']([\w.-]{1,100})",),
    "build.gradle.kts": (r"(?m)^\s*group[ \t=(]*[\"']([\w.-]{1,100})",),
    "settings.gradle": (r"rootProject\.name\s*=\s*[\"']([^\"'\n]{1,100})",),
    "settings.gradle.kts": (r"rootProject\.name\s*=\s*[\"']([^\"'\n]{1,100})",),
    "build.sbt": (r"(?:name|organization)\s*:=\s*\"([^\"\n]{1,100})\"",),
    "cmakelists.txt": (r"(?i)\bproject\s*\(\s*\"?([\w.-]{1,100})",),
}
_ENDINGS = {
    ".gemspec": r"\.name\s*=\s*[\"']([^\"'\n]{1,100})",
    ".podspec": r"\.name\s*=\s*[\"']([^\"'\n]{1,100})",
    ".cabal": r"(?im)^name:[ \t]*(\S{1,100})",
    ".csproj": r"<(?:RootNamespace|AssemblyName|PackageId|Company|Product)>([^<>$\n]{1,100})<",
    ".nuspec": r"<id>([^<>$\n]{1,100})<",
}
_PARENT = re.compile(r"(?s)<(?:parent|dependencies|dependencyManagement|build|plugins|profiles)>")
_MAVEN = re.compile(r"<(?:groupId|artifactId)>\s*([\w.-]{1,100})\s*<")
_IMAGE = re.compile(r"(?m)^\s*(?:-\s*)?image:[ \t]*[\"']?([\w./:@-]{1,200})")
_COMPOSE = re.compile(r"(?i)(?:docker-)?compose(?:\.\w+)*\.ya?ml")
_BUILT = re.compile(r"(?m)^\s*build:")


def repository_names(repo: str) -> tuple[str, ...]:
    """Owner and name of "owner/name", those that can be looked for."""
    return _chosen([repo], name_lists()["word"] | _NO_NAMES)


def package_names(path: str, text: str) -> tuple[str, ...]:
    """Names that a manifest gives its own package; none for other files."""
    if len(text) > _MAX_CHARS:
        return ()
    names = islice(_names(path.rpartition("/")[2], text), _MAX_FOUND)
    return _chosen(names, name_lists()["word"] | _NO_NAMES | thing_words())


def _names(name: str, text: str) -> Iterator[str]:
    lower = name.lower()
    if lower in ("pyproject.toml", "cargo.toml", "package.json", "composer.json", "bower.json"):
        yield from _declared(parsed(lower, text))
    if lower == "pom.xml":
        own = _PARENT.split(text, maxsplit=1)
        parent = re.search(r"(?s)</parent>(.{0,2000})", text)
        yield from _MAVEN.findall(own[0])
        yield from _MAVEN.findall(_PARENT.split(parent[1], maxsplit=1)[0] if parent else "")
    if _COMPOSE.fullmatch(lower) and _BUILT.search(text):
        # Images that the file also says how to build; others are somebody else's.
        for service in re.split(r"(?m)^  (?=\S)", text):
            yield from _IMAGE.findall(service) if _BUILT.search(service) else ()
    for pattern in (*_PATTERNS.get(lower, ()), *_of_ending(lower)):
        yield from re.findall(pattern, text)


def _of_ending(name: str) -> Iterator[str]:
    return (pattern for ending, pattern in _ENDINGS.items() if name.endswith(ending))


def _declared(value: Any) -> Iterator[str]:
    """The name at the top of a manifest, or in its table of the package."""
    tool = value.get("tool") if isinstance(value, dict) else None
    poetry = tool.get("poetry") if isinstance(tool, dict) else None
    tables = [value, poetry]
    if isinstance(value, dict):
        tables += [value.get("project"), value.get("package")]
    for table in tables:
        if isinstance(table, dict) and isinstance(table.get("name"), str):
            yield table["name"]


def _chosen(names: Iterable[str], known: Set[str]) -> tuple[str, ...]:
    """Components of the names with a word that is not known: "acme" of "@acme/pay"."""
    parts = sorted({part for name in names for part in re.split(r"[./:@\\]+", name)})
    words = {part: filter(is_telling_word, name_words(part)) for part in parts}
    return tuple(part for part in parts if any(word not in known for word in words[part]))
