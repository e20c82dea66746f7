"""Our tree and our notes beside those of independent implementations, byte for byte: see tests/interop/main.go."""

import json
from pathlib import Path
from typing import Any

import pytest

from nom.contracts.note import Checkpoint, NoteInvalid, Signer, Verifier, checkpoint_of, opened
from nom.contracts.tree import (
    check_consistency,
    check_inclusion,
    consistency_proof,
    inclusion_proof,
    leaf_hash,
    root_of,
)

VECTORS: dict[str, Any] = json.loads((Path(__file__).parents[1] / "interop" / "vectors.json").read_bytes())
LEAVES: list[bytes] = [leaf_hash(bytes.fromhex(data)) for data in VECTORS["Leaves"]]
ROOTS: list[bytes] = [bytes.fromhex(root) for root in VECTORS["Roots"]]
SIGNER = Signer("nom/gmp", bytes.fromhex(VECTORS["Seed"]))
ORIGIN = "nom/gmp/records"


def _hex(proof: tuple[bytes, ...]) -> list[str]:
    return [step.hex() for step in proof]


def test_every_root_is_the_same() -> None:
    assert [root_of(LEAVES[:size]) for size in range(1, len(LEAVES) + 1)] == ROOTS


def test_every_proof_of_inclusion_is_the_same_and_holds() -> None:
    assert len(VECTORS["Inclusions"]) == len(LEAVES) * (len(LEAVES) + 1) // 2
    for vector in VECTORS["Inclusions"]:
        size, index = int(vector["Size"]), int(vector["Index"])
        proof = inclusion_proof(LEAVES[:size], index)
        assert _hex(proof) == vector["Proof"]
        check_inclusion(ROOTS[size - 1], size, index, LEAVES[index], proof)


def test_every_proof_of_consistency_is_the_same_and_holds() -> None:
    assert len(VECTORS["Consistencies"]) == len(LEAVES) * (len(LEAVES) + 1) // 2
    for vector in VECTORS["Consistencies"]:
        before, after = int(vector["Before"]), int(vector["After"])
        proof = consistency_proof(LEAVES[:after], before)
        assert _hex(proof) == vector["Proof"]
        check_consistency(before, ROOTS[before - 1], after, ROOTS[after - 1], proof)


def test_the_published_key_is_the_same_and_is_read_back() -> None:
    assert str(SIGNER.verifier) == VECTORS["Verifier"]
    assert Verifier.parse(VECTORS["Verifier"]) == SIGNER.verifier


@pytest.mark.parametrize("size", range(1, len(LEAVES) + 1))
def test_every_signed_checkpoint_is_the_same_and_verifies(size: int) -> None:
    checkpoint = Checkpoint(origin=ORIGIN, size=size, root=ROOTS[size - 1].hex())
    note = VECTORS["Notes"][size - 1]
    assert SIGNER.sign(checkpoint.text()) == note
    assert checkpoint_of(note, SIGNER.verifier, ORIGIN) == checkpoint


def test_a_note_that_an_independent_signer_signed_is_not_taken_for_another_text() -> None:
    note = VECTORS["Notes"][6]
    assert opened(note, SIGNER.verifier)
    with pytest.raises(NoteInvalid, match="not signed with the key"):
        opened(note.replace("\n7\n", "\n8\n"), SIGNER.verifier)
