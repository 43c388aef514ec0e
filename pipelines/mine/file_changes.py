"""File changes of a pull request. In: `FileDiff`s. Out: `FileChange`s with patches and base text.

Binary files, files over the size limit, links and submodules stand there by name only, with
patch "" and no base content; a pull request of nothing else is rejected.
"""

import re
from collections.abc import Mapping, Sequence

from pipelines.mine.commits import LFS_POINTER, decode_latin1, is_binary, is_plain_path
from pipelines.mine.config import MineConfig
from pipelines.mine.diffs import FileDiff
from pipelines.mine.git import GitRepository
from schemas.errors import RowError
from schemas.reasons import Reason
from schemas.tables import FileChange
from transforms.languages import describe_file

_TO_POINTER = re.compile(rb"@@ \S+ \+1(?:,\d+)? @@.*\n(?:[-\\].*\n)*\+" + re.escape(LFS_POINTER))
"""The first line becomes that of a pointer of Git LFS; the content itself is elsewhere."""


def read_file_changes(
    repository: GitRepository,
    diffs: Sequence[FileDiff],
    sizes: Mapping[str, int],
    config: MineConfig,
) -> tuple[FileChange, ...]:
    """The changes in git's order (by path).

    Raises RowError with TOO_MANY_FILES, UNSAFE_PATH, TOO_LARGE, NO_TEXT_CHANGE or MISSING_BLOB.
    """
    if len(diffs) > config.max_files:
        raise RowError(Reason.TOO_MANY_FILES, f"{len(diffs)} > {config.max_files} files")
    if not all(is_plain_path(path) for diff in diffs for path in (diff.old_path, diff.path)):
        raise RowError(Reason.UNSAFE_PATH)
    _check_patches(diffs, sizes, config)
    wanted = [d.old_sha for d in diffs if _is_base_wanted(d, sizes, config)]
    bases = dict(repository.read_blobs(wanted))
    if None in bases.values():
        raise RowError(Reason.MISSING_BLOB, "a base file cannot be read")
    changes = tuple(_file_change(diff, bases.get(diff.old_sha)) for diff in diffs)
    if not any(change.patch for change in changes):
        raise RowError(Reason.NO_TEXT_CHANGE, f"{len(changes)} files")
    return changes


def _check_patches(diffs: Sequence[FileDiff], sizes: Mapping[str, int], config: MineConfig) -> None:
    num_bytes = sum(len(diff.hunks) for diff in diffs)
    if num_bytes > config.max_patch_bytes:
        raise RowError(Reason.TOO_LARGE, f"{num_bytes} > {config.max_patch_bytes} bytes of patches")
    is_large = any(sizes[sha] > config.max_file_bytes for diff in diffs for sha in diff.blobs())
    if is_large and num_bytes == 0:
        raise RowError(Reason.TOO_LARGE, f"only files over {config.max_file_bytes} bytes")


def _is_base_wanted(diff: FileDiff, sizes: Mapping[str, int], config: MineConfig) -> bool:
    """Text files (git found hunks) and pure renames, which may be text."""
    is_text = bool(diff.hunks) or diff.status == "renamed"
    return is_text and diff.is_old_file and sizes[diff.old_sha] <= config.max_file_bytes


def _file_change(diff: FileDiff, base: bytes | None) -> FileChange:
    patch, base_content = _decode_together(diff.hunks, base)
    kind = describe_file(diff.path, base_content or _added_text(patch))
    lines = "\n" + patch
    return FileChange(
        path=diff.path,
        old_path=diff.old_path if diff.status == "renamed" else None,
        status=diff.status,
        language=kind.language,
        is_test=kind.is_test,
        is_generated=kind.is_generated,
        is_vendored=kind.is_vendored,
        is_documentation=kind.is_documentation,
        is_configuration=kind.is_configuration,
        num_added=lines.count("\n+"),
        num_deleted=lines.count("\n-"),
        patch=patch,
        base_content=base_content,
    )


def _decode_together(hunks: bytes, base: bytes | None) -> tuple[str, str | None]:
    """Patch and base in one encoding, so that they fit; ("", None) when none fits both."""
    if (base is not None and is_binary(base)) or _TO_POINTER.match(hunks):
        return "", None
    try:
        return hunks.decode(), None if base is None else base.decode()
    except UnicodeDecodeError:
        if base is not None and _is_wide(base):
            return "", None
        patch = decode_latin1(hunks)
        content = None if base is None else decode_latin1(base)
        is_decoded = patch is not None and (base is None or content is not None)
        return (patch, content) if is_decoded and patch is not None else ("", None)


def _is_wide(data: bytes) -> bool:
    """Whether this is UTF-8 that Latin-1 would garble."""
    try:
        return not data.decode().isascii()
    except UnicodeDecodeError:
        return False


def _added_text(patch: str) -> str:
    return "\n".join(line[1:] for line in patch.split("\n") if line.startswith("+"))
