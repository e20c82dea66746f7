"""Signed notes and checkpoints: what is signed is read back, and nothing that was altered is."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nom.contracts.note import Checkpoint, NoteInvalid, Signer, Verifier, checkpoint_of, opened

ONE = Signer("nom/gmp", bytes(range(32)))
OTHER = Signer("nom/wyp", bytes(range(1, 33)))
CHECKPOINT = Checkpoint(origin="nom/gmp/records", size=17, root="ab" * 32)
NOTE = ONE.sign(CHECKPOINT.text())


def test_a_checkpoint_is_read_back() -> None:
    assert checkpoint_of(NOTE, ONE.verifier, "nom/gmp/records") == CHECKPOINT


def test_a_checkpoint_of_another_tree_is_refused() -> None:
    with pytest.raises(NoteInvalid, match="another tree: nom/gmp/records"):
        checkpoint_of(NOTE, ONE.verifier, "nom/gmp/seals")


def test_a_note_of_another_signer_is_refused() -> None:
    with pytest.raises(NoteInvalid, match="not signed with the key of nom/wyp"):
        opened(NOTE, OTHER.verifier)


def test_a_second_signature_does_not_hide_the_first() -> None:
    witnessed = NOTE + OTHER.sign(CHECKPOINT.text()).split("\n\n")[1]
    assert opened(witnessed, ONE.verifier) == opened(witnessed, OTHER.verifier) == CHECKPOINT.text()


@given(st.integers(min_value=0, max_value=len(NOTE.encode()) - 1), st.integers(min_value=1, max_value=255))
def test_no_byte_can_be_changed(at: int, by: int) -> None:
    changed = bytearray(NOTE.encode())
    changed[at] ^= by
    text = changed.decode(errors="replace")
    with pytest.raises(NoteInvalid):
        checkpoint_of(text, ONE.verifier, "nom/gmp/records")


@given(st.text(max_size=200))
def test_no_text_is_taken_for_a_note(text: str) -> None:
    with pytest.raises(NoteInvalid):
        opened(text, ONE.verifier)


@pytest.mark.parametrize(
    "text", ["", "nom\n1\n", "nom\n01\nAA==\n", "\n1\nAA==\n", f"nom\n1\n{'A' * 44}\n", "nom\n-1\nAA==\n"]
)
def test_what_is_no_checkpoint_is_refused(text: str) -> None:
    with pytest.raises(NoteInvalid):
        Checkpoint.parse(text)


def test_lines_after_the_root_are_left_aside() -> None:
    assert Checkpoint.parse(CHECKPOINT.text() + "an extension\n") == CHECKPOINT


def test_a_published_key_is_read_back() -> None:
    assert Verifier.parse(f" {ONE.verifier} \n") == ONE.verifier


def _with(key: bytes) -> str:
    return f"nom/gmp+{ONE.verifier.key_id.hex()}+{base64.b64encode(key).decode()}"


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("nom/gmp", "name\\+id\\+key"),
        (str(ONE.verifier).replace("nom/gmp", "nom/gmq"), "a character was lost or changed"),
        (_with(b"\x02" + ONE.verifier.key), "not an Ed25519 key"),
        (_with(b"\x01" + ONE.verifier.key[:-1]), "not an Ed25519 key"),
        ("nom/gmp+00000000+!", "not base64"),
    ],
)
def test_a_key_that_is_not_whole_is_refused(text: str, says: str) -> None:
    with pytest.raises(NoteInvalid, match=says):
        Verifier.parse(text)


@pytest.mark.parametrize(("name", "seed"), [("two words", bytes(32)), ("a+b", bytes(32)), ("nom", bytes(31))])
def test_a_signer_needs_a_name_and_a_whole_seed(name: str, seed: bytes) -> None:
    with pytest.raises(NoteInvalid, match="32 bytes"):
        Signer(name, seed)
