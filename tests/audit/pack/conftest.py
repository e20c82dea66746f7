"""What tests of packs ask for by name: a pack that nobody changed."""

import pytest

from nom.activities.db import open_pool
from tests.audit.pack.packing import PackedLedger
from tests.conftest_postgres import ForceDatabase, TestPostgres


@pytest.fixture(scope="session")
async def honest(postgres: TestPostgres) -> tuple[bytes, str]:
    """A pack that nobody changed, and the key."""
    database = await ForceDatabase.prepared(postgres, "pck")
    async with await open_pool(database.worker) as pool:
        ledger = PackedLedger(database, pool)
        await ledger.fill()
        return await ledger.packed(), ledger.key
