"""The arithmetic of a pack's verifier: Ed25519, signed checkpoints, Merkle proofs. Standard library alone, no nom.

`script` puts it together with the verifier's other modules into one file. What nom does with a library for
signatures is written out here a second time, so that whoever checks a pack has to trust neither.
"""

import base64
import hashlib
import re

KEY_BYTES, SIGNATURE_BYTES, KEY_ID_BYTES, HASH_BYTES = 32, 64, 4, 32
CHECKPOINT_LINES = 4
"""Origin, size and root, each ended."""
P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, P) % P
Point = tuple[int, int, int, int]


class PackInvalid(ValueError):
    """Something is not of its form. The message names the file or what is wrong with it."""


# Ed25519 (RFC 8032, 5.1.7), in extended coordinates.


def point_of(encoded: bytes) -> Point:
    """The point that 32 bytes stand for. Raises `PackInvalid` where there is none."""
    number = int.from_bytes(encoded, "little")
    sign, y = number >> 255, number & (2**255 - 1)
    square = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * pow(2, (P - 1) // 4, P) % P
    if y >= P or (x * x - square) % P or (x == 0 and sign):
        raise PackInvalid("not a point of the curve")
    x = P - x if x % 2 != sign else x
    return (x, y, 1, x * y % P)


def plus(one: Point, other: Point) -> Point:
    """The sum of two points."""
    a = (one[1] - one[0]) * (other[1] - other[0])
    b = (one[1] + one[0]) * (other[1] + other[0])
    c, d = 2 * one[3] * other[3] * D, 2 * one[2] * other[2]
    e, f, g, h = b - a, d - c, d + c, b + a
    return (e * f % P, g * h % P, f * g % P, e * h % P)


def times(number: int, point: Point) -> Point:
    """A point added to itself so many times."""
    total: Point = (0, 1, 1, 0)
    while number:
        total = plus(total, point) if number % 2 else total
        point, number = plus(point, point), number // 2
    return total


BASE = point_of((4 * pow(5, -1, P) % P).to_bytes(32, "little"))


def is_signed(key: bytes, message: bytes, signature: bytes) -> bool:
    """Whether the signature over the message is the key's."""
    if len(key) != KEY_BYTES or len(signature) != SIGNATURE_BYTES:
        return False
    scalar = int.from_bytes(signature[32:], "little")
    if scalar >= L:
        return False
    x, y, z, t = point_of(key)
    challenge = int.from_bytes(hashlib.sha512(signature[:32] + key + message).digest(), "little") % L
    x, y, z, _ = plus(times(scalar, BASE), times(challenge, (-x % P, y, z, -t % P)))
    inverse = pow(z, -1, P)
    return (y * inverse % P | (x * inverse % P % 2) << 255).to_bytes(32, "little") == signature[:32]


# Signed notes and checkpoints (C2SP signed-note and tlog-checkpoint).


def key_of(text: str) -> tuple[str, bytes, bytes]:
    """Name, id and key of a public key that is written `name+id+key`. Raises `PackInvalid`."""
    name, _, rest = text.strip().partition("+")
    written, _, encoded = rest.partition("+")
    material = base64.b64decode(encoded, validate=True)
    key_id = hashlib.sha256(name.encode() + b"\n" + material).digest()[:KEY_ID_BYTES]
    if material[:1] != b"\x01" or len(material) != 1 + KEY_BYTES or key_id.hex() != written or not name:
        raise PackInvalid(f"not a public key as it was published: {text[:60]}")
    return name, key_id, material[1:]


def checkpoint_in(note: str, key: tuple[str, bytes, bytes], origin: str) -> tuple[int, bytes]:
    """Size and root of a checkpoint of that tree, signed with that key. Raises `PackInvalid`."""
    name, key_id, public = key
    text, mark, signatures = note.partition("\n\n— ")
    if not mark or not note.endswith("\n"):
        raise PackInvalid("not a signed note: no line of a signature")
    if mark in signatures:
        raise PackInvalid("not a signed note: an empty line before another signature")
    text += "\n"
    for line in ("— " + signatures).splitlines():
        signer, _, encoded = line.removeprefix("— ").partition(" ")
        try:
            material = base64.b64decode(encoded, validate=True)
        except ValueError:
            raise PackInvalid("not a signed note: a line of a signature is malformed") from None
        if not line.startswith("— ") or len(material) <= KEY_ID_BYTES or not signer:
            raise PackInvalid("not a signed note: a line of a signature is malformed")
        if (signer, material[:KEY_ID_BYTES]) == (name, key_id) and is_signed(
            public, text.encode(), material[KEY_ID_BYTES:]
        ):
            break
    else:
        raise PackInvalid(f"the note is not signed with the key of {name}")
    lines = text.split("\n")
    if lines[0] != origin:
        raise PackInvalid(f"the checkpoint is of another tree: {lines[0][:80]}")
    if len(lines) < CHECKPOINT_LINES or not re.fullmatch("0|[1-9][0-9]{0,17}", lines[1]):
        raise PackInvalid("not a checkpoint: origin, size and root stand on a line each")
    root = base64.b64decode(lines[2], validate=True)
    if len(root) != HASH_BYTES:
        raise PackInvalid("not a checkpoint: the root is not a SHA-256")
    return int(lines[1]), root


# Proofs in a Merkle tree (RFC 9162, 2.1.3.2 and 2.1.4.2).


def leaf(data: bytes) -> bytes:
    """The hash of a leaf."""
    return hashlib.sha256(b"\x00" + data).digest()


def node(left: bytes, right: bytes) -> bytes:
    """The hash of a node over those of its children."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def is_included(root: bytes, size: int, index: int, found: bytes, proof: list[bytes]) -> bool:
    """Whether a leaf hash stands at the index of a tree of that size and root."""
    if not 0 <= index < size:
        return False
    at, last = index, size - 1
    for step in proof:
        if last == 0:
            return False
        if at % 2 == 1 or at == last:
            found = node(step, found)
            while at % 2 == 0 and at != 0:
                at, last = at // 2, last // 2
        else:
            found = node(found, step)
        at, last = at // 2, last // 2
    return last == 0 and found == root


def is_beginning(before: int, old: bytes, after: int, new: bytes, proof: list[bytes]) -> bool:
    """Whether a tree is the beginning of a later one."""
    if before in (0, after):
        return not proof and old == (new if before == after else hashlib.sha256().digest())
    at, last = before - 1, after - 1
    steps = [old, *proof] if before & (before - 1) == 0 else proof
    while at % 2 == 1:
        at, last = at // 2, last // 2
    if before > after or not steps:
        return False
    was = now = steps[0]
    for step in steps[1:]:
        if last == 0:
            return False
        if at % 2 == 1 or at == last:
            was, now = node(step, was), node(step, now)
            while at % 2 == 0 and at != 0:
                at, last = at // 2, last // 2
        else:
            now = node(now, step)
        at, last = at // 2, last // 2
    return last == 0 and was == old and now == new
