"""Histories that somebody altered, cut or spoilt, and histories that simply go on: each is told from the others."""

import json
from collections.abc import Callable, Mapping
from typing import NamedTuple

import pytest
from temporalio.api.common.v1 import Payload
from temporalio.api.history.v1 import History

from nom.audit.replay import FetchedHistory, Replayed
from nom.audit.strict.decoding import payloads_within
from nom.console.access import Access
from tests.audit.recording import Recorded, record
from tests.audit.specimens import Backwards
from tests.audit.trying import Wanted, altered, cut, event_of, number_of, tried

pytestmark = pytest.mark.engine


class Alteration(NamedTuple):
    """What is done to which history, and what is then said. `coded`: the payloads are behind a codec."""

    history: str
    alter: Callable[[FetchedHistory], FetchedHistory]
    verdict: str
    says: str
    coded: bool = False


def _with(payload: Payload, key: str, value: object) -> None:
    payload.data = json.dumps({**json.loads(payload.data), key: value}).encode()


def _argument(history: History) -> None:
    scheduled = event_of(history, "activity_task_scheduled").activity_task_scheduled_event_attributes
    _with(scheduled.input.payloads[0], "name", "child-9")


def _outcome(history: History) -> None:
    done = event_of(history, "workflow_execution_update_completed")
    _with(done.workflow_execution_update_completed_event_attributes.outcome.success.payloads[0], "sum", 7)


def _result(history: History) -> None:
    done = event_of(history, "activity_task_completed").activity_task_completed_event_attributes
    _with(done.result.payloads[0], "name", "child-9")


def _key_twice(history: History) -> None:
    scheduled = event_of(history, "activity_task_scheduled").activity_task_scheduled_event_attributes
    payload = scheduled.input.payloads[0]
    payload.data = payload.data.replace(b'{"name":', b'{"name":"child-1","name":', 1)


def _another_process(history: History) -> None:
    event_of(history, "workflow_execution_started").workflow_execution_started_event_attributes.workflow_id = "gmp/b"


def _signal_of_another_form(history: History) -> None:
    signal = event_of(history, "workflow_execution_signaled").workflow_execution_signaled_event_attributes
    signal.input.payloads[0].data = b"[1]"


def _both_sides(history: History) -> None:
    """The result of an activity, and everything that the code does with it."""
    for event in history.events[event_of(history, "activity_task_completed").event_id - 1 :]:
        for payload in payloads_within(event):
            payload.data = payload.data.replace(b'"child-1"', b'"child-9"')


def _spoilt(attributes: str, nth: int = 0) -> Callable[[FetchedHistory], FetchedHistory]:
    def spoil(history: History) -> None:
        next(payloads_within(event_of(history, attributes, nth))).data = b'{"half": '

    return lambda fetched: altered(fetched, spoil)


def _alter(alter: Callable[[History], object]) -> Callable[[FetchedHistory], FetchedHistory]:
    return lambda fetched: altered(fetched, alter)


def _cut_at(attributes: str, nth: int = 0) -> Callable[[FetchedHistory], FetchedHistory]:
    """Everything up to the n-th event of a kind and with it."""
    return lambda fetched: cut(fetched, number_of(fetched, attributes, nth))


def _first(events: int) -> Callable[[FetchedHistory], FetchedHistory]:
    return lambda fetched: cut(fetched, events)


def _untouched(fetched: FetchedHistory) -> FetchedHistory:
    return fetched


def _without(number: int) -> Callable[[FetchedHistory], FetchedHistory]:
    def remove(history: History) -> None:
        del history.events[number - 1]

    return _alter(remove)


async def _coded(fetched: FetchedHistory) -> FetchedHistory:
    """The same, as a client with a codec would have recorded it."""
    copy = altered(fetched, lambda _: None)
    for event in copy.history.events:
        for payload in payloads_within(event):
            payload.CopyFrom((await Backwards().encode([payload]))[0])
    return copy


ALTERATIONS: Mapping[str, Alteration] = {
    "an edited argument is named exactly": Alteration(
        "acting", _alter(_argument), "differs", 'activity, argument.name: recorded "child-9", now "child-1"'
    ),
    "an edited outcome is named exactly": Alteration(
        "answering", _alter(_outcome), "differs", "answer to an update, result.sum: recorded 7, now 1"
    ),
    "an edited result is named at its first consequence": Alteration(
        "acting", _alter(_result), "differs", 'activity, argument.name: recorded "child-1", now "child-9"'
    ),
    "a key that stands there twice is no JSON": Alteration("acting", _alter(_key_twice), "differs", "has a key twice"),
    "a history whose cause and consequence were edited to match agrees": Alteration(
        "acting", _alter(_both_sides), "replayed", ""
    ),
    "a cut inside what a task left": Alteration(
        "acting", _cut_at("workflow_properties_modified"), "torn", "search attributes should follow event 27"
    ),
    "a cut before the marker of a local activity": Alteration(
        "answering", _cut_at("workflow_execution_update_accepted"), "torn", "local activity should follow event 5"
    ),
    "a cut before the end": Alteration(
        "failing", _cut_at("workflow_task_completed"), "torn", "failure should follow event 4"
    ),
    "a history of another process": Alteration(
        "acting", _alter(_another_process), "torn", "event 1 is the start of another process"
    ),
    "a signal of a form that the code does not know": Alteration(
        "sitting", _alter(_signal_of_another_form), "failed", "1 signals can't be read by the code"
    ),
    "a missing event": Alteration("acting", _without(5), "torn", "event 6 stands where event 5 is expected"),
    "a missing beginning": Alteration("acting", _without(1), "torn", "event 2 stands where event 1 is expected"),
    "a run that has only been started": Alteration("acting", _first(1), "not_begun", ""),
    "a run whose first task is waiting": Alteration("acting", _first(2), "replayed", ""),
    "a run in the middle of a task": Alteration("acting", _cut_at("workflow_task_started", 3), "replayed", ""),
    "a run that waits for an activity": Alteration("acting", _cut_at("activity_task_started"), "replayed", ""),
    "a spoilt signal": Alteration(
        "sitting", _spoilt("workflow_execution_signaled"), "failed", "event 5: a payload is not"
    ),
    "a spoilt result": Alteration(
        "acting", _spoilt("activity_task_completed"), "failed", "event 16: a payload is not JSON"
    ),
    "a spoilt request": Alteration("answering", _spoilt("workflow_execution_update_accepted"), "differs", ""),
    "a spoilt beginning": Alteration(
        "acting", _spoilt("workflow_execution_started"), "failed", "event 1: a payload is not"
    ),
    "a history behind a codec": Alteration("acting", _untouched, "replayed", "", coded=True),
    "answers behind a codec": Alteration("answering", _untouched, "replayed", "", coded=True),
    "an edited argument behind a codec": Alteration(
        "acting", _alter(_argument), "differs", 'argument.name: recorded "child-9", now "child-1"', coded=True
    ),
}


@pytest.fixture(scope="module")
async def recorded(access: Access) -> Recorded:
    return await record(await access.client.engine("gmp"))


async def _prepared(one: Alteration, recorded: Recorded) -> FetchedHistory:
    made = one.alter(recorded[one.history])
    # Noted refusals carry payloads of their own, which this codec has not seen.
    return (await _coded(made))._replace(refusals=()) if one.coded else made


@pytest.fixture(scope="module")
async def results(recorded: Recorded) -> Mapping[str, Replayed]:
    ordered = sorted(ALTERATIONS, key=lambda name: ALTERATIONS[name].coded)
    wanted = [Wanted(await _prepared(ALTERATIONS[name], recorded), coded=ALTERATIONS[name].coded) for name in ordered]
    return {name: outcome.strict for name, outcome in zip(ordered, await tried(wanted), strict=True)}


@pytest.mark.parametrize("name", ALTERATIONS)
def test_what_was_done_to_a_history_is_said(name: str, results: Mapping[str, Replayed]) -> None:
    expected, result = ALTERATIONS[name], results[name]
    assert (result.verdict, expected.says in (result.reason or "")) == (expected.verdict, True), result.reason


def test_what_a_running_history_has_not_recorded_yet_is_counted_and_not_compared(
    results: Mapping[str, Replayed],
) -> None:
    compared = results["a run in the middle of a task"].compared
    assert compared is not None
    assert (compared.at_the_frontier > 0, compared.closed) == (True, False)


@pytest.mark.parametrize(("name", "event"), [("a spoilt signal", 5), ("a spoilt request", 5), ("a spoilt result", 16)])
def test_what_cannot_be_read_is_named_by_event(name: str, event: int, results: Mapping[str, Replayed]) -> None:
    compared = results[name].compared
    assert compared is not None
    assert f"event {event}: a payload is not JSON (JSONDecodeError)" in compared.undecodable


def test_a_signal_that_the_sdk_dropped_is_counted(results: Mapping[str, Replayed]) -> None:
    compared = results["a spoilt signal"].compared
    assert compared is not None
    assert compared.dropped_signals == 1
