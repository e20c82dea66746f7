"""How a command that shows records says who reads and what for, and has it logged before anything is shown.

What can't be logged is not shown. Whoever runs the command says who they are; nothing here checks that.
"""

from collections.abc import Iterable
from typing import Annotated, NamedTuple
from uuid import uuid4

import typer
from pydantic import TypeAdapter, ValidationError

from nom.activities.readings import Purpose, Reading, Recipient, Shown
from nom.console.access import Access
from nom.console.cli.endings import CannotDo
from nom.console.people import actor
from nom.contracts.actors import Actor
from nom.contracts.envelope import StoredRecord

PERSON_VARIABLE = "NOM_PERSON"
OTHERWISE, AUDITOR = "administrator-1", "auditor-1"
"""Who is taken to read where nobody says so, in casework and in an audit. The log marks it."""
IN_AN_AUDIT = (AUDITOR, Purpose.AUDIT)
"""The default of the commands of an audit, for `reader_named`."""
_RECIPIENT: TypeAdapter[str] = TypeAdapter(Recipient)

ReadAs = Annotated[
    str | None,
    typer.Option(
        "--as", envvar=PERSON_VARIABLE, help="Who reads; `nom people` lists everybody. The log marks a default."
    ),
]
ReadFor = Annotated[Purpose | None, typer.Option("--purpose", help="What for; it is logged.")]
DisclosedTo = Annotated[
    str | None,
    typer.Option("--disclosed-to", help="To whom what is shown goes, such as cps; with --purpose disclosure."),
]


class Reader(NamedTuple):
    """Who reads with which command, what for, and for whom."""

    actor: Actor
    named: bool
    purpose: Purpose
    tool: str
    disclosed_to: str | None


def reader_named(
    tool: str,
    namespace: str,
    person: str | None,
    purpose: Purpose | None = None,
    disclosed_to: str | None = None,
    *,
    otherwise: tuple[str, Purpose] = (OTHERWISE, Purpose.CASEWORK),
) -> Reader:
    """Who reads, as was typed, or the default. Raises `NobodyOfThatName` and `CannotDo`."""
    what_for = purpose or (Purpose.DISCLOSURE if disclosed_to else otherwise[1])
    if what_for is Purpose.DISCLOSURE and disclosed_to is None:
        raise CannotDo("recipient_missing", "a disclosure names to whom: --disclosed-to RECIPIENT")
    try:
        whom = None if disclosed_to is None else _RECIPIENT.validate_python(disclosed_to)
    except ValidationError:
        words = "--disclosed-to: expected a reference such as cps or inspectorate, and no name"
        raise CannotDo("recipient_malformed", words) from None
    return Reader(actor(person or otherwise[0], namespace), person is not None, what_for, tool, whom)


async def log_reading(
    access: Access, namespace: str, reader: Reader, records: Iterable[StoredRecord], *, partly: bool = False
) -> None:
    """Log that these records are shown; no records, no reading. To be awaited before any of them is.

    Raises `LedgerUnavailable`, `LedgerNotReady` or `LedgerRejected`.
    """
    last: dict[str, int] = {}
    for stored in records:
        last[stored.record.stream] = max(stored.record.seq, last.get(stored.record.stream, 0))
    await log_shown(access, namespace, reader, last, partly=partly)


async def log_shown(
    access: Access, namespace: str, reader: Reader, last: dict[str, int], *, partly: bool = False
) -> None:
    """As `log_reading`, by the number of the last record of each stream; a whole ledger is `{"gmp/": 0}`."""
    if not last:
        return
    reading = Reading(
        id=uuid4(),
        reader=reader.actor,
        named=reader.named,
        purpose=reader.purpose,
        tool=reader.tool,
        shown=tuple(Shown(stream=stream, up_to=seq) for stream, seq in sorted(last.items())),
        partly=partly,
        disclosed_to=reader.disclosed_to,
    )
    await (await access.readings(namespace)).add(reading)
