"""Deciding again, from records alone: what was decided by the rules is the same, and what was not is named."""

from collections.abc import Sequence

import pytest

from nom.audit.deciding import Redecided, decide_again
from nom.contracts.base import canonical_bytes, sha256_hex
from nom.contracts.envelope import PolicyRef, StoredRecord, seal
from nom.contracts.every_process import NoteRecorded
from nom.workflows.model import designation, triage
from tests.audit.kept import kept, place_of, with_payload
from tests.workflows.model.designation_acts import DESIGNATED, TIER, nomination
from tests.workflows.model.designation_acts import STREAM as GROUP_STREAM
from tests.workflows.model.triage_acts import COMPLETE, DECIDED, STREAM, opening

MODEL = triage.MODEL


WHOLE = kept(MODEL, (opening(), *COMPLETE, DECIDED))


def verdicts(stored: Sequence[StoredRecord]) -> list[Redecided]:
    return list(decide_again(STREAM, stored))


def test_every_command_of_a_triage_gives_the_recorded_bytes_again() -> None:
    found = verdicts(WHOLE)
    assert [item.command for item in found] == [request.command.type for request in (opening(), *COMPLETE, DECIDED)]
    assert {item.verdict for item in found} == {"same"}


def test_an_event_that_the_rules_would_not_have_made_is_named_and_the_rest_is_the_same() -> None:
    place = place_of(WHOLE, "exploitation_risk_scored.v1")
    record = WHOLE[place].record
    payload = record.payload.replace('"score":', '"score":1')
    assert payload != record.payload
    changed = record.model_copy(update={"payload": payload, "payload_digest": sha256_hex(payload.encode())})
    changed = changed.model_copy(update={"digest": changed.computed_digest()})
    stored = [*WHOLE[:place], WHOLE[place].model_copy(update={"record": changed}), *WHOLE[place + 1 :]]
    differing = [item for item in verdicts(stored) if item.verdict != "same"]
    assert [(item.seq, item.verdict) for item in differing] == [(record.seq, "differs")]
    assert "exploitation_risk_scored.v1" in (differing[0].words or "")


def test_an_act_that_was_recorded_against_the_rules_is_refused_now() -> None:
    early = kept(MODEL, (opening(),))
    last = early[-1].record
    decided = DECIDED.model_copy(update={"occurred_at": last.occurred_at})
    forged = seal(decided, (NoteRecorded(text="decided", basis="fact"),), last.policy, last.seq, last.digest)
    asked = decided.content().decode()
    stored = [
        *early,
        *(StoredRecord(record=each, recorded_at=each.submitted_at, position=None, asked=asked) for each in forged),
    ]
    assert [item.verdict for item in verdicts(stored)] == ["same", "differs"]
    assert verdicts(stored)[-1].words == "it is refused now (triage_gate)"


def test_what_an_older_ledger_did_not_keep_is_told_and_is_no_difference() -> None:
    stored = [item.model_copy(update={"asked": None}) for item in WHOLE]
    assert {item.verdict for item in verdicts(stored)} == {"not_kept"}


def test_a_command_that_this_code_does_not_know_is_told() -> None:
    first = WHOLE[0]
    asked = canonical_bytes({"command": {"type": "Conjure"}}).decode()
    stored = [first.model_copy(update={"asked": asked}), *WHOLE[1:]]
    assert verdicts(stored)[0].verdict == "unreadable"


@pytest.mark.parametrize("version", ["eng-police-2019.1", "eng-police-2026.1"])
def test_a_pack_that_this_code_does_not_hold_is_told(version: str) -> None:
    opened = opening()
    brief = opened.command.brief
    policy = PolicyRef(version=version, digest="a" * 64)
    changed = brief.model_copy(update={"opening": brief.opening.model_copy(update={"policy": policy})})
    request = opened.model_copy(update={"command": opened.command.model_copy(update={"brief": changed})})
    record = WHOLE[0].record.model_copy(update={"policy": policy})
    first = WHOLE[0].model_copy(update={"record": record, "asked": request.content().decode()})
    (found, *_) = decide_again(STREAM, [first])
    assert (found.verdict, version in (found.words or "")) == ("policy_missing", True)


def test_an_event_of_a_superseded_version_is_read_as_what_took_its_place() -> None:
    stored = kept(designation.MODEL, (nomination(), *DESIGNATED, TIER))
    place = place_of(stored, "tier_assigned.v2")
    first_published = canonical_bytes({"tier": "region", "type": "tier_assigned.v1"}).decode()
    old = with_payload(stored, place, first_published, "tier_assigned.v1")
    assert {item.verdict for item in decide_again(GROUP_STREAM, old)} == {"same"}
    changed = with_payload(stored, place, first_published.replace("region", "force"), "tier_assigned.v1")
    differing = [item.seq for item in decide_again(GROUP_STREAM, changed) if item.verdict != "same"]
    assert differing == [stored[place].record.seq]


def test_who_gave_an_event_of_a_superseded_version_is_compared_all_the_same() -> None:
    stored = kept(designation.MODEL, (nomination(), *DESIGNATED, TIER))
    place = place_of(stored, "tier_assigned.v2")
    first_published = canonical_bytes({"tier": "region", "type": "tier_assigned.v1"}).decode()
    old = with_payload(stored, place, first_published, "tier_assigned.v1")
    record = old[place].record
    other = record.model_copy(update={"actor": record.actor.model_copy(update={"id": "nobody-1"})})
    other = other.model_copy(update={"digest": other.computed_digest()})
    forged = [*old[:place], old[place].model_copy(update={"record": other}), *old[place + 1 :]]
    found = [(item.seq, item.words) for item in decide_again(GROUP_STREAM, forged) if item.verdict != "same"]
    assert found == [(record.seq, "the events are the same, who gave them or when is not")]


@pytest.mark.parametrize("asked", ["[]", "1", "null", '"text"', "{", "{}"])
def test_what_was_asked_and_is_no_command_is_told(asked: str) -> None:
    stored = [WHOLE[0].model_copy(update={"asked": asked}), *WHOLE[1:]]
    assert verdicts(stored)[0].verdict == "unreadable"
