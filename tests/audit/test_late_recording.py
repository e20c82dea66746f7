"""What counts as recorded late is said by the pack that the record pins, and by nothing else."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nom.audit.late_recording import ENTERED_LATE_AFTER, Moments, entered_late_by, recorded_late_by
from nom.console.lateness import late_in_words
from nom.console.people import actor
from nom.contracts.actors import SYSTEM
from nom.contracts.envelope import PolicyRef
from nom.contracts.policy import loader
from nom.contracts.policy.loader import PolicyNotFound, pack_of_version, use_overlays

HAPPENED = datetime(2026, 3, 2, 9, 20, tzinfo=UTC)
PACK = pack_of_version("eng-police-2026.1")
TOLERANCE = timedelta(seconds=PACK.thresholds.late_recording_tolerance_seconds)
TICK = timedelta(microseconds=1)
LACKING = PolicyRef(version="eng-police-1999.1", digest="0" * 64)
OVERLAY = "overlay: gmp-2026.1\nforce: GMP\npack: eng-police-2026.1\nbasis: Local standard\n"
gaps = st.timedeltas(min_value=timedelta(0), max_value=timedelta(days=400))


def act(
    received_after: timedelta, recorded_after: timedelta = timedelta(0), policy: PolicyRef | None = None
) -> Moments:
    received = HAPPENED + received_after
    officer = actor("duty-officer-1", "GMP")
    return Moments(HAPPENED, received, received + recorded_after, officer, policy or PACK.ref())


@given(received=gaps, recorded=gaps)
def test_the_two_gaps_are_looked_at_by_themselves(received: timedelta, recorded: timedelta) -> None:
    looked_at = act(received, recorded)
    assert recorded_late_by(looked_at) == (recorded if recorded > TOLERANCE else None)
    assert entered_late_by(looked_at) == (received if received > ENTERED_LATE_AFTER else None)


def test_exactly_the_tolerance_is_in_time() -> None:
    assert recorded_late_by(act(TOLERANCE, TOLERANCE)) is None
    assert recorded_late_by(act(timedelta(0), TOLERANCE + TICK)) == TOLERANCE + TICK
    assert entered_late_by(act(ENTERED_LATE_AFTER)) is None
    assert entered_late_by(act(ENTERED_LATE_AFTER + TICK)) == ENTERED_LATE_AFTER + TICK


def test_a_force_that_varies_the_tolerance_is_judged_by_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loader, "_overlays_in_use", [])
    varied = "threshold_rules:\n  late_recording_tolerance_seconds: {value: 3600}\n"
    (tmp_path / "gmp.yaml").write_text(OVERLAY + varied, encoding="utf-8")
    (pack,) = use_overlays(tmp_path)
    after, at_once = timedelta(minutes=50), timedelta(0)
    assert recorded_late_by(act(at_once, after, pack.ref())) is None
    assert recorded_late_by(act(at_once, after)) == after
    assert recorded_late_by(act(at_once, timedelta(minutes=61), pack.ref())) == timedelta(minutes=61)


def test_what_the_system_does_by_itself_is_never_late() -> None:
    late = act(timedelta(days=9), timedelta(days=9))._replace(actor=SYSTEM)
    assert (entered_late_by(late), recorded_late_by(late)) == (None, None)


def test_under_a_pack_that_is_not_here_nothing_is_called_in_time() -> None:
    with pytest.raises(PolicyNotFound):
        recorded_late_by(act(TOLERANCE, policy=LACKING))
    words = late_in_words(act(TOLERANCE, policy=LACKING))
    assert words == "whether it was recorded late can't be told without the pack eng-police-1999.1"


@pytest.mark.parametrize(
    ("received", "recorded", "words"),
    [
        (timedelta(hours=23), timedelta(minutes=3), None),
        (timedelta(days=3), timedelta(minutes=3), "entered 3 d later"),
        (timedelta(hours=1), timedelta(minutes=12), "recorded 12 min after it was received"),
        (timedelta(days=3), timedelta(hours=2), "entered 3 d later; recorded 2 h after it was received"),
    ],
)
def test_a_reader_is_told_how_much_later(received: timedelta, recorded: timedelta, words: str | None) -> None:
    assert late_in_words(act(received, recorded)) == words
