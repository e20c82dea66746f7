"""The errors of the ledger pass from one process of the machine to another, with all that they say."""

import pickle
from collections.abc import Iterator

import pytest

from nom.activities import errors
from nom.activities.errors import LedgerError, LedgerUnreadable


def family(of: type[LedgerError] = LedgerError) -> Iterator[type[LedgerError]]:
    yield of
    for kind in of.__subclasses__():
        yield from family(kind)


def examples() -> Iterator[LedgerError]:
    for kind in family():
        if kind.__module__ == errors.__name__:
            if issubclass(kind, LedgerUnreadable):
                yield kind("gmp/test-1/referral-1", 7)
            else:
                yield kind()
                yield kind("words of our own", sqlstate="57P01")


@pytest.mark.parametrize("error", tuple(examples()), ids=repr)
def test_an_error_of_the_ledger_passes_between_processes_whole(error: LedgerError) -> None:
    error.add_note("seen in a replay")
    there = pickle.loads(pickle.dumps(error))  # noqa: S301 - our own bytes
    assert (type(there), str(there), vars(there)) == (type(error), str(error), vars(error))
    assert (there.code, there.retryable) == (error.code, error.retryable)
