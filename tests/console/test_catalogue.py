import pytest

from nom.console.acting import CaseMalformed, case_named, stream_named
from nom.console.catalogue import (
    FieldMalformed,
    NoSuchCommand,
    NoSuchProcess,
    command_named,
    commands_of,
    everything,
    fields_typed,
    process_named,
)
from nom.contracts.ids import ProcessKind
from nom.workflows.operating_model import MODELS


@pytest.mark.parametrize("kind", list(ProcessKind))
def test_the_catalogue_has_every_command_that_the_process_takes(kind: ProcessKind) -> None:
    schema = MODELS[kind].commands.json_schema()
    assert set(commands_of(kind)) == set(schema["properties"]["command"]["discriminator"]["mapping"])


def test_every_command_that_a_person_gives_has_words_and_roles() -> None:
    for item in everything():
        assert item.says
        assert item.only_system or item.roles


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("custody-2", (ProcessKind.CUSTODY, "2")),
        ("Strategy meeting", (ProcessKind.STRATEGY_MEETING, None)),
        ("strategy-meeting-1", (ProcessKind.STRATEGY_MEETING, "1")),
        ("case", (ProcessKind.CASE, None)),
    ],
)
def test_a_process_is_known_by_the_names_that_people_type(typed: str, expected: tuple[ProcessKind, str | None]) -> None:
    assert process_named(typed) == expected


def test_names_that_are_nearly_right_are_answered_with_the_right_ones() -> None:
    with pytest.raises(NoSuchProcess, match="did you mean referral"):
        process_named("refferal")
    with pytest.raises(NoSuchCommand, match="did you mean Acknowledge"):
        command_named(ProcessKind.REFERRAL, "Aknowledge")
    with pytest.raises(NoSuchCommand, match="belongs to triage"):
        command_named(ProcessKind.REFERRAL, "DecideTriage")
    with pytest.raises(FieldMalformed, match="did you mean offence"):
        fields_typed(command_named(ProcessKind.REFERRAL, "RecordCrime"), ("offense=SX03025",))


def test_fields_are_read_as_their_command_has_them() -> None:
    link = command_named(ProcessKind.TRIAGE, "RecordNetworkLink")
    typed = fields_typed(link, ("between=suspect-1,suspect-2", '{"kind": "associates"}', 'source=["a"]'))
    assert typed == {"between": ["suspect-1", "suspect-2"], "kind": "associates", "source": ["a"]}
    adjourn = command_named(ProcessKind.STRATEGY_MEETING, "Adjourn")
    assert fields_typed(adjourn, ("until=2026-07-04 09:30",))["until"].isoformat() == "2026-07-04T08:30:00+00:00"


@pytest.mark.parametrize("typed", ["to", "{", "to=[", "opening=1"])
def test_fields_that_cannot_be_read_are_refused(typed: str) -> None:
    with pytest.raises(FieldMalformed):
        fields_typed(command_named(ProcessKind.REFERRAL, "Route"), (typed,))


def test_a_case_is_known_by_its_reference_or_by_a_process_of_it() -> None:
    assert case_named("GMP/26-1") == case_named("gmp/26-1/custody-2") == "gmp/26-1"
    assert stream_named("gmp/26-1", "custody", "3") == "gmp/26-1/custody-3"
    for wrong in ("gmp", "gmp/", "manchester/1", "gmp/a b"):
        with pytest.raises(CaseMalformed):
            case_named(wrong)
