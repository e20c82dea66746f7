"""Events as they were first published: today's code reads every one of them, and writes the same bytes."""

import json
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from nom.contracts.ids import ProcessKind
from nom.contracts.upcast import UPCASTERS, upcast
from nom.workflows.operating_model import MODELS
from tests.golden_examples import event_types, event_types_of, examples, golden, golden_names, write_missing

EVERY_EVENT = [(kind, name) for kind in MODELS for name in sorted(event_types_of(kind))]
REACHED = examples()
A_TELEPHONE_OR_A_MAIL_ADDRESS = re.compile(rb"\+44|\b0[127]\d{8,9}\b|[a-z0-9.]+@[a-z0-9.]+")


def test_every_event_type_has_a_published_example_and_no_example_is_of_an_unknown_type() -> None:
    assert golden_names() == event_types() | set(UPCASTERS)
    assert not event_types() & set(UPCASTERS)


@pytest.mark.parametrize("name", UPCASTERS)
def test_a_superseded_event_is_read_as_what_took_its_place(name: str) -> None:
    published = golden(name).decode()
    happened = datetime(2026, 3, 12, 10, 30, tzinfo=UTC)
    kinds = [kind for kind in MODELS if json.loads(upcast(name, published, happened))["type"] in event_types_of(kind)]
    assert kinds
    for kind in kinds:
        event = MODELS[kind].events.validate_json(upcast(name, published, happened))
        now, then = json.loads(event.canonical()), json.loads(published)
        added = now.keys() - then.keys()
        assert {field: now[field] for field in then if field != "type"} == {
            field: value for field, value in then.items() if field != "type"
        }
        assert all(now[field] == "2026-03-12T10:30:00Z" for field in added)
        assert event.in_words()


def test_an_event_of_today_is_read_as_it_stands() -> None:
    published = golden("note_recorded.v1").decode()
    assert upcast("note_recorded.v1", published, datetime(2026, 3, 12, tzinfo=UTC)) == published


@pytest.mark.parametrize(("kind", "name"), EVERY_EVENT, ids=[f"{kind.value}-{name}" for kind, name in EVERY_EVENT])
def test_every_process_reads_a_published_event_back_to_the_same_bytes(kind: ProcessKind, name: str) -> None:
    example = golden(name)
    event = MODELS[kind].events.validate_json(example)
    assert event.type == name
    assert event.canonical() == example
    assert event.in_words()


@pytest.mark.parametrize("name", sorted(event_types()))
def test_an_example_holds_no_way_to_reach_anybody(name: str) -> None:
    assert not A_TELEPHONE_OR_A_MAIL_ADDRESS.search(golden(name))


def test_the_command_writes_what_is_missing_and_touches_nothing_that_is_there(tmp_path: Path) -> None:
    there = tmp_path / "note_recorded.v1.json"
    there.write_bytes(b"as it was published")
    written, unreached = write_missing(tmp_path)
    assert there.read_bytes() == b"as it was published"
    assert set(written) == set(REACHED) - {"note_recorded.v1"}
    assert set(written) | set(unreached) == event_types() - {"note_recorded.v1"}
    for name in written:
        assert (tmp_path / f"{name}.json").read_bytes() == REACHED[name].canonical()
