"""The verifier's own arithmetic beside RFC 8032, `cryptography`, nom's trees and what Go programs wrote."""

import json
from pathlib import Path

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from hypothesis import given, settings
from hypothesis import strategies as st

from nom.audit.pack.arithmetic import (
    BASE,
    L,
    PackInvalid,
    checkpoint_in,
    is_beginning,
    is_included,
    is_signed,
    key_of,
    point_of,
    times,
)
from nom.audit.pack.proofs import LeafTree
from nom.contracts.note import Checkpoint, NoteInvalid, Signer, Verifier, checkpoint_of
from nom.contracts.tree import consistency_proof, inclusion_proof, leaf_hash, root_of

VECTORS = json.loads((Path(__file__).parents[2] / "interop" / "vectors.json").read_text())

# RFC 8032, 7.1: public key, message, signature.
RFC_8032 = (
    (
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
    ),
    (
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
    ),
    (
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        "af82",
        "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a",
    ),
)


@pytest.mark.parametrize(("key", "message", "signature"), RFC_8032)
def test_the_vectors_of_rfc_8032_verify_and_no_other_message_does(key: str, message: str, signature: str) -> None:
    public, said, signed = bytes.fromhex(key), bytes.fromhex(message), bytes.fromhex(signature)
    assert is_signed(public, said, signed)
    assert not is_signed(public, said + b"x", signed)


@given(st.binary(min_size=32, max_size=32), st.binary(max_size=200), st.integers(0, 511))
@settings(max_examples=40)
def test_signatures_of_cryptography_verify_and_none_with_another_bit(seed: bytes, message: bytes, bit: int) -> None:
    private = Ed25519PrivateKey.from_private_bytes(seed)
    public, signature = private.public_key().public_bytes_raw(), private.sign(message)
    assert is_signed(public, message, signature)
    flipped = bytearray(signature)
    flipped[bit // 8] ^= 1 << bit % 8
    assert not is_signed(public, message, bytes(flipped))


@given(st.binary(min_size=32, max_size=32), st.binary(min_size=64, max_size=64))
@settings(max_examples=30)
def test_no_key_and_no_signature_is_taken_that_cryptography_refuses(key: bytes, signature: bytes) -> None:
    try:
        ours = is_signed(key, b"message", signature)
    except PackInvalid:
        ours = False
    assert not ours or theirs(key, signature)


def theirs(key: bytes, signature: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signature, b"message")
    except (InvalidSignature, ValueError):
        return False
    return True


def test_a_signature_whose_scalar_is_not_reduced_is_refused() -> None:
    private = Ed25519PrivateKey.from_private_bytes(bytes(32))
    public, signature = private.public_key().public_bytes_raw(), private.sign(b"said")
    longer = int.from_bytes(signature[32:], "little") + L
    assert is_signed(public, b"said", signature)
    assert not is_signed(public, b"said", signature[:32] + longer.to_bytes(32, "little"))
    assert not is_signed(public[:31], b"said", signature)
    assert not is_signed(public, b"said", signature[:63])


@pytest.mark.parametrize("encoded", [b"\x02" + bytes(31), b"\xff" * 32, b"\x01" + bytes(30) + b"\x80"])
def test_what_is_no_point_of_the_curve_is_refused(encoded: bytes) -> None:
    with pytest.raises(PackInvalid):
        point_of(encoded)


def test_the_base_has_the_order_of_the_group() -> None:
    x, y, z, _ = times(L, BASE)
    assert (x, y) == (0, z)


def test_notes_that_the_go_programs_wrote_are_read() -> None:
    key = key_of(VECTORS["Verifier"])
    assert key[0] == "nom/gmp"
    for size, note in notes_of_go():
        assert checkpoint_in(note, key, note.split("\n")[0])[0] == size


def notes_of_go() -> list[tuple[int, str]]:
    """The signed checkpoints of the vectors."""
    lists: list[list[object]] = [value for value in VECTORS.values() if isinstance(value, list)]
    notes = [text for value in lists for text in value if isinstance(text, str) and "\n\n— " in text]
    assert notes
    return [(int(note.split("\n")[1]), note) for note in notes]


SPOILED: dict[str, tuple[str, str]] = {
    "another size": ("\n5\n", "\n6\n"),
    "no empty line": ("\n\n— ", "\n— "),
    "another signer": ("— nom/gmp ", "— nom/wyp "),
    "another tree": ("nom/gmp/records", "nom/gmp/seals"),
    "a size with a sign": ("\n5\n", "\n+5\n"),
}


@pytest.mark.parametrize("how", SPOILED)
def test_a_note_that_was_spoiled_is_refused(how: str) -> None:
    note, key = a_note()
    assert checkpoint_in(note, key, "nom/gmp/records") == (5, bytes.fromhex("ab" * 32))
    refused(note.replace(*SPOILED[how]), key)


def test_a_note_with_something_before_or_after_its_signature_is_refused() -> None:
    note, key = a_note()
    for spoiled in ("", note[:-1], note + "\n— nom/gmp AAAA\n", f"\n{note}"):
        refused(spoiled, key)


def a_note() -> tuple[str, tuple[str, bytes, bytes]]:
    """A signed checkpoint and the key."""
    signer = Signer("nom/gmp", bytes(32))
    note = signer.sign(Checkpoint(origin="nom/gmp/records", size=5, root="ab" * 32).text())
    return note, key_of(str(signer.verifier))


def refused(note: str, key: tuple[str, bytes, bytes]) -> None:
    """The verifier takes it for no checkpoint of that tree, and nom's own reader does neither."""
    with pytest.raises(ValueError, match=r"note|checkpoint|base64|padding"):
        checkpoint_in(note, key, "nom/gmp/records")
    with pytest.raises(NoteInvalid):
        checkpoint_of(note, Verifier(name=key[0], key=key[2]), "nom/gmp/records")


def test_a_checkpoint_of_another_tree_is_refused() -> None:
    signer = Signer("nom/gmp", bytes(32))
    note = signer.sign(Checkpoint(origin="nom/gmp/seals", size=5, root="ab" * 32).text())
    with pytest.raises(PackInvalid, match="another tree"):
        checkpoint_in(note, key_of(str(signer.verifier)), "nom/gmp/records")


@pytest.mark.parametrize(
    "key", ["", "nom/gmp", "nom/gmp+00000000+AQ==", "nom/gmp+e88c8970+" + VECTORS["Verifier"][-44:]]
)
def test_a_key_that_is_not_as_published_is_refused(key: str) -> None:
    with pytest.raises(ValueError, match=r"public key|base64|padding"):
        key_of(key)


@pytest.mark.parametrize("size", [1, 2, 3, 7, 8, 9, 64, 65, 100])
def test_proofs_are_those_of_the_library_and_are_checked_alike(size: int) -> None:
    leaves = [leaf_hash(str(number).encode()) for number in range(size)]
    tree, root = LeafTree(b"".join(leaves)), root_of(leaves)
    assert tree.root() == root
    for index, leaf in enumerate(leaves):
        proof = tree.inclusion(index)
        assert proof == inclusion_proof(leaves, index)
        assert is_included(root, size, index, leaf, list(proof))
        assert not is_included(root, size, (index + 1) % (size + 1), leaf, list(proof))
        assert not is_included(root, size, index, leaf, [*proof, bytes(32)])
    for before in range(size + 1):
        proof, old = tree.consistency(before), root_of(leaves[:before])
        assert proof == consistency_proof(leaves, before)
        assert is_beginning(before, old, size, root, list(proof))
        assert not is_beginning(before, bytes(32), size, root, list(proof))
        assert not is_beginning(size + 1, root, size, old, list(proof))


def test_an_empty_tree_has_the_root_of_nothing() -> None:
    assert LeafTree(b"").root() == root_of([])
    with pytest.raises(IndexError):
        LeafTree(b"").inclusion(0)
    with pytest.raises(IndexError):
        LeafTree(b"").consistency(1)
