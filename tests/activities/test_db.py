import asyncpg
import pytest

from nom.activities.db import ledger_errors, open_pool, translated
from nom.activities.errors import LedgerError, LedgerForked, LedgerNotReady, LedgerRejected, LedgerUnavailable
from nom.activities.ledger import Ledger
from nom.activities.reader import LedgerReader
from tests.activities.records import append_of, asked, new_stream
from tests.conftest_postgres import ForceDatabase, TestPostgres


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (asyncpg.ConnectionDoesNotExistError("x"), LedgerUnavailable),
        (asyncpg.CannotConnectNowError("x"), LedgerUnavailable),
        (asyncpg.AdminShutdownError("x"), LedgerUnavailable),
        (asyncpg.DiskFullError("x"), LedgerUnavailable),
        (asyncpg.TooManyConnectionsError("x"), LedgerUnavailable),
        (asyncpg.SerializationError("x"), LedgerUnavailable),
        (asyncpg.InterfaceError("x"), LedgerUnavailable),
        (asyncpg.InternalClientError("x"), LedgerUnavailable),
        (ConnectionRefusedError("x"), LedgerUnavailable),
        (TimeoutError("x"), LedgerUnavailable),
        (asyncpg.InvalidPasswordError("x"), LedgerNotReady),
        (asyncpg.InvalidCatalogNameError("x"), LedgerNotReady),
        (asyncpg.UndefinedFunctionError("x"), LedgerNotReady),
        (asyncpg.InsufficientPrivilegeError("x"), LedgerNotReady),
        (asyncpg.CheckViolationError("x"), LedgerRejected),
        (asyncpg.DataError("x"), LedgerRejected),
    ],
)
def test_every_error_of_the_driver_has_one_translation(error: Exception, expected: type[LedgerError]) -> None:
    assert type(translated(error)) is expected
    with pytest.raises(expected) as raised, ledger_errors():
        raise error
    assert raised.value.__cause__ is error


def test_an_error_of_the_program_is_not_taken_for_one_of_the_ledger() -> None:
    with pytest.raises(KeyError), ledger_errors():
        raise KeyError("x")


def test_an_error_says_what_its_class_says_unless_it_knows_better() -> None:
    assert str(LedgerUnavailable()).startswith("The ledger's database cannot be reached")
    assert str(LedgerForked("another account")) == "another account"


async def test_a_database_that_is_away_is_met_by_the_first_use() -> None:
    pool = await open_pool("postgresql://nobody:nothing@127.0.0.1:1/none")
    with pytest.raises(LedgerUnavailable):
        await LedgerReader(pool).head_position()
    await pool.close()


async def test_a_wrong_password_is_for_an_operator_to_mend(gmp: ForceDatabase, postgres: TestPostgres) -> None:
    pool = await open_pool(postgres.dsn(gmp.name, "nom_gmp_worker", "wrong"))
    with pytest.raises(LedgerNotReady) as raised:
        await LedgerReader(pool).head_position()
    assert (raised.value.sqlstate, raised.value.retryable) == ("28P01", True)
    await pool.close()


async def test_a_value_that_cannot_be_sent_is_rejected_without_being_repeated(gmp: ForceDatabase) -> None:
    async with await open_pool(gmp.worker) as pool:
        request = append_of(asked(new_stream()), "first")
        (record,) = request.records
        odd = record.model_copy(update={"type": "SOMETHING\x00PRIVATE"})
        with pytest.raises(LedgerRejected) as raised:
            await Ledger(pool).append(request.model_copy(update={"records": (odd,)}))
        assert "PRIVATE" not in str(raised.value)
