"""Writes a pack's file: a zip whose bytes depend on nothing but what it holds."""

import io
import json
import zipfile
from collections.abc import Mapping
from typing import Any, Final

from nom.contracts.base import sha256_hex

MANIFEST: Final = "manifest.json"
_NO_TIME: Final = (1980, 1, 1, 0, 0, 0)
"""The earliest that a zip can say: when a file was written is nobody's evidence."""
_READABLE: Final = 0o100644 << 16


def zipped(files: Mapping[str, bytes], manifest: Mapping[str, Any]) -> bytes:
    """The files, and a manifest that lists them with their digests."""
    listed = {name: sha256_hex(content) for name, content in sorted(files.items())}
    whole = {**files, MANIFEST: as_json({**manifest, "files": listed}, indent=1)}
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as pack:
        for name, content in sorted(whole.items()):
            entry = zipfile.ZipInfo(name, _NO_TIME)
            entry.create_system, entry.external_attr = 3, _READABLE
            pack.writestr(entry, content, zipfile.ZIP_DEFLATED, 9)
    return written.getvalue()


def as_json(value: object, indent: int | None = None) -> bytes:
    """JSON with a newline, its keys sorted. Nothing hashes this form: what is hashed stands in it as text."""
    return (json.dumps(value, ensure_ascii=False, sort_keys=True, indent=indent) + "\n").encode("utf-8")


def as_lines(values: list[dict[str, Any]]) -> bytes:
    """One JSON object a line."""
    return b"".join(as_json(value) for value in values)
