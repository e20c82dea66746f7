"""Folding again: what a process holds is what its records give, and whatever is not is named by record."""

from collections.abc import Sequence
from typing import Any

import pytest

from nom.audit.folding import FoldedAgain, fold_again, not_folded
from nom.console.access import Access
from nom.contracts.envelope import StoredRecord
from nom.contracts.run import StateView
from nom.workers.local.stack import Stack
from nom.workflows.model import triage
from tests.audit.kept import kept, place_of, with_payload
from tests.console.command_line import nom
from tests.matters import a_matter, acknowledge, ago, handed_on, note, receive
from tests.workflows.model.triage_acts import COMPLETE, DECIDED, STREAM, opening

WHOLE = kept(triage.MODEL, (opening(), *COMPLETE, DECIDED))


def held(stored: Sequence[StoredRecord], **otherwise: Any) -> StateView:  # noqa: ANN401 - any field of the view
    """What a process says that was given these records."""
    state = triage.MODEL.blank(STREAM)
    for item in stored:
        state = triage.MODEL.fold(state, item.record)
    head = stored[-1].record.digest
    view = StateView(
        stream=STREAM, seq=len(stored), head=head, outbox=len(state.outbox), state=state.canonical().decode()
    )
    return view.model_copy(update=otherwise)


def named(folded: FoldedAgain) -> list[tuple[int | None, str]]:
    return [(item.seq, item.words) for item in folded.differences]


def test_a_process_that_holds_what_its_records_give_agrees() -> None:
    folded = fold_again(STREAM, held(WHOLE), WHOLE)
    assert (folded.agrees, folded.state, folded.compared_at) == (True, "same", len(WHOLE))
    assert folded.commands == folded.again == len(COMPLETE) + 2


def test_records_that_are_newer_than_what_the_process_said_are_no_difference() -> None:
    folded = fold_again(STREAM, held(WHOLE[:-1]), WHOLE)
    assert (folded.agrees, folded.compared_at, folded.records) == (True, len(WHOLE) - 1, len(WHOLE))


def test_another_state_is_named_by_its_fields_and_not_by_what_stands_there() -> None:
    view = held(WHOLE)
    folded = fold_again(STREAM, view.model_copy(update={"state": view.state.replace("suspect-2", "suspect-9")}), WHOLE)
    ((seq, words),) = named(folded)
    assert (folded.state, seq) == ("differs", len(WHOLE))
    assert "links" in words
    assert "suspect" not in words.partition(", in ")[2].replace("suspects", "")


def test_a_state_that_is_written_otherwise_is_not_the_very_state() -> None:
    view = held(WHOLE)
    folded = fold_again(STREAM, view.model_copy(update={"state": view.state.replace('{"', '{ "', 1)}), WHOLE)
    assert "the way in which it is written" in named(folded)[0][1]


def test_a_process_that_is_ahead_of_its_ledger_is_named() -> None:
    folded = fold_again(STREAM, held(WHOLE), WHOLE[:-1])
    assert (
        len(WHOLE),
        f"the process has come to record {len(WHOLE)}; the ledger ends with record {len(WHOLE) - 1}",
    ) in (named(folded))


def test_a_record_that_the_process_knows_with_another_digest_is_named() -> None:
    folded = fold_again(STREAM, held(WHOLE, head="f" * 64), WHOLE)
    assert named(folded) == [(len(WHOLE), "the process knows this record with another digest")]


def test_a_process_that_the_engine_no_longer_has_is_told_and_its_commands_are_decided_all_the_same() -> None:
    folded = fold_again(STREAM, None, WHOLE)
    assert (folded.agrees, folded.state, folded.compared_at, folded.again) == (True, "gone", None, len(COMPLETE) + 2)


def test_an_event_that_the_rules_would_not_have_made_is_named_by_its_command() -> None:
    place = place_of(WHOLE, "exploitation_risk_scored.v1")
    forged = with_payload(WHOLE, place, WHOLE[place].record.payload.replace('"score":', '"score":1'))
    folded = fold_again(STREAM, held(WHOLE), forged)
    ((seq, words),) = named(folded)
    assert (seq, folded.again) == (WHOLE[place].record.seq, len(COMPLETE) + 1)
    assert words.startswith("ScoreExploitationRisk, decided again")


def test_an_event_that_this_code_can_not_read_is_named_and_ends_the_rest() -> None:
    place = place_of(WHOLE, "exploitation_risk_scored.v1")
    strange = with_payload(WHOLE, place, '{"type":"exploitation_risk_scored.v9"}')
    folded = fold_again(STREAM, held(WHOLE), strange)
    assert {seq for seq, _ in named(folded)} == {WHOLE[place].record.seq}
    assert sum("can't read" in words for _, words in named(folded)) == 2
    assert folded.commands < len(COMPLETE) + 2


def test_what_was_not_kept_is_counted_and_is_no_difference() -> None:
    stored = [item.model_copy(update={"asked": None}) for item in WHOLE]
    folded = fold_again(STREAM, held(WHOLE), stored)
    assert (folded.agrees, folded.not_kept, folded.again) == (True, len(COMPLETE) + 2, 0)


def test_a_record_that_does_not_fit_its_contract_is_named_and_the_process_does_not_pass() -> None:
    folded = not_folded(STREAM, 3)
    assert (folded.agrees, folded.state, [seq for seq, _ in named(folded)]) == (False, "differs", [3])


@pytest.mark.engine
async def test_the_processes_of_a_real_matter_fold_to_what_they_hold(stack: Stack, access: Access) -> None:
    case = a_matter()
    await access.client.submit(receive(case, ago(hours=3), brought_in=True))
    await access.client.submit(acknowledge(case, ago(hours=2)))
    await access.client.submit(note(case, "a note"))
    await handed_on(await access.reader("gmp"), case)
    ended = await nom("audit", "fold", case, "--data", stack.folder.path, "--json")
    assert ended.code == 0, ended.out + ended.err
    found = ended.json
    assert found["agrees"]
    assert {one["stream"] for one in found["processes"]} >= {f"{case}/referral-1"}
    assert all(one["state"] == "same" and one["commands"] == one["again"] > 0 for one in found["processes"])
    people = await nom("audit", "fold", case, "--data", stack.folder.path)
    assert "Nothing differs." in people.out
