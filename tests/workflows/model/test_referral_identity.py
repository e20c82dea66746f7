"""Who the people of a referral are: the number is checked where it is typed, and is on record nowhere."""

import pytest
from pydantic import ValidationError

from nom.console.drafts import CommandMalformed, draft
from nom.console.people import actor
from nom.contracts.envelope import CommandEnvelope
from nom.contracts.identity import ConsistentIdentifierAdded, LinkIdentity, RecordConsistentIdentifier
from nom.contracts.identity import SubjectIdentityLinked as Linked
from nom.workflows.model.referral import MODEL
from tests.workflows.model.kit import Request, events_of, given, labels, refused
from tests.workflows.model.test_referral import STREAM, acknowledge, act, crime, receive, route

NUMBER = "9434765919"
AT = "2026-03-02 12:00"


def same(same_as: str = "child-7", subject: str = "child-1", reason: str | None = "one NHS number") -> Request:
    command = LinkIdentity(subject=subject, same_as=same_as, basis="identifier")
    return act("duty_officer", command, AT, reason)


def identifier(entry: str = "entry-7f2", **fields: object) -> Request:
    typed = {"subject": "child-1", "kind": "nhs_number", "entry": entry, "number": NUMBER, **fields}
    return act("health_professional", RecordConsistentIdentifier.model_validate(typed), AT)


def test_two_references_are_one_person_on_a_basis_and_for_a_reason() -> None:
    (event,) = (e for e in events_of(MODEL, given(MODEL, STREAM, receive()), same()) if isinstance(e, Linked))
    assert event.in_words() == "child-1 is the same person as child-7, by identifier"


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        (same(subject="child-9"), "unknown_subject"),
        (same("child-1"), "same_reference"),
        (same(reason=None), "reason_missing"),
        (act("force_crime_registrar", same().command, AT, "one NHS number"), "role"),
    ],
)
def test_a_link_of_identity_is_refused(asked: Request, code: str) -> None:
    assert refused(MODEL, given(MODEL, STREAM, receive()), asked).code == code


def test_the_same_link_is_refused_the_other_way_round_too() -> None:
    state = given(MODEL, STREAM, receive(), same("suspect-1"))
    assert refused(MODEL, state, same("suspect-1")).code == "already_linked"
    assert refused(MODEL, state, same("child-1", "suspect-1")).code == "already_linked"


def test_who_somebody_is_may_be_found_out_after_the_referral_was_routed() -> None:
    state = given(MODEL, STREAM, receive(), acknowledge(), crime(), route(), same(), identifier())
    assert state.same_people == (("child-1", "child-7"),)
    assert state.identifiers == (("child-1", "nhs_number", "entry-7f2"),)


def test_an_identifier_is_on_record_by_its_kind_and_where_it_is_kept_and_the_number_is_nowhere() -> None:
    asked = identifier()
    state = given(MODEL, STREAM, receive())
    (event,) = (e for e in events_of(MODEL, state, asked) if isinstance(e, ConsistentIdentifierAdded))
    assert (event.kind, event.entry, event.checked) == ("nhs_number", "entry-7f2", True)
    assert NUMBER not in asked.model_dump_json() + repr(asked) + repr(state) + event.canonical().decode()
    # What travels is read back as it was, and has the same digest, though the number is no longer there.
    travelled = MODEL.commands.validate_json(asked.model_dump_json())
    assert travelled.command == asked.command
    assert travelled.content_digest() == asked.content_digest()
    assert isinstance(travelled, CommandEnvelope)


@pytest.mark.parametrize(
    "number", ["9434765918", "943476591", "94347659190", "943 476 591X", "1234567890", "9999999999 9"]
)
def test_a_number_whose_check_digit_does_not_fit_is_refused_by_field_where_it_is_typed(number: str) -> None:
    typed = {"type": "RecordConsistentIdentifier", "subject": "child-1", "kind": "nhs_number", "entry": "entry-1"}
    with pytest.raises(CommandMalformed) as raised:
        draft(STREAM, {**typed, "number": number}, actor("duty-officer-1", "GMP"))
    assert "check digit does not fit" in str(raised.value)
    assert number not in str(raised.value)


@pytest.mark.parametrize("number", [NUMBER, "943 476 5919", " 943 476 5919 "])
def test_a_number_may_be_typed_in_groups(number: str) -> None:
    command = identifier(number=number).command
    assert command.checked
    assert command.number is None


@pytest.mark.parametrize("entry", [NUMBER, "nhs-9434765919", "nhs-943-476-5919"])
def test_the_number_does_not_slip_in_as_the_reference_of_the_register(entry: str) -> None:
    with pytest.raises(ValidationError, match="never the number itself"):
        identifier(entry)


def test_an_nhs_number_that_nobody_checked_is_refused_and_an_entry_stands_once() -> None:
    state = given(MODEL, STREAM, receive())
    refusal = refused(MODEL, state, identifier(number=None))
    assert (refusal.code, labels(refusal)) == ("identifier_not_checked", ["identifier_not_checked:child-1"])
    state = given(MODEL, STREAM, receive(), identifier())
    assert refused(MODEL, state, identifier()).code == "already_recorded"
    assert refused(MODEL, state, identifier(subject="child-9")).code == "unknown_subject"


def test_a_kind_without_a_check_digit_is_recorded_as_unchecked() -> None:
    state = given(MODEL, STREAM, receive())
    asked = identifier(kind="unique_pupil_number", number="A123456789012")
    (event,) = (e for e in events_of(MODEL, state, asked) if isinstance(e, ConsistentIdentifierAdded))
    assert not event.checked
    assert "A123456789012" not in asked.model_dump_json()
