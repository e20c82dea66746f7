"""What a supervisor sees of the texts that a case holds for review."""

import json
from datetime import UTC, datetime

import pytest

from nom.console.access import Access
from nom.console.held_texts import held_texts_of
from nom.console.scenario.loading import bundled
from nom.contracts.envelope import StoredRecord
from nom.workers.local.stack import Stack
from tests.console.command_line import nom
from tests.console.office import Office
from tests.matters import a_matter, ago, note, receive

BLAMING = "the child is promiscuous"


def stored() -> tuple[StoredRecord, ...]:
    (scenario,) = (item for item in bundled() if item.id == "12-trafficked-children")
    office = Office(scenario)
    office.run()
    at = datetime(2026, 11, 1, tzinfo=UTC)
    return tuple(StoredRecord(record=record, recorded_at=at, position=None) for record in office.all_records())


def test_each_held_text_is_told_with_what_was_written_and_what_became_of_it() -> None:
    released, rewritten = held_texts_of(stored())
    assert (released.stream[-10:], released.command, released.fields) == (
        "referral-1",
        "ReceiveReferral",
        ("allegations.2.words",),
    )
    assert (released.status, released.authors, released.reviewed_by) == ("released", ("nurse-1",), "supervisor-1")
    assert released.reason == "the word is the suspect's and quoted as such"
    assert "prostitution" in released.written
    assert (rewritten.status, rewritten.terms[0].code) == ("rewritten", "own-risk")
    assert rewritten.terms[0].instead.startswith("is at risk from")
    assert rewritten.instead == "a place of safety for both; child-1 is taken from every placement by adults"
    assert rewritten.due.startswith("end of ")


def test_before_anybody_has_reviewed_it_a_text_is_held() -> None:
    upto = next(n for n, item in enumerate(stored()) if item.record.type == "text_released.v1")
    assert [text.status for text in held_texts_of(stored()[:upto])][:1] == ["held"]
    assert held_texts_of(()) == ()


@pytest.mark.engine
async def test_the_command_line_lists_what_waits(stack: Stack) -> None:
    case = a_matter()
    async with Access(stack.folder) as access:
        await access.client.submit(receive(case, ago(hours=1)))
        await access.client.submit(note(case, BLAMING))
    ended = await nom("texts", case, "--json", "--data", stack.folder.path)
    (text,) = ended.json
    assert (text["written"], text["status"], text["terms"][0]["code"]) == (BLAMING, "held", "judged-conduct")
    told = await nom("texts", case, "--data", stack.folder.path)
    assert text["held"] in told.out
    shown = await nom("show", case, "--json", "--data", stack.folder.path)
    (standing,) = [text for process in shown.json["processes"] for text in process["texts"]]
    assert (standing["held"], standing["status"], standing["authors"]) == (text["held"], "held", ["duty-officer-1"])
    assert (standing["commands"], "supervising_officer" in standing["roles"]) == (["ReleaseText", "ReturnText"], True)
    assert BLAMING not in json.dumps(standing)
