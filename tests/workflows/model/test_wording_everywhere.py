"""Invariant 18 in every process: no command, whatever it is and whoever gives it, carries a term past the review."""

import json
from collections.abc import Iterator
from datetime import date
from enum import Enum
from types import UnionType
from typing import Any, Literal, Union, cast, get_args, get_origin
from uuid import UUID

import pytest
from pydantic import TypeAdapter, ValidationError

from nom.console.catalogue import commands_of
from nom.contracts.actors import SYSTEM_ROLE
from nom.contracts.base import Contract
from nom.contracts.envelope import seal
from nom.contracts.errors import Refusal
from nom.contracts.events import CommandBase
from nom.contracts.every_process import NoteRecorded, RecordNote
from nom.contracts.ids import ProcessKind, stream_of
from nom.contracts.wording import ReleaseText, ReturnText, fingerprint_of, held_id, mark_of
from nom.workflows.model.wording import Examined, examine
from nom.workflows.operating_model import MODELS
from tests.workflows.model import kit
from tests.workflows.model.kit import FACTS, OPENING, request

LEXICON = FACTS.policy.lexicon
SPOKEN = "a lifestyle choice"


@pytest.mark.parametrize("kind", MODELS, ids=lambda kind: kind.value)
def test_every_process_holds_a_text_and_lets_the_act_go_on(kind: ProcessKind) -> None:
    model, stream = MODELS[kind], stream_of("gmp/26-7k3f9q", kind)
    state = model.blank(stream).model_copy(update={"opening": OPENING, "last_seq": 1})
    role = next(role for role in FACTS.policy.roles_for("RecordNote") if role != SYSTEM_ROLE)
    asked = request(stream, role, RecordNote(text=SPOKEN, basis="opinion"), "2026-03-03 09:00")
    decision = model.decide(state, asked, FACTS)
    assert not isinstance(decision, Refusal)
    mark = mark_of(held_id(fingerprint_of(SPOKEN)))
    assert decision[0] == NoteRecorded(text=mark, basis="opinion")
    for record, event in zip(seal(asked, decision, FACTS.policy.ref(), 1, None), decision, strict=True):
        assert model.event_of(record) == event
        state = model.fold(state, record)
    assert kit.survives_json(state)
    for review in (ReleaseText, ReturnText):
        by = request(
            stream, "supervising_officer", review(held=state.held_texts[0].id), "2026-03-03 10:00", reason="said"
        )
        assert not isinstance(model.decide(state, by, FACTS), Refusal)


CODES = (
    "gmp/26-7k3f9q/triage-1",
    "gmp/26-7k3f9q",
    "child-1",
    "meeting_chair",
    "meeting-1",
    "text-0123456789ab",
    "GBR",
    "GMP",
    "14",
    "a" * 64,
)
PLAIN: dict[object, object] = {str: SPOKEN, int: 1, bool: True, date: "2026-03-02", UUID: str(UUID(int=1))}


def example(form: Any) -> object:  # noqa: ANN401  # An annotation may be any object.
    """A value of a type in plain JSON, which says `SPOKEN` wherever the type takes free words."""
    origin, parts = get_origin(form), get_args(form)
    if hasattr(form, "__metadata__"):
        value = example(parts[0])
        return value if value != SPOKEN else next(_taken_by(form))
    if origin in (Union, UnionType):
        return example(next(part for part in parts if part is not type(None)))
    if origin is tuple:
        return [example(part) for part in parts if part is not Ellipsis]
    if origin is Literal:
        return parts[0]
    if isinstance(form, type) and issubclass(form, Enum):
        return next(iter(form)).value
    if isinstance(form, type) and issubclass(form, Contract):
        return _of_contract(form)
    return {} if origin is dict else PLAIN.get(cast("object", form), "2026-03-02T09:00:00Z")


def _taken_by(form: Any) -> Iterator[str]:  # noqa: ANN401  # As above.
    """The free words, or else the codes that a type takes."""
    adapter = TypeAdapter[object](form)
    for candidate in (SPOKEN, *CODES):
        try:
            adapter.validate_python(candidate)
        except ValidationError:
            continue
        yield candidate


def _of_contract(form: type[Contract]) -> dict[str, object]:
    """Every field; where they exclude each other, without the last of those that may be left out."""
    made = {name: example(info.rebuild_annotation()) for name, info in form.model_fields.items()}
    optional = [name for name, info in form.model_fields.items() if not info.is_required()]
    while True:
        try:
            form.model_validate_json(json.dumps(made))
        except ValidationError:
            del made[optional.pop()]
        else:
            return made


EVERY_COMMAND = [(kind, name) for kind in ProcessKind for name in commands_of(kind)]


@pytest.mark.parametrize(("kind", "name"), EVERY_COMMAND, ids=str)
def test_no_command_of_any_process_carries_a_term_past_the_review(kind: ProcessKind, name: str) -> None:
    command: type[CommandBase] = commands_of(kind)[name]
    made, stream = command.model_validate_json(json.dumps(_of_contract(command))), stream_of("gmp/26-7k3f9q", kind)
    said_in_it = made.canonical().decode().count(SPOKEN)
    asked = request(stream, "duty_officer", made, "2026-03-02 09:20", reason=SPOKEN)
    examined = examine((), asked, LEXICON)
    assert isinstance(examined, Examined)
    left = examined.request.command.canonical().decode()
    assert SPOKEN not in left
    is_review, mark = name in ("ReleaseText", "ReturnText"), mark_of(held_id(fingerprint_of(SPOKEN)))
    assert examined.request.reason == (SPOKEN if is_review else mark)
    assert sum(len(event.fields) for event in examined.held) == said_in_it + (not is_review)
    assert command.model_validate_json(left) == examined.request.command


@pytest.mark.parametrize(("kind", "name"), EVERY_COMMAND, ids=str)
def test_what_a_process_itself_says_was_looked_at_where_somebody_wrote_it(kind: ProcessKind, name: str) -> None:
    command: type[CommandBase] = commands_of(kind)[name]
    made = command.model_validate_json(json.dumps(_of_contract(command)))
    asked = request(stream_of("gmp/26-7k3f9q", kind), SYSTEM_ROLE, made, "2026-03-02 09:20")
    assert examine((), asked, LEXICON) == Examined(asked, ())


@pytest.mark.parametrize("kind", ProcessKind, ids=str)
def test_every_process_has_commands_of_its_own_with_free_words(kind: ProcessKind) -> None:
    spoken = [name for name, command in commands_of(kind).items() if SPOKEN in json.dumps(_of_contract(command))]
    assert len(spoken) > 3
