"""Tar archives for tests, honest and hostile, made member by member."""

import io
import tarfile
from pathlib import Path

Member = tuple[str, bytes | str]
"""Name and bytes of a file; "name -> target" and "" for a symbolic link."""


def write_tar(path: Path, *members: "Member | tarfile.TarInfo", mode: str = "w") -> Path:
    with tarfile.open(str(path), mode) as tar:  # type: ignore[call-overload]  # Any mode.
        for member in members:
            if isinstance(member, tarfile.TarInfo):
                tar.addfile(member, io.BytesIO(b"\0" * member.size))
            else:
                info, data = _file(*member)
                tar.addfile(info, io.BytesIO(data))
    return path


def entry(name: str, kind: bytes, *, target: str = "", size: int = 0) -> tarfile.TarInfo:
    """A member of any kind."""
    info = tarfile.TarInfo(name)
    info.type, info.linkname, info.size = kind, target, size
    return info


def tar_folder(path: Path, folder: Path, name: str, mode: str = "w:gz") -> Path:
    """A whole folder under a name."""
    with tarfile.open(str(path), mode) as tar:  # type: ignore[call-overload]  # Any mode.
        tar.add(str(folder), arcname=name)
    return path


def _file(name: str, data: bytes | str) -> tuple[tarfile.TarInfo, bytes]:
    content = data.encode() if isinstance(data, str) else data
    info = tarfile.TarInfo(name)
    info.size = len(content)
    info.mode = 0o755 if name.endswith(".sh") else 0o644
    return info, content
