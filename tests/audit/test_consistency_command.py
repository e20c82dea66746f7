"""`nom audit consistency` on the running stack: checkpoints taken twice, and the proofs that somebody else checks."""

from pathlib import Path

import pytest

from nom.console.access import Access
from nom.workers.local.stack import Stack
from tests.audit.sealed import until
from tests.console.command_line import Ended, nom
from tests.matters import a_matter, ago, receive

pytestmark = pytest.mark.engine


async def test_checkpoints_taken_later_continue_those_kept_and_the_proofs_are_enough(
    matter: str, stack: Stack, access: Access, tmp_path: Path
) -> None:
    old, new, keys, proofs = (tmp_path / name for name in ("old", "new", "keys", "proofs"))
    there = ("--data", stack.folder.path)

    async def audit(*words: str | Path) -> Ended:
        return await nom("audit", *words)

    async def size() -> int:
        notes = await (await access.trees("gmp")).latest_notes()
        return next((int(note.splitlines()[1]) for note in notes if note.startswith("nom/gmp/records\n")), 0)

    async def is_published() -> bool:
        return await size() > 0

    await until(is_published)
    assert (await audit("checkpoints", "--out", old, *there)).code == 0
    before = int(old.read_text().split("nom/gmp/records\n")[1].splitlines()[0])
    await access.client.submit(receive(a_matter(), ago(hours=1), brought_in=True))

    async def has_grown() -> bool:
        return await size() > before

    await until(has_grown)
    assert (await audit("checkpoints", "--out", new, *there)).code == 0
    assert (await audit("keys", "--out", keys, *there)).code == 0

    made = await audit("consistency", old, new, "--out", proofs, "--json", *there)
    assert made.code == 0, made.out
    trees = {tree["tree"]: tree for tree in made.json["trees"]}
    assert trees["nom/gmp/records"]["before"] == before < trees["nom/gmp/records"]["after"]
    assert trees["nom/gmp/records"]["proof"]
    alone = ("--key", keys, "--proof", proofs, "--data", tmp_path / "no-stack")
    checked = await audit("consistency", old, new, *alone)
    assert checked.code == 0, checked.out
    assert "NEW continues OLD." in checked.out
    turned = await audit("consistency", new, old, *alone)
    assert turned.code == 1
    assert "smaller" in turned.out
    assert "IT IS NOT SHOWN" in turned.out
    told = await audit("consistency", old, new, *there)
    assert told.code == 0
    assert matter not in told.out
