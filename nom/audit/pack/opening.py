"""Opens a pack for its verifier: the files of the zip, JSON, public keys. Standard library alone, and no nom.

Whoever made the pack may have made it to mislead or to wear out: nothing is unpacked beyond what a pack can need, and
what two readers could take for two things is refused.
"""

import json
import re
import struct
import zipfile
import zlib
from collections import Counter
from pathlib import Path
from typing import Any

from nom.audit.pack.arithmetic import PackInvalid, key_of

LARGEST, LARGEST_FILE = 8 * 1024**3, 256 * 1024**2
"""Bytes that a pack, and a file of it, may have when they are unpacked."""
PACKED_AS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
MALFORMED = (LookupError, TypeError, ValueError, AttributeError, RecursionError, ArithmeticError, MemoryError)


def json_in(data: str | bytes) -> Any:  # noqa: ANN401 - whatever stands there
    """The JSON value. Raises `ValueError`, also where a key stands twice or for a number that JSON does not have."""

    def held_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        if len(held := dict(pairs)) != len(pairs):
            raise PackInvalid("a key stands in it twice")
        return held

    def refused(name: str) -> None:
        raise PackInvalid(f"{name} is no number of JSON")

    return json.loads(data, object_pairs_hook=held_once, parse_constant=refused)


def keys_in(lines: list[str]) -> dict[str, tuple[str, bytes, bytes]]:
    """The public keys by name. Raises `PackInvalid`, also for two keys of one name: which of them is right?"""
    keys: dict[str, tuple[str, bytes, bytes]] = {}
    for key in map(key_of, lines):
        if keys.setdefault(key[0], key) != key:
            raise PackInvalid(f"you gave two keys of {key[0]}; check with each by itself")
    return keys


def leads_out(name: str) -> bool:
    """Whether a file of that name could be put elsewhere than into the folder that a pack is unpacked in."""
    return name.startswith("/") or re.search(r"(^|/)\.\.(/|$)|[\\:\x00-\x1f]", name) is not None


class Archive:
    """The files of a zip. Raises `PackInvalid` where it is none, or larger than any pack when it is unpacked."""

    def __init__(self, path: Path) -> None:
        self.looked_at: set[str] = set()
        try:
            self.zip = zipfile.ZipFile(path)
        except (OSError, zipfile.BadZipFile, struct.error, NotImplementedError, *MALFORMED) as error:
            raise PackInvalid(f"{path}: not an evidence pack ({error})") from None
        if sum(each.file_size for each in self.zip.infolist()) > LARGEST:
            raise PackInvalid(f"{path}: not an evidence pack (it is larger than any when it is unpacked)")

    def close(self) -> None:
        """Let go of the file."""
        self.zip.close()

    def names(self) -> Counter[str]:
        """The names of the files, and how often each stands there."""
        return Counter(self.zip.namelist())

    def read(self, name: str) -> bytes:
        """A file of the pack. Raises `PackInvalid`."""
        self.looked_at.add(name)
        try:
            entry = self.zip.getinfo(name)
            if entry.file_size > LARGEST_FILE or entry.compress_type not in PACKED_AS:
                raise PackInvalid(f"{name} is too large, or packed in a way that no pack is")
            with self.zip.open(entry) as opened:
                # So many bytes and no more: what a file says of its size may be a lie.
                return opened.read(entry.file_size)
        except KeyError:
            raise PackInvalid(f"{name} is not in the pack") from None
        except (zipfile.BadZipFile, zlib.error, struct.error, OSError, EOFError, RuntimeError):
            raise PackInvalid(f"{name} can't be unpacked") from None
