from datetime import UTC, datetime, timedelta

from nom.activities.derived import BoardReport
from nom.console.board import OLD_AFTER, board_of
from nom.console.watch import Watch
from nom.contracts.ids import ProcessKind
from nom.contracts.services import ForceStatus, OverdueClock, ProcessCount

NOW = datetime(2026, 3, 9, 12, 0, tzinfo=UTC)
EARLY = OverdueClock(stream="gmp/26-1/triage-1", rule="TR1", due_at=NOW - timedelta(days=2))
LATER = OverdueClock(stream="gmp/26-2/triage-1", rule="TR1", due_at=NOW - timedelta(days=1))


def a_status(force: str, *overdue: OverdueClock, refused: int = 0) -> ForceStatus:
    count = ProcessCount(
        process=ProcessKind.TRIAGE,
        open=3,
        ended=1,
        due=2,
        overdue=len(overdue),
        breached=len(overdue),
        late=tuple(clock.stream for clock in overdue),
        overdue_clocks=overdue,
    )
    return ForceStatus(
        force=force,
        as_of_position=7,
        as_of=NOW,
        next_due_at=None,
        processes=(count,),
        hand_offs_waiting=0,
        hand_offs_refused=refused,
    )


def a_report(status: ForceStatus, age: timedelta = timedelta(seconds=5)) -> BoardReport:
    return BoardReport(
        force=status.force,
        as_of_position=status.as_of_position,
        reported_at=NOW - age,
        received_at=NOW - age,
        report=status.model_dump(mode="json"),
    )


def test_what_is_late_stands_first_and_the_longest_overdue_before_the_others() -> None:
    board = board_of([a_report(a_status("WYP")), a_report(a_status("GMP", LATER, EARLY))], ("gmp", "wyp", "nca"), NOW)
    assert [row.force for row in board.processes] == ["GMP", "WYP"]
    assert board.late == (EARLY, LATER)


def test_a_force_that_never_reported_and_an_old_report_are_marked() -> None:
    reports = [a_report(a_status("GMP")), a_report(a_status("WYP"), OLD_AFTER + timedelta(seconds=1))]
    board = board_of(reports, ("gmp", "wyp", "nfk", "nca"), NOW)
    assert {row.force: row.mark for row in board.forces} == {"GMP": None, "WYP": "old", "NFK": "never reported"}


def test_a_refused_hand_off_brings_its_force_to_the_top() -> None:
    reports = [a_report(a_status("GMP")), a_report(a_status("WYP", refused=1))]
    assert board_of(reports, ("gmp", "wyp"), NOW).forces[0].force == "WYP"


def test_the_watch_tells_each_trouble_once() -> None:
    watch = Watch()
    assert [trouble.event for trouble in watch.look([a_status("GMP", EARLY)])] == ["deadline_missed"]
    assert watch.look([a_status("GMP", EARLY)]) == ()
    news = watch.look([a_status("GMP", EARLY, LATER, refused=2)])
    assert [trouble.event for trouble in news] == ["deadline_missed", "hand_off_refused"]
    assert news[0].fields["process"] == LATER.stream
