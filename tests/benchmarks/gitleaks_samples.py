"""The samples that gitleaks tests its rules with. In: a clone of gitleaks. Out: texts by rule.

    read_samples(Path("gitleaks"), seed=1)
        ->  {"github-pat": Samples(secrets=["githubToken = ...", ...], clean=[...])}

Gitleaks states them as Go expressions: literals, secrets drawn from a regular expression, and both
put into 25 ways to write an assignment. The few forms of expression that occur are evaluated here;
a statement of another form is left out and counted in `skipped`.
"""

import random
import re
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

_FOLDER = "cmd/generate/config"
_TOKEN = re.compile(
    r"""//[^\n]*|\s+|`(?P<raw>[^`]*)`|"(?P<text>(?:\\.|[^"\\])*)"|(?P<word>[\w.]+)|."""
)
_FUNCTION = re.compile(r"^func \w+\(\) \*config\.Rule \{$.*?^\}$", re.MULTILINE | re.DOTALL)
_STATEMENT = re.compile(r"^\t(\w+)(?:, \w+)? :?= ", re.MULTILINE)
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r"}
_CLASSES = {"Hex": "a-f0-9", "AlphaNumeric": "a-z0-9", "Numeric": "0-9"} | {
    "AlphaNumericExtendedShort": "a-z0-9_-",
    "AlphaNumericExtended": "a-z0-9=_-",
    "AlphaNumericExtendedLong": "a-z0-9/=_+-",
}
_UUID = "-".join(f"[0-9a-f]{{{count}}}" for count in (8, 4, 4, 4, 12))


@dataclass
class Samples:
    """Texts with a secret, and texts without one that look alike."""

    secrets: list[str] = field(default_factory=list)
    clean: list[str] = field(default_factory=list)


class UnknownExpression(Exception):
    """A Go expression of a form that is not evaluated."""


def read_samples(clone: Path, seed: int) -> tuple[dict[str, Samples], int]:
    """Samples by rule id, and how many statements could not be evaluated."""
    names = git(clone, "ls-tree", "-r", "--name-only", "HEAD", f"{_FOLDER}/rules").decode().split()
    templates = _templates(git(clone, "show", f"HEAD:{_FOLDER}/utils/generate.go").decode())
    reader = _Reader(templates, random.Random(seed))
    for name in sorted(name for name in names if name.endswith(".go")):
        for function in _FUNCTION.findall(git(clone, "show", f"HEAD:{name}").decode()):
            reader.read(function)
    return reader.samples, reader.skipped


def git(clone: Path, *arguments: str) -> bytes:
    """What a git command prints."""
    command = ["git", "-C", str(clone), *arguments]
    return subprocess.run(command, capture_output=True, check=True).stdout


def _templates(source: str) -> list[str]:
    """The values of the map that GenerateSampleSecrets fills in."""
    lines = [line for line in source.splitlines() if not line.lstrip().startswith("//")]
    found = re.findall(r'^\t\t"[^"]*":\s+(`[^`]*`|"(?:\\.|[^"\\])*"),', "\n".join(lines), re.M)
    return [_unquote(literal) for literal in found]


def _unquote(literal: str) -> str:
    if literal.startswith("`"):
        return literal[1:-1]
    return re.sub(r"\\(.)", lambda match: _ESCAPES.get(match[1], match[1]), literal[1:-1])


class _Reader:
    """Evaluates the statements of one rule after the other."""

    def __init__(self, templates: list[str], dice: random.Random) -> None:
        self.samples: dict[str, Samples] = {}
        self.skipped = 0
        self._templates = templates
        self._dice = dice
        self._names: dict[str, list[str]] = {}
        self._functions: dict[str, Callable[..., list[str]]] = {
            "secrets.NewSecret": lambda pattern: [draw(pattern[0], dice)],
            "newPlausibleSecret": lambda pattern: [draw(pattern[0], dice)],
            "utils.GenerateSampleSecret": lambda name, value: [
                f'{name[0]}_api_token = "{value[0]}"'
            ],
            "utils.GenerateSampleSecrets": self._fill,
            "utils.Hex8_4_4_4_12": lambda: [_UUID],
            "fmt.Sprintf": lambda form, *values: [form[0] % tuple(value[0] for value in values)],
            "append": lambda *lists: [text for texts in lists for text in texts],
        }
        for name, chars in _CLASSES.items():
            self._functions[f"utils.{name}"] = lambda size, c=chars: [f"[{c}]{{{size[0]}}}"]

    def read(self, function: str) -> None:
        """Add the samples of the rule that a Go function builds."""
        rule = re.search(r'RuleID:\s+"([^"]+)"', function)
        self._names = {}
        for statement in _STATEMENT.finditer(function):
            if statement[1] == "r":
                continue
            try:
                value = _Expression(
                    function[statement.end() :], self._names, self._functions
                ).value()
            except UnknownExpression:
                self.skipped += 1
                continue
            self._names[statement[1]] = value
        if rule and "tps" in self._names:
            clean = self._names.get("fps", [])
            self.samples[rule[1]] = Samples(self._names["tps"], clean)

    def _fill(self, name: list[str], value: list[str]) -> list[str]:
        return [
            form.replace("{i}", name[0]).replace("{I}", name[0].upper()).replace("{s}", value[0])
            for form in self._templates
        ]


class _Expression:
    """A Go expression as a list of strings; a string is a list of one."""

    def __init__(
        self,
        source: str,
        names: dict[str, list[str]],
        functions: dict[str, Callable[..., list[str]]],
    ) -> None:
        found = (match for match in _TOKEN.finditer(source) if _is_code(match[0]))
        self._tokens: Iterator[re.Match[str]] = found
        self._next = next(found, None)
        self._names, self._functions = names, functions

    def value(self) -> list[str]:
        """Terms joined by "+"."""
        value = self._term()
        while self._take("+"):
            value = ["".join(value + self._term())]
        return value

    def _term(self) -> list[str]:
        token = self._next
        if token is None:
            raise UnknownExpression("the end")
        self._next = next(self._tokens, None)
        if token["raw"] is not None or token["text"] is not None:
            return [_unquote(token[0])]
        if token[0] == "[" or token[0] == "map":
            return self._listed(has_keys=token[0] == "map")
        if self._take("("):
            if token[0] not in self._functions:
                raise UnknownExpression(token[0])
            return self._functions[token[0]](*self._until(")"))
        if token[0] not in self._names:
            raise UnknownExpression(token[0])
        return self._names[token[0]]

    def _listed(self, *, has_keys: bool) -> list[str]:
        while not self._take("{"):
            if self._next is None:
                raise UnknownExpression("a list without values")
            self._next = next(self._tokens, None)
        return [text for texts in self._until("}", has_keys=has_keys) for text in texts]

    def _until(self, end: str, *, has_keys: bool = False) -> list[list[str]]:
        values: list[list[str]] = []
        while not self._take(end):
            value = self.value()
            values.append(self.value() if has_keys and self._take(":") else value)
            self._take("...")
            if not self._take(",") and (self._next is None or self._next[0] != end):
                raise UnknownExpression("a list")
        return values

    def _take(self, text: str) -> bool:
        if self._next is None or self._next[0] != text:
            return False
        self._next = next(self._tokens, None)
        return True


def _is_code(token: str) -> bool:
    return not token.isspace() and not token.startswith("//")


def draw(pattern: str, dice: random.Random) -> str:
    """A text that a pattern of classes, counts, groups and alternatives matches."""
    text, at = _draw(re.sub(r"\(\?i\)", "", pattern), 0, dice)
    if at < len(re.sub(r"\(\?i\)", "", pattern)):
        raise UnknownExpression(pattern)
    return text


def _draw(pattern: str, at: int, dice: random.Random) -> tuple[str, int]:
    branches: list[str] = [""]
    while at < len(pattern) and pattern[at] != ")":
        if pattern[at] == "|":
            branches.append("")
            at += 1
            continue
        start = at
        at = _end_of_atom(pattern, at)
        least, most, after = _count(pattern, at)
        for _ in range(dice.randint(least, most)):
            branches[-1] += _atom(pattern[start:at], dice)
        at = after
    return dice.choice(branches), at


def _end_of_atom(pattern: str, at: int) -> int:
    if pattern[at] == "\\":
        return at + 2
    if pattern[at] == "[":
        return pattern.index("]", at + 1) + 1
    if pattern[at] == "(":
        depth = 0
        for end in range(at, len(pattern)):
            depth += (pattern[end] == "(") - (pattern[end] == ")")
            if depth == 0:
                return end + 1
    return at + 1


def _count(pattern: str, at: int) -> tuple[int, int, int]:
    if match := re.compile(r"\{(\d+)(,?)(\d*)\}").match(pattern, at):
        least = int(match[1])
        most = int(match[3]) if match[3] else least + 20 * bool(match[2])
        return least, most, match.end()
    return (0, 1, at + 1) if pattern[at : at + 1] == "?" else (1, 1, at)


def _atom(atom: str, dice: random.Random) -> str:
    if atom.startswith("("):
        inner = re.sub(r"^\((?:\?:|\?i:)?", "", atom)[:-1]
        return _draw(inner, 0, dice)[0]
    if atom.startswith("[") or atom in (r"\w", r"\d"):
        return dice.choice(_alphabet(atom))
    return atom.removeprefix("\\")


def _alphabet(atom: str) -> list[str]:
    fits = re.compile(atom)
    return [chr(code) for code in range(33, 127) if fits.fullmatch(chr(code))]
