"""The event log of every worked matter is valid, whole in itself and free of what people wrote."""

import json
from collections.abc import AsyncIterator, Iterable
from datetime import timedelta
from pathlib import Path
from typing import Any, cast
from uuid import uuid4

import pytest

from nom.activities.errors import LedgerUnreadable
from nom.audit.conformance.events import OBJECT_TYPES
from nom.audit.conformance.ocel import write_log
from nom.console.scenario.loading import bundled
from nom.contracts.envelope import StoredRecord
from nom.contracts.every_process import StageReopened
from tests.audit.conformance.rules_of_schema import faults
from tests.audit.known.records_then import worked
from tests.console.recorded import CASE, a_referral
from tests.matters import note

NAMES = [scenario.id for scenario in bundled()]


async def each(records: Iterable[StoredRecord]) -> AsyncIterator[StoredRecord]:
    for stored in records:
        yield stored


async def exported(file: Path, records: Iterable[StoredRecord]) -> dict[str, Any]:
    await write_log(file, each(records))
    return json.loads(file.read_text())


def of_scenario(name: str) -> list[StoredRecord]:
    return [stored for matter in worked(name).values() for stored in matter]


@pytest.mark.parametrize("name", NAMES)
async def test_the_log_of_a_worked_matter_is_valid_and_whole(name: str, tmp_path: Path) -> None:
    records = of_scenario(name)
    log = await exported(tmp_path / "log.json", records)
    assert list(faults(log)) == []
    assert [event["id"] for event in log["events"]] == [str(stored.record.event_id) for stored in records]
    objects = {item["id"]: item["type"] for item in log["objects"]}
    assert len(objects) == len(log["objects"]), "an object stands twice"
    targets = {each["objectId"] for item in (*log["events"], *log["objects"]) for each in item["relationships"]}
    assert targets <= set(objects), "something refers to an object that is not there"
    _is_declared(log)


def _is_declared(log: dict[str, Any]) -> None:
    events = {kind["name"]: {each["name"] for each in kind["attributes"]} for kind in log["eventTypes"]}
    objects = {kind["name"]: {each["name"] for each in kind["attributes"]} for kind in log["objectTypes"]}
    for known, items in ((events, log["events"]), (objects, log["objects"])):
        for item in items:
            assert {each["name"] for each in item["attributes"]} <= known[item["type"]]
    forms = {each["type"] for kind in (*log["eventTypes"], *log["objectTypes"]) for each in kind["attributes"]}
    assert forms <= {"string", "time", "integer", "float", "boolean"}


@pytest.mark.parametrize("name", NAMES)
async def test_nothing_that_a_person_wrote_and_nobody_who_acted_is_in_the_log(name: str, tmp_path: Path) -> None:
    records = of_scenario(name)
    text = json.dumps(await exported(tmp_path / "log.json", records), ensure_ascii=False)
    written = {stored.record.reason for stored in records if stored.record.reason}
    written |= {value for stored in records for value in _sentences(json.loads(stored.record.payload))}
    assert written, "the matter has words to look for"
    assert [words for words in written if words in text] == []
    people = {stored.record.actor.id for stored in records}
    assert [person for person in people if f'"{person}"' in text] == []


def _sentences(value: Any) -> Iterable[str]:  # noqa: ANN401 - JSON of any form
    """Whatever has three words or more: what a person wrote. An outcome is a code of the model."""
    if isinstance(value, str):
        if len(value.split()) > 2:
            yield value
    elif isinstance(value, dict):
        for name, item in cast("dict[str, Any]", value).items():
            if name != "outcome":
                yield from _sentences(item)
    elif isinstance(value, list):
        for item in cast("list[Any]", value):
            yield from _sentences(item)


@pytest.mark.parametrize("name", ["03-two-forces", "25-a-link-after-all"])
async def test_what_never_changes_of_an_object_is_said_once_from_the_beginning(name: str, tmp_path: Path) -> None:
    log = await exported(tmp_path / "log.json", of_scenario(name))
    began: dict[str, str] = {}
    for event in log["events"]:
        for own in (each["objectId"] for each in event["relationships"] if each["qualifier"] in {"in", "of"}):
            began[own] = min(event["time"], began.get(own, event["time"]))
    said = [
        (item["id"], each["time"])
        for item in log["objects"]
        for each in item["attributes"]
        if each["name"] in {"kind", "force"}
    ]
    assert len(said) == len({identity for identity, _ in said}) > 2
    assert all(began[identity] == time for identity, time in said)


async def test_a_process_that_was_reopened_has_no_outcome_from_then_on(tmp_path: Path) -> None:
    records = of_scenario("25-a-link-after-all")
    first = next(stored for stored in records if stored.record.type == "stage_ended.v1")
    ended = first.record
    again = StageReopened(because="a link was found")
    record = ended.model_copy(
        update={
            "type": again.type,
            "payload": again.canonical().decode(),
            "occurred_at": ended.occurred_at + timedelta(days=1),
            "event_id": uuid4(),
        }
    )
    log = await exported(tmp_path / "log.json", [*records, first.model_copy(update={"record": record})])
    (process,) = [item for item in log["objects"] if item["id"] == ended.stream]
    outcomes = {each["time"]: each["value"] for each in process["attributes"] if each["name"] == "outcome"}
    assert outcomes[ended.occurred_at.isoformat()] != "open"
    assert outcomes[record.occurred_at.isoformat()] == "open"


async def test_what_looks_like_a_reference_in_a_text_is_no_object(tmp_path: Path) -> None:
    referral = a_referral().take(note(CASE, "suspect-john-smith"))
    text = json.dumps(await exported(tmp_path / "log.json", referral.stored))
    assert "john" not in text
    assert f"{CASE}#suspect-1" in text


async def test_a_child_of_one_case_is_not_the_child_of_another_and_a_group_joins_them(tmp_path: Path) -> None:
    log = await exported(tmp_path / "log.json", of_scenario("03-two-forces"))
    children = {item["id"] for item in log["objects"] if item["type"] == "child"}
    assert len({child.partition("#")[0] for child in children}) > 1
    (group, *_) = [item["id"] for item in log["objects"] if item["type"] == "group"]
    forces = {
        event["relationships"][0]["objectId"][:3]
        for event in log["events"]
        if any(each["objectId"] == group for each in event["relationships"])
    }
    assert len(forces) > 1, "the group is spoken of in more than one ledger"


async def test_every_type_of_object_occurs_in_the_worked_matters(tmp_path: Path) -> None:
    found: set[str] = set()
    rules = 0
    for name in NAMES:
        log = await exported(tmp_path / "log.json", of_scenario(name))
        found |= {item["type"] for item in log["objects"]}
        rules += sum(each["name"] == "rule" for event in log["events"] for each in event["attributes"])
    assert set(OBJECT_TYPES) - found <= {"person"}
    assert rules > 0


async def test_a_log_that_breaks_off_leaves_no_file(tmp_path: Path) -> None:
    stored = a_referral().stored
    last = stored[-1]
    broken = last.model_copy(update={"record": last.record.model_copy(update={"payload": '{"type":"unheard_of.v1"}'})})
    with pytest.raises(LedgerUnreadable):
        await exported(tmp_path / "log.json", [*stored[:-1], broken])
    assert list(tmp_path.iterdir()) == []


def test_the_judge_of_the_schema_sees_faults() -> None:
    assert list(faults({"eventTypes": [], "objectTypes": [], "events": [], "objects": []})) == []
    bad: dict[str, Any] = {
        "eventTypes": [{"name": "a"}],
        "objectTypes": {},
        "events": [{"id": 1, "type": "a", "time": "2026-01-01"}],
    }
    assert list(faults(bad)) == [
        "$: lacks objects",
        "$.eventTypes[0]: lacks attributes",
        "$.objectTypes: not array",
        "$.events[0].id: not string",
        "$.events[0].time: a time without an offset",
    ]
