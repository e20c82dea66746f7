"""A later version of the calendar, as data would bring it: made by the snapshot, read as packs are read, adopted."""

import shutil
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from importlib.resources import files
from pathlib import Path
from typing import Any, cast

import pytest
from govuk_bank_holidays.bank_holidays import BankHolidays

from nom.console.calendar_snapshot import main
from nom.contracts.clocks import Clock, ClockRecalculated, Unit
from nom.contracts.events import EventBase
from nom.contracts.every_process import AdoptPolicy, PolicyVersionAdopted
from nom.contracts.policy.calendar import Calendar
from nom.contracts.policy.loader import all_calendars, read_packs
from nom.workflows.model import designation, referral, strategy_meeting
from nom.workflows.model.process import Facts, ProcessModel, ProcessState
from tests.workflows.model import designation_acts, meeting_acts
from tests.workflows.model.kit import POLICY, Request, given, outcome_of, request
from tests.workflows.model.test_referral import STREAM, receive

PROCLAIMED = date(2026, 3, 9)
"""A Monday that is no holiday. Nobody has proclaimed it: it stands for one that somebody will."""
LATER = "england-and-wales-2"
OPENED = (
    (referral.MODEL, STREAM, (receive(at="2026-03-06 09:20"),)),
    (strategy_meeting.MODEL, meeting_acts.STREAM, (meeting_acts.opening(), *meeting_acts.TO_THE_DECISION)),
    (designation.MODEL, designation_acts.STREAM, (designation_acts.nomination(),)),
)


@pytest.fixture
def later(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Facts:
    """A pack of the same rules that pins a later calendar: the list that gov.uk gives, with one day more."""
    listed = cast("Callable[..., list[dict[str, Any]]]", BankHolidays.get_holidays)

    def with_one_more(library: BankHolidays, **asked: Any) -> list[dict[str, Any]]:  # noqa: ANN401 - the library's own
        return sorted([*listed(library, **asked), {"date": PROCLAIMED, "title": "A day of mourning"}], key=by_day)

    monkeypatch.setattr(BankHolidays, "get_holidays", with_one_more)
    main(str(tmp_path), LATER)
    calendar = Calendar.model_validate_json((tmp_path / f"{LATER}.json").read_text(encoding="utf-8"))
    published = {item.version: item for item in all_calendars()}
    packs = tmp_path / "packs"
    shutil.copytree(str(files("nom.contracts.policy").joinpath("packs")), packs)
    source = (packs / f"{POLICY.version}.yaml").read_text(encoding="utf-8")
    source = source.replace("england-and-wales-1", LATER).replace(POLICY.version, "eng-police-2026.9")
    (packs / "eng-police-2026.9.yaml").write_text(source, encoding="utf-8")
    read = read_packs(packs, {**published, LATER: calendar})
    pack = next(pack for pack in read if pack.version == "eng-police-2026.9")
    assert pack.calendar == calendar.ref
    return Facts(pack, calendar)


def by_day(row: dict[str, Any]) -> date:
    return row["date"]


def adopted(
    model: ProcessModel[Any], stream: str, acts: tuple[Request, ...], later: Facts
) -> tuple[ProcessState, ProcessState, tuple[EventBase, ...]]:
    """The state before, the state after, and the events of adopting the later pack."""
    facts = Facts(POLICY, next(item for item in all_calendars() if item.ref == POLICY.calendar), later)
    before = given(model, stream, *acts)
    last = max(asked.occurred_at for asked in acts).strftime("%Y-%m-%d %H:%M")
    asked = request(
        stream, "head_of_region", AdoptPolicy(to=later.policy.ref()), last, reason="a holiday was proclaimed"
    )
    after, events = outcome_of(model, before, asked, facts)
    return before, after, events


@pytest.mark.parametrize(("model", "stream", "acts"), OPENED, ids=lambda part: getattr(part, "kind", ""))
def test_every_open_clock_that_a_new_holiday_touches_records_its_recalculation(
    model: ProcessModel[Any], stream: str, acts: tuple[Request, ...], later: Facts
) -> None:
    before, after, events = adopted(model, stream, acts, later)
    assert isinstance(events[0], PolicyVersionAdopted)
    moved = {event.clock_id: event for event in events if isinstance(event, ClockRecalculated)}
    touched = {clock.id for clock in before.clocks if clock.is_open and counts_the_day(clock)}
    assert set(moved) == touched
    assert touched, "no clock of this process counts the day: the test shows nothing"
    for clock in before.clocks:
        now = after.clock(clock.id)
        assert now is not None
        expected = next_working_day(clock.last_day, later.calendar) if clock.id in touched else clock.last_day
        assert now.last_day == expected


def test_the_recalculation_names_the_calendar_the_day_that_is_skipped_and_what_it_was(later: Facts) -> None:
    _, _, events = adopted(*OPENED[0], later)
    moved = next(event for event in events if isinstance(event, ClockRecalculated) and event.rule == "WT1")
    assert (moved.was_last_day, moved.last_day) == (PROCLAIMED, date(2026, 3, 10))
    assert (moved.working.calendar, moved.working.calendar_digest) == (LATER, later.calendar.ref.content_digest)
    assert any("A day of mourning" in words for words in moved.working.skipped)
    assert LATER in moved.because


def test_a_process_that_did_not_adopt_it_keeps_the_calendar_that_it_pinned(later: Facts) -> None:
    before, _, _ = adopted(*OPENED[0], later)
    assert before.opening is not None
    assert before.opening.policy == POLICY.ref()
    assert [clock.last_day for clock in before.clocks if clock.rule == "WT1"] == [PROCLAIMED]


def test_a_published_calendar_is_not_written_over(tmp_path: Path) -> None:
    main(str(tmp_path), LATER)
    with pytest.raises(FileExistsError):
        main(str(tmp_path), LATER)


def counts_the_day(clock: Clock) -> bool:
    """Whether the clock counts working days and the new holiday is one of those it counted."""
    rule = POLICY.clock(clock.rule)
    if rule.unit is not Unit.WORKING_DAY or clock.last_day is None:
        return False
    return in_london(clock.started_at) < PROCLAIMED <= clock.last_day


def in_london(moment: datetime) -> date:
    """The day, in winter, when London keeps the time of UTC."""
    return moment.date()


def next_working_day(day: date | None, calendar: Calendar) -> date:
    assert day is not None
    return next(after for after in days_after(day) if calendar.is_working_day(after))


def days_after(day: date) -> Iterator[date]:
    while True:
        day += timedelta(days=1)
        yield day
