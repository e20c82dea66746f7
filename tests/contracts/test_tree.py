"""The Merkle tree: what is proved holds, and nothing that was changed is taken for proved."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nom.contracts.tree import (
    EMPTY_ROOT,
    Frontier,
    ProofInvalid,
    check_consistency,
    check_inclusion,
    consistency_proof,
    inclusion_proof,
    leaf_hash,
    node_hash,
    root_of,
)

LEAVES = tuple(leaf_hash(bytes([number])) for number in range(200))
sizes = st.integers(min_value=1, max_value=len(LEAVES))


def slow_root(leaves: tuple[bytes, ...]) -> bytes:
    """The definition, word for word: the largest power of two on the left, the rest on the right."""
    if not leaves:
        return EMPTY_ROOT
    if len(leaves) == 1:
        return leaves[0]
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    return node_hash(slow_root(leaves[:split]), slow_root(leaves[split:]))


@given(st.integers(min_value=0, max_value=len(LEAVES)))
def test_the_root_is_that_of_the_definition(size: int) -> None:
    assert root_of(LEAVES[:size]) == slow_root(LEAVES[:size])


@given(sizes, sizes)
def test_a_tree_that_grows_in_two_steps_is_the_tree_that_grows_in_one(one: int, other: int) -> None:
    frontier = Frontier()
    first, whole = sorted((one, other))
    frontier.add_all(LEAVES[:first])
    assert frontier.root() == root_of(LEAVES[:first])
    frontier.add_all(LEAVES[first:whole])
    assert (frontier.size, frontier.root()) == (whole, root_of(LEAVES[:whole]))


@given(sizes, st.data())
def test_inclusion_is_proved_and_nothing_else_is(size: int, data: st.DataObject) -> None:
    index = data.draw(st.integers(min_value=0, max_value=size - 1))
    proof = inclusion_proof(LEAVES[:size], index)
    root = root_of(LEAVES[:size])
    check_inclusion(root, size, index, LEAVES[index], proof)
    other = data.draw(st.integers(min_value=0, max_value=size - 1).filter(lambda at: at != index)) if size > 1 else None
    if other is not None:
        with pytest.raises(ProofInvalid):
            check_inclusion(root, size, index, LEAVES[other], proof)
        with pytest.raises(ProofInvalid):
            check_inclusion(root, size, other, LEAVES[index], proof)
    with pytest.raises(ProofInvalid):
        check_inclusion(root, size, index, LEAVES[index], (*proof, LEAVES[0]))
    if proof:
        with pytest.raises(ProofInvalid):
            check_inclusion(root, size, index, LEAVES[index], proof[:-1])


@given(sizes, sizes, st.data())
def test_consistency_is_proved_and_nothing_else_is(one: int, other: int, data: st.DataObject) -> None:
    before, after = sorted((one, other))
    proof = consistency_proof(LEAVES[:after], before)
    old, new = root_of(LEAVES[:before]), root_of(LEAVES[:after])
    check_consistency(before, old, after, new, proof)
    rewritten = list(LEAVES[:after])
    at = data.draw(st.integers(min_value=0, max_value=before - 1))
    rewritten[at] = leaf_hash(b"another account")
    with pytest.raises(ProofInvalid):
        check_consistency(before, old, after, root_of(rewritten), consistency_proof(rewritten, before))
    with pytest.raises(ProofInvalid):
        check_consistency(before, old, after, new, (*proof, LEAVES[0]))


def test_the_empty_tree_is_the_beginning_of_every_tree() -> None:
    check_consistency(0, EMPTY_ROOT, 9, root_of(LEAVES[:9]), ())
    check_consistency(0, EMPTY_ROOT, 0, EMPTY_ROOT, ())
    with pytest.raises(ProofInvalid):
        check_consistency(0, LEAVES[0], 9, root_of(LEAVES[:9]), ())


def test_a_later_tree_is_not_the_beginning_of_an_earlier_one() -> None:
    with pytest.raises(ProofInvalid, match="no beginning"):
        check_consistency(9, root_of(LEAVES[:9]), 8, root_of(LEAVES[:8]), ())


@pytest.mark.parametrize("index", [-1, 7])
def test_a_leaf_that_is_not_there_has_no_proof(index: int) -> None:
    with pytest.raises(IndexError, match=str(index)):
        inclusion_proof(LEAVES[:7], index)
    with pytest.raises(ProofInvalid):
        check_inclusion(root_of(LEAVES[:7]), 7, index, LEAVES[0], ())


def test_a_tree_has_no_beginning_that_is_larger() -> None:
    with pytest.raises(IndexError, match="no beginning of 8"):
        consistency_proof(LEAVES[:7], 8)
