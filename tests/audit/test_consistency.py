"""Two signed checkpoints: one continues the other, or it is named why that is not shown. Go checks it too."""

import base64
import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from nom.activities.checkpoints import CheckpointPublisher
from nom.activities.db import Pool
from nom.activities.ledger import Ledger
from nom.activities.sequencer import Sequencer
from nom.activities.trees import TreeReader, signer_name
from nom.audit.consistency import Compared, Pair, ProofFileInvalid, paired, proofs_in, prove, written
from nom.contracts.note import Checkpoint, Signer
from nom.contracts.tree import EMPTY_ROOT, consistency_proof, leaf_hash, root_of
from tests.activities.records import append_of, asked, following
from tests.conftest_postgres import ForceDatabase
from tests.console.command_line import nom

INTEROP = Path(__file__).parents[1] / "interop"
VECTORS: dict[str, Any] = json.loads((INTEROP / "vectors.json").read_bytes())
NOTES: list[str] = VECTORS["Notes"]
LEAVES = [leaf_hash(bytes.fromhex(data)) for data in VECTORS["Leaves"]]
SIGNER = Signer("nom/gmp", bytes.fromhex(VECTORS["Seed"]))
THIEF = Signer("nom/gmp", bytes(32))
KEYS = {SIGNER.verifier.name: SIGNER.verifier}


def note(size: int, leaves: list[bytes], signer: Signer = SIGNER, tree: str = "records") -> str:
    """The signed checkpoint of the first leaves."""
    root = root_of(leaves[:size]).hex()
    return signer.sign(Checkpoint(origin=f"nom/gmp/{tree}", size=size, root=root).text())


def only(found: tuple[tuple[Pair, ...], tuple[Compared, ...]]) -> Compared:
    """What can be said without a proof."""
    pairs, (said,) = found
    assert pairs == ()
    return said


def files(folder: Path, **contents: str) -> list[Path]:
    for name, content in contents.items():
        (folder / name).write_text(content)
    return [folder / name for name in contents]


def test_every_recorded_proof_of_another_implementation_is_what_we_write_and_take() -> None:
    for vector in VECTORS["Consistencies"]:
        before, after = int(vector["Before"]), int(vector["After"])
        if before == after:
            continue
        (pair,), _ = paired([NOTES[before - 1]], [NOTES[after - 1]], KEYS)
        proof = tuple(bytes.fromhex(step) for step in vector["Proof"])
        checked = pair.checked(proof)
        assert checked.verdict == "continues"
        file = written(pair, checked.proof)
        hashes = [base64.b64encode(step).decode() for step in proof]
        assert file.splitlines()[: len(hashes) + 2] == [f"old {before}", *hashes, ""]
        assert file.endswith(f"\n\n{NOTES[after - 1]}")
        assert proofs_in(f"{file}\n{file}") == {("nom/gmp/records", before, after): proof}
        assert pair.checked((*proof, bytes(32))).verdict == "not_proven"
        assert pair.checked(proof[1:]).verdict == "not_proven"


def test_what_needs_no_proof_is_said_without_one() -> None:
    other = [*LEAVES[:3], bytes(32), *LEAVES[4:]]
    assert only(paired([NOTES[6]], [NOTES[6]], KEYS)).verdict == "continues"
    assert only(paired([note(0, LEAVES)], [NOTES[6]], KEYS)).verdict == "continues"
    empty = SIGNER.sign(Checkpoint(origin="nom/gmp/records", size=0, root=EMPTY_ROOT[::-1].hex()).text())
    assert only(paired([empty], [NOTES[6]], KEYS)).verdict == "not_proven"
    assert only(paired([note(7, LEAVES)], [note(7, other)], KEYS)).verdict == "forked"
    smaller = only(paired([NOTES[6]], [NOTES[3]], KEYS))
    assert (smaller.verdict, smaller.before, smaller.after) == ("smaller", 7, 4)


def test_a_signature_that_is_not_the_ledgers_is_named_with_the_one_that_has_it() -> None:
    said = only(paired([NOTES[3]], [note(7, LEAVES, THIEF)], KEYS))
    assert (said.verdict, said.words.partition(":")[0]) == ("signature_bad", "the later one")
    said = only(paired([note(4, LEAVES, THIEF)], [NOTES[6]], KEYS))
    assert (said.verdict, said.words.partition(":")[0]) == ("signature_bad", "the earlier one")
    assert only(paired([NOTES[3]], [NOTES[6]], {})).verdict == "key_missing"


def test_a_tree_that_the_later_file_lacks_is_named_and_one_that_came_since_is_not() -> None:
    seals = note(3, LEAVES, tree="seals")
    said = only(paired([seals], [NOTES[6]], KEYS))
    assert (said.tree, said.verdict) == ("nom/gmp/seals", "gone")
    assert said.words == "the later file has no checkpoint of it; it has nom/gmp/records"
    pairs, said = paired([NOTES[3]], [NOTES[6], seals], KEYS)
    assert (len(pairs), said) == (1, ())


def test_several_checkpoints_of_one_tree_are_all_compared() -> None:
    pairs, said = paired([NOTES[1], NOTES[2]], [NOTES[6], NOTES[9]], KEYS)
    assert [(pair.old.size, pair.new.size) for pair in pairs] == [(2, 7), (2, 10), (3, 7), (3, 10)]
    assert said == ()


@pytest.mark.parametrize(
    ("text", "says"),
    [("nothing", "line 1"), ("old 4\nAAAA\n\n" + NOTES[6], "not the base64"), ("old 4\n\nnom/gmp/records\n", "line 1")],
)
def test_a_file_that_holds_no_proofs_is_refused(text: str, says: str) -> None:
    with pytest.raises(ProofFileInvalid, match=says):
        proofs_in(text)


class Published:
    """A ledger that published a checkpoint after each of several appends."""

    def __init__(self, pool: Pool, force: str) -> None:
        self.signer = Signer(signer_name(force), bytes(range(32)))
        self.reader = TreeReader(pool)
        self._pool = pool
        self._publisher = CheckpointPublisher(pool, self.signer, force)

    async def fill(self, *counts: int) -> None:
        request = append_of(asked("gmp/26-aaa/case"), "first")
        await Ledger(self._pool).append(request)
        for count in counts:
            request = following(request, *(str(number) for number in range(count)))
            await Ledger(self._pool).append(request)
            await Sequencer(self._pool).run_once()
            await self._publisher.run_once()

    async def notes(self) -> list[str]:
        return [one.note async for one in self.reader.checkpoints("records")]

    def pair(self, old: str, new: str) -> Pair:
        (pair,), _ = paired([old], [new], {self.signer.verifier.name: self.signer.verifier})
        return pair


@pytest.fixture
async def published(own_pool: Pool, own_database: ForceDatabase) -> Published:
    made = Published(own_pool, own_database.force)
    await made.fill(3, 1, 7, 30, 5)
    return made


async def test_the_proof_made_from_the_ledger_is_the_proof_over_all_its_leaves(published: Published) -> None:
    notes = await published.notes()
    leaves = [leaf async for one in published.reader.checkpoints("records") for leaf in one.leaves]
    for at, old in enumerate(notes):
        for new in notes[at + 1 :]:
            pair = published.pair(old, new)
            made = await prove(published.reader, "records", pair)
            expected = consistency_proof(leaves[: pair.new.size], pair.old.size)
            assert made == pair.checked(expected)
            assert made.verdict == "continues"
            assert tuple(map(base64.b64decode, made.proof)) == expected


async def test_a_checkpoint_that_the_ledger_does_not_begin_with_is_shown_to_be_a_fork(published: Published) -> None:
    *_, new = await published.notes()
    other = published.signer.sign(Checkpoint(origin=new.splitlines()[0], size=5, root="11" * 32).text())
    assert (await prove(published.reader, "records", published.pair(other, new))).verdict == "forked"


async def test_nothing_is_shown_by_a_ledger_that_does_not_lead_to_the_later_one(
    published: Published, own_database: ForceDatabase
) -> None:
    old, *_, new = await published.notes()
    other = published.signer.sign(Checkpoint(origin=new.splitlines()[0], size=5, root="11" * 32).text())
    made = await prove(published.reader, "records", published.pair(old, other))
    assert made.verdict == "not_in_ledger"
    assert "begins with the earlier one" in made.words
    connection = await asyncpg.connect(own_database.admin)
    await connection.execute("ALTER TABLE ledger.checkpoint DISABLE TRIGGER ALL")
    await connection.execute("UPDATE ledger.checkpoint SET leaves = set_byte(leaves, 0, 7) WHERE before = 0")
    made = await prove(published.reader, "records", published.pair(old, new))
    assert "gives neither root" in made.words
    await connection.execute("DELETE FROM ledger.checkpoint WHERE size > 13")
    await connection.close()
    made = await prove(published.reader, "records", published.pair(old, new))
    assert (made.verdict, made.words.partition(" and")[0]) == (
        "not_in_ledger",
        "the ledger has published 12 leaves of it",
    )


async def test_the_three_files_and_the_key_are_all_that_somebody_needs(tmp_path: Path) -> None:
    pairs, _ = paired([NOTES[3]], [NOTES[6]], KEYS)
    hashes = pairs[0].checked(consistency_proof(LEAVES[:7], 4)).proof
    old, new, proof, key = files(
        tmp_path, old=NOTES[3], new=NOTES[6], proof=written(pairs[0], hashes), key=f"{SIGNER.verifier}\n"
    )
    there = ("audit", "consistency", old, new, "--key", key, "--data", tmp_path / "no-stack")
    ended = await nom(*there, "--proof", proof, "--json")
    assert ended.code == 0, ended.err
    assert ended.json["consistent"] is True
    assert [(tree["before"], tree["after"], tree["verdict"]) for tree in ended.json["trees"]] == [(4, 7, "continues")]
    new.write_text(note(7, [bytes(32), *LEAVES[1:]]))
    ended = await nom(*there, "--proof", proof)
    assert ended.code == 1
    assert "not proven" in ended.out
    assert (await nom(*there, "--proof", proof, "--out", tmp_path / "out")).code == 2
    assert (await nom(*there, "--proof", key)).err.startswith("nom: proof_file_invalid: ")
    assert (await nom(*there)).code == 3, "without a proof, the ledger is asked"


def test_gos_own_code_takes_the_proof(tmp_path: Path) -> None:
    if shutil.which("go") is None:
        pytest.skip("NOT RUN: there is no Go here; the recorded proofs of Go's tlog were compared")
    if subprocess.run(["go", "mod", "download"], cwd=INTEROP, check=False, capture_output=True).returncode:
        pytest.skip("NOT RUN: Go's modules are not to be had here; the recorded proofs of Go's tlog were compared")
    built = tmp_path / "consistency"
    subprocess.run(["go", "build", "-o", built, "./consistency"], cwd=INTEROP, check=True)
    leaves = [leaf_hash(str(number).encode()) for number in range(200)]
    for before, after in ((1, 2), (4, 7), (8, 200), (77, 128), (128, 200), (199, 200)):
        (pair,), _ = paired([note(before, leaves)], [note(after, leaves)], KEYS)
        proof = pair.checked(consistency_proof(leaves[:after], before)).proof
        given = files(
            tmp_path,
            key=f"{SIGNER.verifier}\n",
            old=note(before, leaves),
            new=note(after, leaves),
            proof=written(pair, proof),
        )
        ended = subprocess.run([built, *given], check=False, capture_output=True, text=True)
        assert (ended.returncode, ended.stdout) == (0, f"{after} continues {before}\n"), ended.stderr
        files(tmp_path, proof=written(pair, (*proof[:-1], base64.b64encode(bytes(32)).decode())))
        assert subprocess.run([built, *given], check=False, capture_output=True).returncode == 1
