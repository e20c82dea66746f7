"""The leaf of a log's row, for ever: another one would make a broken ledger of every one that is signed."""

from datetime import UTC, datetime
from uuid import UUID

import asyncpg
import pytest

from nom.activities.db import Pool
from nom.activities.readings import LoggedReading
from nom.activities.refusals import LoggedRefusal
from nom.activities.trees import TreeName, TreeReader
from nom.contracts.base import Contract
from nom.contracts.refusals import NotedRefusal
from nom.contracts.tree import leaf_hash
from tests.conftest_postgres import ForceDatabase

MOMENT = datetime(2026, 11, 24, 20, 11, 12, 120_000, tzinfo=UTC)

READING = LoggedReading(
    number=0,
    reading=UUID("0192f5aa-0000-7000-8000-000000000001"),
    read_at=MOMENT,
    login="nom_gmp_reader",
    reader_id="sergeant-1",
    reader_role="sergeant",
    reader_agency="police",
    reader_force="GMP",
    named=True,
    purpose="disclosure",
    tool="audit-pack",
    stream="gmp/26-7k3f9q/case",
    up_to=7,
    position=None,
    partly=False,
    disclosed_to="cps",
)
READING_ROW = """
INSERT INTO ledger.reading VALUES (0, '0192f5aa-0000-7000-8000-000000000001', '2026-11-24 20:11:12.12Z',
    'nom_gmp_reader', 'sergeant-1', 'sergeant', 'police', 'GMP', true, 'disclosure', 'audit-pack',
    'gmp/26-7k3f9q/case', 7, NULL, false, 'cps')
"""
READING_TEXT = (
    b'{"disclosed_to":"cps","login":"nom_gmp_reader","named":true,"number":0,"partly":false,"position":null,'
    b'"purpose":"disclosure","read_at":"2026-11-24T20:11:12.120000Z","reader_agency":"police","reader_force":"GMP",'
    b'"reader_id":"sergeant-1","reader_role":"sergeant","reading":"0192f5aa-0000-7000-8000-000000000001",'
    b'"stream":"gmp/26-7k3f9q/case","tool":"audit-pack","up_to":7}'
)
READING_LEAF = "92133310eb4a41f3981a6b00e812b8e6d0940288dd3fc29403d24e9aae3c6b3d"

REFUSAL = LoggedRefusal(
    number=0,
    noted_at=MOMENT,
    login="nom_gmp_worker",
    workflow_id="gmp/26-7k3f9q/case",
    run_id="0192f5aa-0000-7000-8000-000000000002",
    refusal=NotedRefusal(
        history_length=9,
        place=1,
        at="1795544608008537247",
        update="command",
        code="gate_not_met",
        request="/wABAg==",
        failure="Cgj4bsO8",
        accepted=True,
    ),
)
REFUSAL_ROW = """
INSERT INTO ledger.refusal VALUES (0, '2026-11-24 20:11:12.12Z', 'nom_gmp_worker', 'gmp/26-7k3f9q/case',
    '0192f5aa-0000-7000-8000-000000000002', 9, 1, 1795544608008537247, 'command', 'gate_not_met', true,
    '\\xff000102', '\\x0a08f86ec3bc')
"""
REFUSAL_TEXT = (
    b'{"login":"nom_gmp_worker","noted_at":"2026-11-24T20:11:12.120000Z","number":0,"refusal":{"accepted":true,'
    b'"at":"1795544608008537247","code":"gate_not_met","failure":"Cgj4bsO8","history_length":9,"place":1,'
    b'"request":"/wABAg==","update":"command"},"run_id":"0192f5aa-0000-7000-8000-000000000002",'
    b'"workflow_id":"gmp/26-7k3f9q/case"}'
)
REFUSAL_LEAF = "b9894bbb1be4b28f8f781c4b3a917eedecc5bf2fe138f7adee74c55c3ef6687b"


@pytest.mark.parametrize(
    ("said", "text", "leaf"), [(READING, READING_TEXT, READING_LEAF), (REFUSAL, REFUSAL_TEXT, REFUSAL_LEAF)]
)
def test_a_row_says_the_same_for_ever(said: Contract, text: bytes, leaf: str) -> None:
    assert said.canonical() == text
    assert leaf_hash(bytes.fromhex(said.fingerprint())).hex() == leaf


@pytest.mark.parametrize(
    ("tree", "row", "leaf"), [("readings", READING_ROW, READING_LEAF), ("refusals", REFUSAL_ROW, REFUSAL_LEAF)]
)
async def test_the_leaf_is_of_the_row_as_it_stands(
    tree: TreeName, row: str, leaf: str, own_database: ForceDatabase, own_pool: Pool
) -> None:
    connection = await asyncpg.connect(own_database.admin)
    try:
        await connection.execute(row)
    finally:
        await connection.close()
    (item,) = await TreeReader(own_pool).material_page(tree, 0)
    assert item.digest is not None
    assert leaf_hash(item.digest).hex() == leaf
    assert (item.number, item.of, item.part) == (0, "gmp/26-7k3f9q/case", 0)
