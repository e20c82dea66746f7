"""What was gathered of a ledger, for pages: records alone, without a database."""

from collections.abc import Sequence
from typing import Any, cast

from nom.audit.pack.gathering import Gathered, LedgerSource, SignedTree
from nom.audit.pack.proofs import LeafTree
from nom.contracts.envelope import StoredRecord
from nom.contracts.note import Signer


def part_of(records: Sequence[StoredRecord]) -> Gathered:
    """The part of GMP's ledger with these records."""
    nobody = cast("Any", None)
    source = LedgerSource("gmp", nobody, nobody, nobody, nobody, nobody, Signer("nom/gmp", bytes(32)).verifier)
    trees = {"records": SignedTree("records", None, LeafTree(b"")), "seals": SignedTree("seals", None, LeafTree(b""))}
    return Gathered(source, tuple(records), (), (), (), (), cast("Any", trees), (), ())
