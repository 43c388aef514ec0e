"""Source files of a head commit. In: tree entries. Out: rows of `source_files`, or reasons.

Links and submodules are rejected as not_a_file; files that are missing, too large, empty, binary
(git's rule, or a pointer of Git LFS) or in no plausible encoding with those reasons. What is
generated, vendored, a test, documentation or configuration is kept and flagged.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from pipelines.mine.commits import decode_text, has_utf16_mark, is_binary, is_plain_path
from pipelines.mine.git import GitRepository
from schemas.errors import RowError
from schemas.ids import stable_id
from schemas.reasons import Reason
from schemas.tables import SourceFile
from transforms.languages import describe_file
from transforms.outcome import Outcome, attempt
from transforms.patch import split_lines
from transforms.syntax import parse_status

_CHUNK = 64

Item = tuple[str, str, str, int, str, int | None]
"""Path, mode, object name, bytes (-1 when the object is not in the repository), package, level."""


@dataclass(frozen=True, kw_only=True)
class FileCandidate:
    """A tree entry on its way to become a row."""

    file_id: str
    repo: str
    source: str
    license: str
    path: str
    mode: str
    sha: str
    size: int
    package: str
    dependency_level: int | None


def read_source_files(
    repository: GitRepository,
    items: Sequence[Item],
    *,
    repo: str,
    license: str,
    max_file_bytes: int,
) -> Iterator[Outcome[SourceFile]]:
    """Outcomes of at most 64 rows, in the order of the items."""
    for start in range(0, len(items), _CHUNK):
        candidates = [
            FileCandidate(
                file_id=stable_id("source_file", repo, path, sha),
                repo=repo,
                source="git",
                license=license,
                path=path,
                mode=mode,
                sha=sha,
                size=size,
                package=package,
                dependency_level=level,
            )
            for path, mode, sha, size, package, level in items[start : start + _CHUNK]
        ]
        wanted = {c.sha for c in candidates if 0 < c.size <= max_file_bytes and _is_file(c)}
        blobs = dict(repository.read_blobs(sorted(wanted)))
        build = partial(_build, blobs=blobs, max_file_bytes=max_file_bytes)
        yield attempt(candidates, build, stage="mine", table="source_files")


def _is_file(candidate: FileCandidate) -> bool:
    return candidate.mode.startswith("100")


def _build(
    candidate: FileCandidate, *, blobs: dict[str, bytes | None], max_file_bytes: int
) -> SourceFile:
    data = _content(candidate, blobs, max_file_bytes)
    text = _text(data)
    kind = describe_file(candidate.path, text)
    return SourceFile(
        file_id=candidate.file_id,
        repo=candidate.repo,
        source=candidate.source,
        license=candidate.license,
        path=candidate.path,
        language=kind.language,
        text=text,
        num_bytes=len(data),
        num_lines=len(split_lines(text)),
        parse_status=parse_status(kind.language, text),
        is_test=kind.is_test,
        is_generated=kind.is_generated,
        is_vendored=kind.is_vendored,
        is_documentation=kind.is_documentation,
        is_configuration=kind.is_configuration,
        is_minified=kind.is_minified,
        package=candidate.package,
        dependency_level=candidate.dependency_level,
    )


def _content(
    candidate: FileCandidate, blobs: dict[str, bytes | None], max_file_bytes: int
) -> bytes:
    if not _is_file(candidate):
        raise RowError(Reason.NOT_A_FILE, f"mode {candidate.mode}")
    if not is_plain_path(candidate.path):
        raise RowError(Reason.UNSAFE_PATH)
    if candidate.size == 0:
        raise RowError(Reason.EMPTY)
    if candidate.size > max_file_bytes:
        raise RowError(Reason.TOO_LARGE, f"{candidate.size} > {max_file_bytes} bytes")
    data = blobs.get(candidate.sha)
    if data is None:
        raise RowError(Reason.MISSING_BLOB)
    return data


def _text(data: bytes) -> str:
    if is_binary(data) and not has_utf16_mark(data):
        raise RowError(Reason.BINARY)
    text = decode_text(data)
    if text is None:
        raise RowError(Reason.UNDECODABLE, "neither UTF-8 nor UTF-16 nor plausible Latin-1")
    text = text.removeprefix("\ufeff")
    if not text.strip():
        raise RowError(Reason.EMPTY, "white space only")
    return text
