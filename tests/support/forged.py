"""Objects as no git would write them. In: bytes. Out: their names in a repository.

put(git, "tree", entry("100600", b"..", blob))  ->  "5f2b..."
"""

import hashlib
import struct
import zlib

from mined import Git


def put(git: Git, kind: str, data: bytes) -> str:
    """Write an object, however wrong."""
    raw = f"{kind} {len(data)}\0".encode() + data
    return put_packed(git, hashlib.sha1(raw).hexdigest(), zlib.compress(raw, 1))


def put_packed(git: Git, name: str, packed: bytes) -> str:
    """Write what is to pass for an object."""
    path = git.folder / ".git" / "objects" / name[:2] / name[2:]
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(packed)
    return name


def entry(mode: str, name: bytes, sha: str) -> bytes:
    """A tree's entry."""
    return mode.encode() + b" " + name + b"\0" + bytes.fromhex(sha)


def land_tree(git: Git, tree: str) -> None:
    """Pull request 2 brings a tree, 3 takes it back."""
    strange = git("commit-tree", "-p", "HEAD", "-m", "Strange (#2)", tree)
    back = git("commit-tree", "-p", strange, "-m", "Back (#3)", "HEAD^{tree}")
    git("update-ref", "refs/heads/main", back)


def pack_with_delta_bomb(git: Git, num_copies: int) -> str:
    """A pack of two blobs of which the second is the first, 64 KiB, so many times over."""
    base = b"line\n" * 13107 + b"\n"
    content = base * num_copies
    # A copy without offset and size is of 64 KiB from the start.
    delta = _varint(len(base)) + _varint(len(content)) + b"\x80" * num_copies
    pack = b"PACK" + struct.pack(">II", 2, 2)
    offset = len(pack)
    pack += _header(3, len(base)) + zlib.compress(base)
    back = len(pack) - offset
    pack += _header(6, len(delta)) + _offset(back) + zlib.compress(delta)
    pack += hashlib.sha1(pack).digest()
    folder = git.folder / ".git" / "objects" / "pack"
    folder.mkdir(exist_ok=True)
    path = folder / f"pack-{hashlib.sha1(pack).hexdigest()}.pack"
    path.write_bytes(pack)
    git("index-pack", str(path))
    return hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()


def _header(kind: int, size: int) -> bytes:
    first = (kind << 4) | (size & 15)
    size >>= 4
    return bytes([first | (0x80 if size else 0)]) + (_varint(size) if size else b"")


def _varint(number: int) -> bytes:
    parts = []
    while number >= 0x80:
        parts.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*parts, number])


def _offset(number: int) -> bytes:
    parts = [number & 0x7F]
    while number := number >> 7:
        number -= 1
        parts.append(number & 0x7F | 0x80)
    return bytes(reversed(parts))
