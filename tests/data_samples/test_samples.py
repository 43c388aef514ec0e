"""The sample repositories hold what `data_samples/README.md` says they hold."""

import ipaddress
import re
import subprocess
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from support import ROOT, Samples, load_script

from transforms.languages import language_of
from transforms.syntax import SUPPORTED, parse_status

FOLDER = ROOT / "data_samples"
REPOSITORIES = ("brine", "lanternfish", "marrow", "quillstore")
# Values that a scanner would find if they stood in our own files.
SECRET_KINDS = {
    "aws_access_key": r"AKIA[A-Z2-7]{16}",
    "aws_secret_key": r"[\w/+]{40}",
    "connection_string": r"[a-z+]+://\w*:[^@]+@[\w.:-]+/\w+",
    "github_token": r"ghp_[A-Za-z0-9]{36}|github_pat_[A-Za-z0-9]{22}_[A-Za-z0-9]{59}",
    "gitlab_token": r"glpat-[\w-]{20}",
    "google_api_key": r"AIza[\w-]{35}",
    "jwt": r"eyJ[\w-]+\.eyJ[\w-]+\.[\w-]{43}",
    "npm_token": r"npm_[A-Za-z0-9]{36}",
    "private_key": r"-----BEGIN EC PRIVATE KEY-----\n([\w/+=]+\n)+-----END EC PRIVATE KEY-----",
    "pypi_token": r"pypi-AgEIcHlwaS5vcmc[\w-]{70}",
    "slack_token": r"xoxb-\d{12}-\d{12}-[A-Za-z0-9]{24}",
    "slack_webhook": r"https://hooks\.slack\.com/services/T\w{10}/B\w{10}/[A-Za-z0-9]{24}",
    "stripe_key": r"sk_live_[A-Za-z0-9]{24}",
    "url_with_credentials": r"https://[\w-]+:\w+@[\w.]+/\w+/?",
    "password": r"\S{12,}",
    "us_ssn": r"\d{3}-\d{2}-\d{4}",
}


@pytest.fixture(scope="module")
def generator() -> ModuleType:
    return load_script(FOLDER / "generate.py")


@pytest.fixture(scope="module")
def canaries(samples: Samples) -> Any:
    return samples.module.load_canaries()


def git(repository: Path, *arguments: str) -> bytes:
    command = ["git", f"--git-dir={repository}", *arguments]
    return subprocess.run(command, check=True, capture_output=True).stdout


def everything(repository: Path) -> bytes:
    """The bytes of every commit, tree and file of a repository."""
    return git(repository, "cat-file", "--batch", "--batch-all-objects")


@cache
def head_files(repository: Path) -> dict[str, tuple[str, bytes]]:
    """Path -> (mode, content) at HEAD."""
    files = {}
    for entry in git(repository, "ls-tree", "-r", "-z", "HEAD").decode().split("\0")[:-1]:
        facts, path = entry.split("\t")
        mode, _, sha = facts.split()
        files[path] = (mode, git(repository, "cat-file", "blob", sha))
    return files


def places(generator: ModuleType, name: str) -> Iterator[tuple[str, str]]:
    """(place as `where` writes it, text there) of all that a repository's sources say."""
    for path in sorted((FOLDER / "sources" / name).glob("*.txt")):
        request = generator.read_source(path)
        prose = [request.header["title"], request.header["branch"], request.body]
        prose += [commit.message for commit in request.commits]
        yield f"{name}#{request.number}", "\n".join(prose)
        for commit in request.commits:
            file = ""
            for directive, argument, text in commit.steps:
                file = argument.split(" -> ")[-1].split()[0] if argument else file
                if directive != "old":
                    yield f"{name}/{file}", f"{file}\n{text}"


@pytest.mark.parametrize("name", REPOSITORIES)
def test_committed_stream_is_what_the_sources_say(generator: ModuleType, name: str) -> None:
    committed = (FOLDER / f"{name}.fi").read_text(encoding="ascii")
    assert committed == generator.generate(FOLDER / "sources" / name)


def test_no_stream_without_sources() -> None:
    folders = {path.name for path in (FOLDER / "sources").iterdir()} - {"shared"}
    assert {path.stem for path in FOLDER.glob("*.fi")} == folders == set(REPOSITORIES)


def test_a_foreign_git_configuration_changes_nothing(
    samples: Samples, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = "[init]\ndefaultBranch = x\n[core]\nautocrlf = true\n[commit]\ngpgsign = true\n"
    (tmp_path / ".gitconfig").write_text(settings)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    for repository in samples.module.build(tmp_path / "repos"):
        refs = ("for-each-ref", "--format=%(refname) %(objectname)")
        first = samples.folder / repository.name
        assert git(repository, *refs) == git(first, *refs)
        assert git(repository, "symbolic-ref", "HEAD") == git(first, "symbolic-ref", "HEAD")
        assert git(repository, "fsck", "--strict", "--no-dangling") == b""


def test_building_again_replaces_the_earlier_repositories(samples: Samples, tmp_path: Path) -> None:
    samples.module.build(tmp_path)
    (tmp_path / "brine.git" / "HEAD").unlink()
    assert [path.name for path in samples.module.build(tmp_path)] == [
        f"{name}.git" for name in REPOSITORIES
    ]
    assert (tmp_path / "brine.git" / "HEAD").exists()


def test_enough_pull_requests_of_every_kind(samples: Samples, generator: ModuleType) -> None:
    kinds: Counter[str] = Counter()
    for name in REPOSITORIES:
        requests = [generator.read_source(p) for p in (FOLDER / "sources" / name).glob("*.txt")]
        numbers = {str(request.number) for request in requests if request.number}
        refs = git(samples.folder / f"{name}.git", "for-each-ref", "--format=%(refname)")
        assert set(re.findall(r"refs/pull/(\d+)/head", refs.decode())) == numbers
        kinds.update(request.header["merge"] for request in requests)
        kinds["bot"] += sum(request.header["author"] == "bot" for request in requests)
    assert sum(kinds[merge] for merge in ("merge", "squash", "rebase", "none")) >= 60
    assert min(kinds["merge"], kinds["rebase"]) >= 8
    assert kinds["none"] == kinds["bot"] == len(REPOSITORIES)


def test_merging_leaves_the_three_traces(samples: Samples) -> None:
    repository = samples.folder / "brine.git"
    subjects = git(repository, "log", "--first-parent", "--format=%s|%P", "main").decode()
    assert re.search(r"^Merge pull request #3 from icarvathel/csv-import\|\w+ \w+$", subjects, re.M)
    assert re.search(r"^Refuse to take more parts than there are \(#2\)\|\w+$", subjects, re.M)
    assert re.search(r"^Let the report print JSON\|\w+$", subjects, re.M)
    change_of = ("diff-tree", "-p", "--no-commit-id")
    replayed = git(repository, "log", "-1", "--format=%H", "--grep=^Let the report", "main")
    head = git(repository, "rev-parse", "refs/pull/20/head")
    assert replayed != head
    assert git(repository, *change_of, replayed.decode().strip()) == git(
        repository, *change_of, head.decode().strip()
    )


@pytest.mark.parametrize(
    ("repository", "path", "mode", "holds"),
    [
        ("brine", "docs/README.md", "120000", b"^../README.md$"),
        ("brine", "docs/.keep", "100644", b"^$"),
        ("brine", "docs/order-form.txt", "100644", b"^ORDER FORM\r\n"),
        ("brine", "docs/notes-latin1.txt", "100644", b"Malm\xf6"),
        ("brine", "brine/units_table.py", "100644", b"Code generated .* DO NOT EDIT"),
        ("brine", "brine/_vendor/columns.py", "100644", b"Vendored"),
        ("lanternfish", "assets/placeholder.svg", "100644", b"</svg>$"),
        ("lanternfish", "assets/icon.png", "100644", b"^\x89PNG\r\n\x1a\n\0"),
        ("lanternfish", "scripts/preview.sh", "100755", b"^#!"),
    ],
)
def test_unusual_files(
    samples: Samples, repository: str, path: str, mode: str, holds: bytes
) -> None:
    actual_mode, content = head_files(samples.folder / f"{repository}.git")[path]
    assert actual_mode == mode
    assert re.search(holds + (rb"\Z" if holds.endswith(b"$") else b""), content)


@pytest.mark.parametrize("name", REPOSITORIES)
def test_files_parse_in_their_language(samples: Samples, name: str) -> None:
    num_parsed = 0
    for path, (_, content) in head_files(samples.folder / f"{name}.git").items():
        text = content.decode("utf-8", "replace")
        language = language_of(path, text)
        if language in SUPPORTED:
            assert parse_status(language, text) == "ok", path
            num_parsed += 1
    assert num_parsed >= 12


def test_duplicates_between_repositories(samples: Samples) -> None:
    seen: Counter[bytes] = Counter()
    for name in REPOSITORIES:
        files = head_files(samples.folder / f"{name}.git").values()
        seen.update({content for _, content in files if len(content) > 200})
    assert sum(count > 1 for count in seen.values()) >= 3


def test_canaries_are_many_and_unique(canaries: Any) -> None:
    values = [canary.value for canary in canaries]
    assert len(set(values)) == len(values) >= 100
    assert len({canary.id for canary in canaries}) == len(values)
    assert set(SECRET_KINDS) <= {canary.kind for canary in canaries}


def test_canaries_are_where_the_list_says(generator: ModuleType, canaries: Any) -> None:
    texts = [place for name in REPOSITORIES for place in places(generator, name)]
    for canary in canaries:
        if any("#" in place or "/" in place for place in canary.where):
            needle = canary.value if canary.stem else f"{{{{canary:{canary.id}}}}}"
            found = {place for place, text in texts if needle in text}
            assert found == set(canary.where), canary.id


def test_canaries_reach_the_built_repositories(samples: Samples, canaries: Any) -> None:
    objects = {name: everything(samples.folder / f"{name}.git") for name in REPOSITORIES}
    for name in REPOSITORIES:
        assert not re.search(rb"\{\{(canary|bytes|chop)", objects[name])
    for canary in canaries:
        for name in {re.split("[#/]", place)[0] for place in canary.where}:
            assert canary.value.encode() in objects[name], canary.id


def test_people_are_identities_of_their_repositories(samples: Samples, canaries: Any) -> None:
    people = {canary.id: canary for canary in canaries if canary.kind in ("person", "email")}
    for name in REPOSITORIES:
        log = git(samples.folder / f"{name}.git", "log", "--all", "--format=%an <%ae>%n%B").decode()
        for canary_id, canary in people.items():
            if canary_id.endswith(".name") and name in canary.where:
                email = people[canary_id.replace(".name", ".email")].value
                assert f"{canary.value} <{email}>" in log


def test_secrets_have_their_format_and_are_in_no_file_of_ours(canaries: Any) -> None:
    files = [path.read_text() for path in FOLDER.rglob("*") if is_committed(path)]
    secrets = [canary for canary in canaries if canary.kind in SECRET_KINDS]
    assert len(secrets) >= 20
    for canary in secrets:
        assert re.fullmatch(SECRET_KINDS[canary.kind], canary.value), canary.id
        assert not any(canary.value in text for text in files), canary.id


def is_committed(path: Path) -> bool:
    return path.is_file() and not {"repos", "__pycache__"} & set(path.relative_to(FOLDER).parts)


def test_numbers_pass_their_checks(canaries: Any) -> None:
    for canary in canaries:
        if canary.kind == "iban":
            rotated = canary.value.replace(" ", "")[4:] + canary.value[:4]
            assert int("".join(str(int(sign, 36)) for sign in rotated)) % 97 == 1
        elif canary.kind == "credit_card":
            digits = [int(sign) for sign in canary.value if sign.isdigit()][::-1]
            doubled = [sum(divmod(2 * digit, 10)) for digit in digits[1::2]]
            assert (sum(digits[::2]) + sum(doubled)) % 10 == 0
        elif canary.kind == "ip_address":
            assert ipaddress.ip_address(canary.value).is_global


def test_placeholders(samples: Samples) -> None:
    expand, values = samples.module.expand, {"mira.name": "Z\u00f6e"}
    text = (
        b"author {{canary:mira.name}}\ndata <<END_OF_TEXT\n{{bytes:00ff}}a{{chop}}\nEND_OF_TEXT\n"
    )
    assert expand(text, values) == "author Z\u00f6e\ndata 3\n".encode() + b"\x00\xffa\n"
    with pytest.raises(KeyError):
        expand(b"{{canary:nobody}}", values)


def test_source_that_does_not_fit_is_refused(generator: ModuleType, tmp_path: Path) -> None:
    head = "title: t\nauthor: mira\nmerge: direct\nbranch: main\nstart: 0\n\n"
    (tmp_path / "00-initial.txt").write_text(head + "%% write a.txt\none\n")
    (tmp_path / "01-edit.txt").write_text(head + "%% edit a.txt\n%% old\ntwo\n%% new\nthree\n")
    with pytest.raises(generator.SourceError, match=r"01-edit\.txt: a\.txt: 0 places"):
        generator.generate(tmp_path)


def test_python_sample_passes_its_own_tests(samples: Samples, tmp_path: Path) -> None:
    for path, (mode, content) in head_files(samples.folder / "brine.git").items():
        if path.endswith(".py") and mode != "120000":
            (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / path).write_bytes(content)
    command = ["python3", "-m", "unittest", "discover", "-q", "-s", "tests", "-t", "."]
    assert subprocess.run(command, cwd=tmp_path, capture_output=True, check=False).returncode == 0
