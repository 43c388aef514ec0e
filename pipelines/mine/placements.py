"""Where each file stands in its package. In: tree entries. Out: path -> (package, level).

    place_files(repository, entries, config)["src/cart.py"]  ->  ("src", 2)

Imports are read from the whole head tree before files are cut into shards, since a file's level
depends on the files that it imports. One file's text is in memory at a time.
"""

from collections.abc import Iterator, Sequence

from pipelines.mine.commits import decode_text, is_binary, is_plain_path
from pipelines.mine.config import MineConfig
from pipelines.mine.git import GitRepository, TreeEntry
from transforms.imports.find import IMPORT_LANGUAGES, find_imports
from transforms.imports.levels import dependency_levels
from transforms.imports.manifests import is_manifest
from transforms.languages import language_of
from transforms.shared_extensions import SHARED_EXTENSIONS


def place_files(
    repository: GitRepository, entries: Sequence[TreeEntry], config: MineConfig
) -> dict[str, tuple[str, int | None]]:
    """Package folder and dependency level of every entry."""
    plain = [entry for entry in entries if is_plain_path(entry.path)]
    files: dict[str, tuple[str, tuple[str, ...]]] = {entry.path: ("", ()) for entry in plain}
    manifests: dict[str, str] = {}
    for paths, text in _texts(repository, plain, config):
        # A few objects can unfold to any number of paths, all with the same imports.
        imports: dict[str, tuple[str, ...]] = {}
        for path in paths:
            language = language_of(path, text)
            if language not in imports:
                imports[language] = find_imports(language, text)
            files[path] = (language, imports[language])
            if is_manifest(path):
                manifests[path] = text
    levels = dependency_levels(files, manifests)
    nowhere: dict[str, tuple[str, int | None]] = {entry.path: ("", None) for entry in entries}
    return nowhere | {path: (placed.package, placed.level) for path, placed in levels.items()}


def _texts(
    repository: GitRepository, entries: Sequence[TreeEntry], config: MineConfig
) -> Iterator[tuple[list[str], str]]:
    """(paths, text) of each content that may import or is a manifest."""
    paths: dict[str, list[str]] = {}
    for entry in entries:
        is_small = entry.size is not None and 0 < entry.size <= config.max_file_bytes
        if is_small and entry.mode.startswith("100") and _may_import(entry.path):
            paths.setdefault(entry.sha, []).append(entry.path)
    for sha, data in repository.read_blobs(list(paths)):
        text = None if data is None or is_binary(data) else decode_text(data)
        if text is not None:
            yield paths[sha], text


def _may_import(path: str) -> bool:
    """By its name alone; content counts only where no extension, or a shared one, tells."""
    language = language_of(path)
    is_open = language == "text" or path.rpartition(".")[2].lower() in SHARED_EXTENSIONS
    return language in IMPORT_LANGUAGES or is_open or is_manifest(path)
