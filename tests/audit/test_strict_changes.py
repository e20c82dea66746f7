"""Every change of the code that behaves otherwise is found in a real history, by field; no other change is."""

from collections.abc import Mapping
from typing import NamedTuple

import pytest

from nom.console.access import Access
from tests.audit.recording import Recorded, record
from tests.audit.specimen_replayer import Outcome
from tests.audit.trying import Wanted, tried

pytestmark = pytest.mark.engine


class Change(NamedTuple):
    """A change, the history that shows it, and what the first difference says."""

    change: str
    history: str
    says: str


def _of_an_argument(of: str, history: str, field: str) -> tuple[Change, ...]:
    """What can be changed in an argument; `field` is what it is called where it is compared."""
    return (
        Change(f"{of}: a value", history, f'{field}.name: recorded "child-1", now "child-2"'),
        Change(f"{of}: a microsecond", history, f"{field}.at: recorded"),
        Change(f"{of}: true for one", history, f"{field}.count: recorded 1, now true"),
        Change(f"{of}: one point nought for one", history, f"{field}.weight: recorded 1, now 1.0"),
        Change(f"{of}: an order of parts", history, f'{field}.parts[0]: recorded "a", now "b"'),
        Change(f"{of}: an extra null key", history, f"{field}.extra: recorded nothing, now null"),
    )


ARGUMENTS = (
    ("argument of an activity", "acting", "activity, argument"),
    ("argument of a local activity", "acting, with arguments", "local activity, argument"),
    ("input of a child", "reaching", "child workflow, input"),
    ("argument of a signal", "reaching", "signal to another workflow, argument"),
    ("argument of a signal elsewhere", "reaching", "signal to another workflow, argument"),
    ("input of an operation", "calling", "Nexus operation, input"),
)
MUST_FIND = (
    *(change for argument in ARGUMENTS for change in _of_an_argument(*argument)),
    Change("the queue of an activity", "acting", "activity, task queue"),
    Change("the whole time of an activity", "acting", "activity, schedule_to_close_timeout"),
    Change("the waiting time of an activity", "acting", "activity, schedule_to_start_timeout"),
    Change("the working time of an activity", "acting under a run timeout", "activity, start_to_close_timeout"),
    Change("the heartbeat of an activity", "acting", "activity, heartbeat_timeout"),
    Change("the attempts of an activity", "acting", "retry_policy.maximum_attempts"),
    Change("the longest interval of an activity", "acting", "retry_policy.maximum_interval"),
    Change("the coefficient of an activity", "acting", "retry_policy.backoff_coefficient"),
    Change("the fatal errors of an activity", "acting", "retry_policy.non_retryable_error_types"),
    Change("the priority of an activity", "acting", "priority.priority_key: recorded 2, now 3"),
    Change("the summary of an activity", "acting", "activity, summary"),
    Change("a memo", "acting", "memo, memo.note"),
    Change("a search attribute", "acting", 'search attribute.nomStage: recorded "open", now "closed"'),
    Change("a dropped search attribute", "acting", "search attribute.nomBreached: recorded 2, now nothing"),
    Change("a result", "acting", 'completion, result.name: recorded "child-1", now "suspect-1"'),
    Change("the duration of a timer", "waiting", "timer, duration: recorded 20000000, now 20001000"),
    Change("the summary of a timer", "waiting", "timer, summary"),
    Change("the deadline of a wait", "waiting", "timer, duration: recorded 30000000, now 40000000"),
    Change("the whole time of a child", "reaching", "workflow_execution_timeout"),
    Change("the run time of a child", "reaching", "workflow_run_timeout"),
    Change("the task time of a child", "reaching", "workflow_task_timeout"),
    Change("the reuse of a child's id", "reaching", "workflow_id_reuse_policy"),
    Change("what becomes of a child", "reaching", "parent_close_policy"),
    Change("the attempts of a child", "reaching", "retry_policy.maximum_attempts"),
    Change("the memo of a child", "reaching", "memo.note"),
    Change("the attributes of a child", "reaching", "search attribute.nomStage"),
    Change("the summary of a child", "reaching", "child workflow, summary"),
    Change("the priority of a child", "reaching", "priority.priority_key"),
    Change("the name of a signal", "reaching", 'signal: recorded "told", now "shown"'),
    Change("whom to cancel", "reaching", "cancellation of another workflow, workflow"),
    Change("the time of an operation", "calling", "schedule_to_close_timeout"),
    Change("a header of an operation", "calling", "header.nom-purpose"),
    Change("the summary of an operation", "calling", "Nexus operation, summary"),
    Change("the result of an update", "answering", "result.sum: recorded 1, now 2"),
    Change("how an update fails: message", "answering", "failure.message"),
    Change("how an update fails: details", "answering", "details.payloads[0].number: recorded 13, now 12"),
    Change("how an update fails: type", "answering", "application_failure_info.type"),
    Change("the cause of a failure", "failing", "failure.cause.message"),
    Change("the message of a failure", "failing", "failure.message"),
    Change("the details of a failure", "failing", "details.payloads[0].step: recorded 4, now 5"),
    Change("the type of a failure", "failing", "application_failure_info.type"),
    Change("whether a failure is final", "failing", "non_retryable: recorded true, now false"),
    Change("what is taken along", "continuing", "input.turn: recorded 1, now 2"),
    Change("the memo that is taken along", "continuing", "continuing as new, memo.note"),
    Change("the run time of the next run", "continuing", "workflow_run_timeout"),
    Change("the task time of the next run", "continuing", "workflow_task_timeout"),
    Change("the attributes that are taken along", "continuing", "search attribute.nomStage"),
    Change("the queue of the next run", "continuing with nothing set", "task queue"),
    Change("a stricter validator", "answering", 'an update was accepted, and the code refuses it: "too_few"'),
    Change("a stricter validator", "reset", "an update was accepted, and the code refuses it"),
    Change("a looser validator", "answering, running", "an update was refused (taken), and now: accepted"),
    Change("another code of a refusal", "answering", 'an update was refused (taken), and now: refused, "gone"'),
)
"""What the SDK's replayer does not find."""
BOTH_FIND = (
    Change("the id of an activity", "acting", 'activity, id: recorded "act-1", now "act-2"'),
    Change("an extra activity", "acting", "memo is recorded, and the code does not give it (activity stands there)"),
    Change("the id of a child", "reaching", "child workflow, id"),
    Change("the type of a local activity", "acting", "local activity, type"),
    Change("the id of a patch", "acting", "patch is recorded, and the code does not give it"),
    Change("a patch that was not deprecated is gone", "acting", "patch is recorded"),
    Change("a cancellation that is gone", "waiting", "cancellation of a timer is recorded"),
    Change("a cancelled workflow that completes", "cancelled", "cancellation is recorded"),
)
MUST_PASS = (
    ("a query handler", "sitting"),
    ("a new patched branch", "acting"),
    ("a deprecated patch is gone", "acting"),
    ("a refactoring", "acting"),
    ("a result: another order of keys", "acting"),
    *((f"{of}: another order of keys", history) for of, history, _ in ARGUMENTS),
)

Outcomes = Mapping[tuple[str, str], Outcome]


@pytest.fixture(scope="module")
async def recorded(access: Access) -> Recorded:
    return await record(await access.client.engine("gmp"))


@pytest.fixture(scope="module")
async def outcomes(recorded: Recorded) -> Outcomes:
    wanted = [("", name) for name in recorded]
    wanted += [(change.change, change.history) for change in (*MUST_FIND, *BOTH_FIND)]
    wanted += MUST_PASS
    wanted.append(("a local activity is gone", "acting"))
    came = await tried([Wanted(recorded[history], change) for change, history in wanted])
    return dict(zip(wanted, came, strict=True))


def test_every_history_agrees_with_the_code_that_made_it(outcomes: Outcomes, recorded: Recorded) -> None:
    untouched = {name: outcomes["", name].strict for name in recorded}
    assert {name: (one.verdict, one.reason) for name, one in untouched.items()} == dict.fromkeys(
        recorded, ("replayed", None)
    )
    compared = {name: one.compared for name, one in untouched.items()}
    assert all(one is not None and (one.matched > 0 or name == "running") for name, one in compared.items())


@pytest.mark.parametrize("change", MUST_FIND, ids=lambda change: f"{change.change} ({change.history})")
def test_a_change_that_the_sdk_does_not_see_is_found_and_named(change: Change, outcomes: Outcomes) -> None:
    outcome = outcomes[change.change, change.history]
    assert outcome.strict.verdict == "differs"
    assert outcome.strict.reason is not None
    assert change.says in outcome.strict.reason
    assert outcome.sdk is None


@pytest.mark.parametrize("change", BOTH_FIND, ids=lambda change: change.change)
def test_a_change_that_the_sdk_sees_is_named_by_event_as_well(change: Change, outcomes: Outcomes) -> None:
    outcome = outcomes[change.change, change.history]
    assert outcome.sdk is not None
    assert outcome.strict.verdict == "differs"
    assert outcome.strict.reason is not None
    assert change.says in outcome.strict.reason


@pytest.mark.parametrize(("change", "history"), MUST_PASS)
def test_a_change_that_behaves_the_same_passes(change: str, history: str, outcomes: Outcomes) -> None:
    strict = outcomes[change, history].strict
    assert (strict.verdict, strict.reason) == ("replayed", None)


def test_a_local_activity_that_is_gone_is_what_the_sdk_says(outcomes: Outcomes) -> None:
    assert outcomes["a local activity is gone", "acting"].strict.verdict == "failed"


def test_every_refusal_that_left_no_event_is_asked_for_again(outcomes: Outcomes, recorded: Recorded) -> None:
    for name in ("answering", "answering, running"):
        compared = outcomes["", name].strict.compared
        assert compared is not None
        assert compared.differences == ()
        left_no_event = [noted for noted in recorded[name].refusals if not noted.accepted]
        assert compared.refusals == len(left_no_event) == 2
        assert len(recorded[name].refusals) == 3, "one was refused after it was accepted"


def test_a_change_leaves_the_comparison_going_on_behind_it(outcomes: Outcomes) -> None:
    compared = outcomes["the result of an update", "answering"].strict.compared
    assert compared is not None
    assert [difference.field for difference in compared.differences] == ["result.sum"] * 3


def test_arguments_of_local_activities_are_counted_where_the_history_does_not_hold_them(outcomes: Outcomes) -> None:
    compared = [outcomes["", name].strict.compared for name in ("acting", "acting, with arguments")]
    assert [one.not_comparable for one in compared if one] == [1, 0]
