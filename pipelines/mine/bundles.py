"""Git bundles as repositories. In: a bundle file. Out: a bare repository of ours.

    import_bundle(Path("/data/shop.bundle"), target)

Git reads the bundle's pack, names every object by its content and refuses a pack in which one is
broken or missing. Nothing else of a bundle is used: branches, tags, the heads of pull and merge
requests, and where HEAD stood.
"""

import re
from dataclasses import dataclass
from pathlib import Path

from pipelines.mine.clones import REFSPECS, run_git
from pipelines.mine.environment import inherited_environment, safe_environment
from schemas.errors import InputError

_SIGNATURE = re.compile(rb"# v[23] git bundle\n")
_REFERENCE = re.compile(rb"([0-9a-f]{40}|[0-9a-f]{64}) ([^\x00-\x20\x7f]+)")
_MAX_HEADER_BYTES = 67_108_864


@dataclass(frozen=True, kw_only=True)
class BundleHeader:
    """What stands before the pack."""

    object_format: str
    """"sha1" or "sha256"."""
    is_incremental: bool
    """It continues a history that is not in it."""
    refs: dict[str, str]


def is_bundle(path: Path) -> bool:
    """Whether a file begins like a bundle."""
    try:
        with path.open("rb") as file:
            return _SIGNATURE.match(file.read(32)) is not None
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}") from None


def import_bundle(path: Path, target: Path) -> list[str]:
    """Make `target` a repository of a bundle's history; no notes. Raises InputError if it cannot.

    `path` is absolute.
    """
    header = read_header(path)
    if header.is_incremental:
        raise InputError(
            f"{path} continues a history that it does not hold; "
            'make it with "git bundle create FILE --all"'
        )
    environment = inherited_environment() | safe_environment(str(target), protocols="file")
    target.mkdir()
    commands = (
        ("init", "--quiet", "--bare", "--template=", "--object-format=" + header.object_format),
        ("fetch", "--quiet", "--no-tags", "--no-write-fetch-head", "--no-recurse-submodules",
         "--", str(path), *REFSPECS),
        *_head_commands(header),
    )  # fmt: skip
    for command in commands:
        try:
            run_git(command, environment)
        except InputError as error:
            raise InputError(f"{path}: {error}; make the bundle again") from None
    return []


def read_header(path: Path) -> BundleHeader:
    """What a bundle says of itself. Raises InputError for what is no bundle."""
    refs: dict[str, str] = {}
    object_format, is_incremental, num_bytes = "sha1", False, 0
    with path.open("rb") as file:
        if not _SIGNATURE.fullmatch(file.readline(32)):
            raise InputError(f'{path} is no git bundle; make one with "git bundle create"')
        while (line := file.readline(65_536)) != b"\n":
            num_bytes += len(line)
            if not line.endswith(b"\n") or num_bytes > _MAX_HEADER_BYTES:
                raise InputError(f"{path} is cut off or no git bundle; make the bundle again")
            if line.startswith(b"@object-format="):
                object_format = "sha256" if b"sha256" in line else "sha1"
            elif line.startswith(b"-"):
                is_incremental = True
            elif match := _REFERENCE.fullmatch(line[:-1]):
                refs[match[2].decode("utf-8", "replace")] = match[1].decode()
    return BundleHeader(object_format=object_format, is_incremental=is_incremental, refs=refs)


def _head_commands(header: BundleHeader) -> list[tuple[str, ...]]:
    """Point HEAD to the branch that stands where HEAD stood, or to the commit itself."""
    head = header.refs.get("HEAD")
    if head is None:
        return []
    branches = sorted(
        name for name, sha in header.refs.items() if name.startswith("refs/heads/") and sha == head
    )
    known = [name for name in ("refs/heads/main", "refs/heads/master") if name in branches]
    if branches:
        return [("symbolic-ref", "HEAD", (known or branches)[0])]
    return [("update-ref", "--no-deref", "HEAD", head)]
