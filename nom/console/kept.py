"""What an auditor keeps outside every ledger and brings along: signed checkpoints and public keys."""

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from nom.audit.trees import OutsideCheckpoint
from nom.contracts.note import NOTE_PATTERN, Checkpoint, NoteInvalid, Verifier

_NOTE: Final = re.compile(NOTE_PATTERN)


class KeptFileInvalid(ValueError):
    """A file that was brought along does not hold what it should. The message names the file."""

    code: Final = "kept_file_invalid"


def kept_checkpoints(files: Iterable[Path]) -> tuple[OutsideCheckpoint, ...]:
    """The signed checkpoints in files, one after another in each. Raises `KeptFileInvalid` and `OSError`."""
    return tuple(kept for file in files for kept in _checkpoints_in(file))


def kept_keys(files: Iterable[Path]) -> dict[str, Verifier]:
    """The public keys in files, one a line, by their ledger's namespace. Raises `KeptFileInvalid` and `OSError`."""
    keys: dict[str, Verifier] = {}
    for file in files:
        lines = [line for line in kept_text(file).splitlines() if line.strip()]
        try:
            read = [Verifier.parse(line) for line in lines]
        except NoteInvalid as error:
            raise KeptFileInvalid(f"{file}: {error}") from None
        if not read:
            raise KeptFileInvalid(f"{file}: there is no public key in it, as `nom audit keys` writes it")
        keys |= {verifier.name.removeprefix("nom/"): verifier for verifier in read}
    return keys


def _checkpoints_in(file: Path) -> tuple[OutsideCheckpoint, ...]:
    text = kept_text(file)
    notes = _NOTE.findall(text)
    if not notes or "".join(text.split()) != "".join("".join(notes).split()):
        raise KeptFileInvalid(f"{file}: not a file of signed checkpoints, as `nom audit checkpoints` writes it")
    for note in notes:
        try:
            Checkpoint.parse(note)
        except NoteInvalid as error:
            raise KeptFileInvalid(f"{file}: {error}") from None
    return tuple(OutsideCheckpoint(note=note, kept_by=str(file)) for note in notes)


def kept_text(file: Path) -> str:
    """The text in a file. Raises `KeptFileInvalid` and `OSError`."""
    try:
        return file.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise KeptFileInvalid(f"{file}: not text") from None
