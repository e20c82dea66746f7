"""Signed notes and checkpoints (C2SP signed-note and tlog-checkpoint, Ed25519): the text that vouches for a tree.

Owns the two formats and their keys, to the byte. Keeps no key, chooses no name and reads no clock.
"""

import base64
import binascii
import hashlib
import re
from dataclasses import dataclass
from typing import Final, Self

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from nom.contracts.base import Contract

_ED25519: Final = b"\x01"
_SIGNED: Final = "\n\n— "
_NAME: Final = re.compile(r"[^\s+]+")
_SIZE: Final = re.compile(r"0|[1-9][0-9]{0,17}")
_HASH_BYTES: Final = 32
_KEY_ID_BYTES: Final = 4
_SIGNATURE_BYTES: Final = 64


NOTE_PATTERN: Final = r"(?:[^\n]+\n){3,}\n(?:— [^\n]+\n)+"
"""The look of a signed checkpoint in a text of several. Whether it is one, `checkpoint_of` says."""


class NoteInvalid(ValueError):
    """A note is not of its form, or not signed by the key that it is checked against."""

    code: Final = "note_invalid"


@dataclass(frozen=True)
class Verifier:
    """The public half of a signer's key, under the signer's name."""

    name: str
    key: bytes

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `name+key id+key`, as published. Raises `NoteInvalid`."""
        parts = text.strip().split("+", 2)
        if len(parts) != 3:  # noqa: PLR2004 - name, key id and key
            msg = "a public key is written name+id+key"
            raise NoteInvalid(msg)
        material = _decoded(parts[2])
        verifier = cls(name=parts[0], key=material[1:])
        if material[:1] != _ED25519 or len(material) != 1 + _HASH_BYTES or not _NAME.fullmatch(verifier.name):
            msg = f"not an Ed25519 key with a name: {parts[0][:80]}"
            raise NoteInvalid(msg)
        if verifier.key_id.hex() != parts[1]:
            msg = f"the id does not belong to the key of {verifier.name}: a character was lost or changed"
            raise NoteInvalid(msg)
        return verifier

    @property
    def key_id(self) -> bytes:
        """The four bytes that say which key signed."""
        return hashlib.sha256(self.name.encode() + b"\n" + _ED25519 + self.key).digest()[:_KEY_ID_BYTES]

    def __str__(self) -> str:
        """As it is published."""
        return f"{self.name}+{self.key_id.hex()}+{base64.b64encode(_ED25519 + self.key).decode()}"

    def verifies(self, text: str, signature: bytes) -> bool:
        """Whether the signature over the text is this key's."""
        try:
            Ed25519PublicKey.from_public_bytes(self.key).verify(signature, text.encode())
        except InvalidSignature:
            return False
        return True


class Signer:
    """A private key under a name. Raises `NoteInvalid` for a name that a note can't carry and another size of seed."""

    def __init__(self, name: str, seed: bytes) -> None:
        if not _NAME.fullmatch(name) or len(seed) != _HASH_BYTES:
            msg = "a signer has a name without spaces and plus signs, and a seed of 32 bytes"
            raise NoteInvalid(msg)
        self._key = Ed25519PrivateKey.from_private_bytes(seed)
        self.verifier = Verifier(name=name, key=self._key.public_key().public_bytes_raw())

    def sign(self, text: str) -> str:
        """The note: the text, which ends in a newline, an empty line, and the signature's line."""
        signature = base64.b64encode(self.verifier.key_id + self._key.sign(text.encode())).decode()
        return f"{text}\n— {self.verifier.name} {signature}\n"


def opened(note: str, verifier: Verifier) -> str:
    """The text of a note that the verifier's key has signed; other signatures are left aside. Raises `NoteInvalid`."""
    end = note.rfind(_SIGNED)
    if end < 0 or not note.endswith("\n"):
        msg = "not a signed note: no line of a signature"
        raise NoteInvalid(msg)
    text = note[: end + 1]
    start = note.find(_SIGNED)
    if start != end:
        msg = "not a signed note: an empty line before another signature"
        raise NoteInvalid(msg)
    for line in note[end + 2 :].splitlines():
        name, _, encoded = line.removeprefix("— ").partition(" ")
        material = _decoded(encoded)
        if not line.startswith("— ") or not _NAME.fullmatch(name) or len(material) <= _KEY_ID_BYTES:
            msg = "not a signed note: a line of a signature is malformed"
            raise NoteInvalid(msg)
        ours = (name, material[:_KEY_ID_BYTES]) == (verifier.name, verifier.key_id)
        if ours and len(material) == _KEY_ID_BYTES + _SIGNATURE_BYTES and verifier.verifies(text, material[4:]):
            return text
    msg = f"the note is not signed with the key of {verifier.name}"
    raise NoteInvalid(msg)


class Checkpoint(Contract):
    """What a tree was at one moment: whose it is, how many leaves it had, and its root in hexadecimal."""

    origin: str
    size: int
    root: str

    def text(self) -> str:
        """The body that is signed: origin, size and root, a line each."""
        return f"{self.origin}\n{self.size}\n{base64.b64encode(bytes.fromhex(self.root)).decode()}\n"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a body; lines that follow the root are extensions and left aside. Raises `NoteInvalid`."""
        lines = text.split("\n")
        if len(lines) < 4 or not lines[0] or not _SIZE.fullmatch(lines[1]):  # noqa: PLR2004 - three lines, each ended
            msg = "not a checkpoint: origin, size and root stand on a line each"
            raise NoteInvalid(msg)
        root = _decoded(lines[2])
        if len(root) != _HASH_BYTES:
            msg = "not a checkpoint: the root is not a SHA-256"
            raise NoteInvalid(msg)
        return cls(origin=lines[0], size=int(lines[1]), root=root.hex())


def checkpoint_of(note: str, verifier: Verifier, origin: str) -> Checkpoint:
    """The checkpoint in a note, signed with that key and of that tree. Raises `NoteInvalid`."""
    checkpoint = Checkpoint.parse(opened(note, verifier))
    if checkpoint.origin != origin:
        msg = f"the checkpoint is of another tree: {checkpoint.origin[:80]}"
        raise NoteInvalid(msg)
    return checkpoint


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        msg = "not base64"
        raise NoteInvalid(msg) from None
