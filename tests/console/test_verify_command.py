"""`nom audit verify` where a ledger's public key is missing: what was not looked at is not told as well."""

from pathlib import Path

import pytest

from nom.console.access import Access
from nom.workers.local.stack import Stack
from tests.console.command_line import Ended, nom
from tests.matters import a_matter, ago, receive

pytestmark = pytest.mark.engine


async def verified(stack: Stack, *words: str | Path) -> Ended:
    return await nom("audit", "verify", "--force", "GMP", *words, "--data", stack.folder.path)


@pytest.fixture
async def hidden(stack: Stack, tmp_path: Path) -> Path:
    """The public key of a ledger with something in it, kept elsewhere."""
    async with Access(stack.folder) as access:
        await access.client.submit(receive(a_matter(), ago(hours=1)))
    return tmp_path / "gmp.vkey"


async def test_a_ledger_without_its_public_key_is_told_as_not_looked_at(stack: Stack, hidden: Path) -> None:
    key = stack.folder.keys / "gmp.vkey"
    key.rename(hidden)
    try:
        ended = await verified(stack)
        assert ended.code == 1
        words = " ".join(ended.out.split())
        assert "holds" not in words
        assert "No public key of GMP: nothing signed or sealed was looked at" in words
        plain = await verified(stack, "--json")
        (ledger,) = plain.json["ledgers"]
        assert (plain.code, plain.json["verified"]) == (1, False)
        assert (ledger["holds"], ledger["signatures_looked_at"]) == (True, False)
        accepted = await verified(stack, "--without-signatures", "--json")
        assert (accepted.code, accepted.json["verified"]) == (0, True)
        assert accepted.json["ledgers"][0]["signatures_looked_at"] is False
        brought = await verified(stack, "--key", hidden, "--json")
        assert (brought.code, brought.json["verified"]) == (0, True)
        assert brought.json["ledgers"][0]["signatures_looked_at"] is True
    finally:
        hidden.rename(key)
