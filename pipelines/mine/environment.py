"""Settings under which git runs nothing of a repository. In: folders. Out: environment variables.

    safe_environment("/data/git/click.git")["GIT_ALLOW_PROTOCOL"]  ->  "none"

Objects are read through a git directory of our own, which has neither configuration nor attributes:
no setting of a repository can change what its differences are.
"""

import os
from pathlib import Path

from pipelines.mine.git_dirs import GitDirs

_OVERRIDES = (
    ("advice.graftFileDeprecated", "false"),
    ("core.hooksPath", "/dev/null"),
    ("core.fsmonitor", "false"),
    ("core.pager", "cat"),
    ("core.attributesFile", "/dev/null"),
    ("core.excludesFile", "/dev/null"),
    ("core.alternateRefsCommand", "true"),
    ("core.sshCommand", "ssh -oBatchMode=yes"),
    ("core.gitProxy", ""),
    ("core.quotePath", "true"),
    # Less cache than by default: 5 % more time, and 60 MB instead of 260 MB per process on a pack
    # of 460 MB.
    ("core.packedGitWindowSize", "1m"),
    ("core.packedGitLimit", "16m"),
    ("core.deltaBaseCacheLimit", "16m"),
    ("credential.helper", ""),
    ("diff.suppressBlankEmpty", "false"),
    ("fetch.recurseSubmodules", "false"),
    ("gc.auto", "0"),
    ("gpg.program", "false"),
    ("log.showSignature", "false"),
    ("maintenance.auto", "false"),
    ("protocol.allow", "never"),
    ("protocol.ext.allow", "never"),
    ("submodule.recurse", "false"),
    ("uploadpack.packObjectsHook", ""),
)

_HEAD = b"ref: refs/heads/none\n"
MAX_OBJECT_BYTES = 536_870_912
"""Git reads no larger object: a few bytes can be the packed form of gigabytes."""
_CONFIG = """[core]
\trepositoryFormatVersion = 1
\tbare = true
[extensions]
\tobjectFormat = {}
"""


def safe_environment(git_dir: str, *, protocols: str = "none") -> dict[str, str]:
    """Environment variables under which git reads `git_dir` and runs nothing that it names."""
    pairs = [*_OVERRIDES, ("safe.directory", git_dir)]
    environment = {
        "GIT_DIR": git_dir,
        "GIT_IMPLICIT_WORK_TREE": "0",
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_SYSTEM": "/dev/null",
        "GIT_CONFIG_GLOBAL": "/dev/null",
        "GIT_ATTR_NOSYSTEM": "1",
        "GIT_GRAFT_FILE": "/dev/null",
        "GIT_LITERAL_PATHSPECS": "1",
        "GIT_NO_LAZY_FETCH": "1",
        "GIT_NO_REPLACE_OBJECTS": "1",
        "GIT_OPTIONAL_LOCKS": "0",
        "GIT_PAGER": "cat",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_ASKPASS": "true",
        "SSH_ASKPASS": "true",
        "GIT_ALLOW_PROTOCOL": protocols,
        "GIT_CONFIG_COUNT": str(len(pairs)),
    }
    for index, (key, value) in enumerate(pairs):
        environment[f"GIT_CONFIG_KEY_{index}"] = key
        environment[f"GIT_CONFIG_VALUE_{index}"] = value
    return environment


def inherited_environment() -> dict[str, str]:
    """This process's environment without git's variables, which would lead elsewhere."""
    return {key: value for key, value in os.environ.items() if not key.startswith("GIT_")}


def isolated_environment(folder: Path, objects: Path, object_format: str) -> dict[str, str]:
    """Make `folder` a git directory over the `objects` of another; the environment to use it.

    `object_format` is "sha1" or "sha256".
    """
    for name in ("objects", "refs"):
        (folder / name).mkdir(parents=True)
    (folder / "HEAD").write_bytes(_HEAD)
    (folder / "config").write_text(_CONFIG.format(object_format))
    limits = {"GIT_OBJECT_DIRECTORY": str(objects), "GIT_ALLOC_LIMIT": str(MAX_OBJECT_BYTES)}
    return safe_environment(str(folder)) | limits


def refs_environment(folder: Path, dirs: GitDirs, object_format: str) -> dict[str, str]:
    """Make `folder` a git directory with the refs and objects of another, and nothing else.

    Apart from the one for objects, since newer versions of git take attributes from HEAD.
    """
    environment = isolated_environment(folder, dirs.shared / "objects", object_format)
    (folder / "refs").rmdir()
    for name in ("refs", "packed-refs"):
        (folder / name).symlink_to(dirs.shared / name)
    (folder / "HEAD").write_bytes(dirs.head() or _HEAD)
    return environment
