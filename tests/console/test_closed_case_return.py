from datetime import UTC, datetime
from importlib.resources import files

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nom.console.closed_case_return import COLUMNS, Row, read_return
from nom.console.closed_cases import prepared
from nom.console.intake import IntakeUnreadable
from nom.console.people import actor

HEADER = ",".join(name for name in COLUMNS if name != "jurisdiction")
GOOD = "SYP,SYP/2012/11820,SX03001,2012-07-30,cps,15,14,3,unreliable witness"
RECEIVED = datetime(2026, 3, 2, 9, 20, tzinfo=UTC)
COORDINATOR = actor("coordinator-1", "NCA")
SCENARIO = files("nom.console").joinpath("scenarios/06-closed-cases.csv")


def rows(*lines: str, header: str = HEADER) -> list[Row]:
    return list(read_return("\n".join((header, *lines)).encode()))


def refusals(*lines: str, header: str = HEADER) -> dict[int, list[tuple[str, str]]]:
    _, refused = prepared(rows(*lines, header=header), COORDINATOR, RECEIVED)
    return {row.line: [(problem.field, problem.code) for problem in row.problems] for row in refused}


def with_cell(column: str, value: str) -> str:
    cells: list[str] = [*GOOD.split(",")]
    cells[HEADER.split(",").index(column)] = value
    return ",".join(cells)


def test_a_good_row_is_understood() -> None:
    (row,) = rows(GOOD)
    assert row.closed_case is not None
    assert (row.number, row.closed_case.force, row.closed_case.suspects) == (2, "SYP", 3)


@pytest.mark.parametrize(
    ("column", "value", "code"),
    [
        ("force", "ZZZ", "unknown_force"),
        ("force", "NCA", "unknown_force"),
        ("force", "", "field_missing"),
        ("force_reference", "", "reference_missing"),
        ("force_reference", "9" * 81, "field_malformed"),
        ("offence_code", "SX99999", "unknown_offence"),
        ("decision_date", "2009-12-31", "before_window"),
        ("decision_date", "2025-04-01", "after_window"),
        ("decision_date", "2018-02-30", "no_such_date"),
        ("decision_date", "30/07/2012", "field_malformed"),
        ("decided_by", "court", "field_malformed"),
        ("outcome_code", "1", "not_a_closure"),
        ("outcome_code", "99", "unknown_outcome"),
        ("victim_age_then", "-1", "negative_number"),
        ("victim_age_then", "414", "field_malformed"),
        ("victim_age_then", "fourteen", "field_malformed"),
        ("suspects", "-1", "negative_number"),
        ("suspects", "", "field_missing"),
    ],
)
def test_what_is_wrong_is_told_by_line_and_column(column: str, value: str, code: str) -> None:
    assert refusals(with_cell(column, value)) == {2: [(column, code)]}


@pytest.mark.parametrize("line", [with_cell("victim_age_then", ""), with_cell("reason_text", ""), GOOD.lower()])
def test_what_is_not_needed_may_be_left_out(line: str) -> None:
    line = line.replace("sx03001", "SX03001")
    assert refusals(line) == {}


def test_every_problem_of_a_row_is_told() -> None:
    assert len(refusals("ZZZ,,SX03001,2018-02-30,police,15,-1,-1,")[2]) == 5


def test_a_row_that_stands_there_twice_counts_once_and_the_first_that_is_fit() -> None:
    unfit = with_cell("outcome_code", "1")
    assert refusals(unfit, GOOD, GOOD) == {2: [("outcome_code", "not_a_closure")], 4: [("line", "twice_in_file")]}


def test_a_force_of_both_countries_says_whose_law_applies() -> None:
    line = with_cell("force", "BTP")
    assert refusals(line) == {2: [("jurisdiction", "jurisdiction_missing")]}
    assert refusals(f"{line},WAL", header=f"{HEADER},jurisdiction") == {}
    assert refusals(f"{line},SCO", header=f"{HEADER},jurisdiction") == {2: [("jurisdiction", "field_malformed")]}


def test_a_row_that_cannot_be_read_leaves_the_others_alone() -> None:
    assert refusals("a,b", GOOD, '"open') == {2: [("line", "wrong_cells")], 4: [("line", "not_csv")]}


@pytest.mark.parametrize("header", ["", "force", f"{HEADER},name", f"{HEADER},force"])
def test_a_file_without_the_documented_columns_is_refused_whole(header: str) -> None:
    with pytest.raises(IntakeUnreadable):
        rows(GOOD, header=header)


def test_no_problem_repeats_what_the_file_says() -> None:
    secret = "Ann Example"
    for column in HEADER.split(","):
        _, refused = prepared(rows(with_cell(column, secret)), COORDINATOR, RECEIVED)
        assert all(secret not in " ".join(problem) for row in refused for problem in row.problems)


def test_the_worked_return_has_exactly_these_refusals_and_this_order() -> None:
    ready, refused = prepared(read_return(SCENARIO.read_bytes()), COORDINATOR, RECEIVED)
    assert {row.line: row.problems[0].code for row in refused} == {
        10: "unknown_force",
        11: "before_window",
        14: "after_window",
        15: "unknown_offence",
        16: "no_such_date",
        17: "reference_missing",
        18: "not_a_closure",
        19: "negative_number",
        20: "twice_in_file",
    }
    assert [item.line for item in ready] == [12, 2, 3, 7, 21, 4, 5, 6, 8, 9, 13]
    assert [item.band for item in ready] == ["rape"] * 5 + ["other"] * 6


OFFENCES = st.sampled_from(["SX03001", "SX03013A", "SX03025", "SX03238", "SX99999"])
DAYS = st.dates(datetime(2009, 11, 1).date(), datetime(2025, 6, 1).date())  # noqa: DTZ001 - only the day is used


@given(st.lists(st.tuples(st.integers(1, 5), OFFENCES, DAYS), max_size=25))
def test_whatever_the_return_each_row_is_given_or_refused_once_and_rape_comes_first(
    cases: list[tuple[int, str, object]],
) -> None:
    lines = [f"GMP,{number},{offence},{day},police,15,14,1,none" for number, offence, day in cases]
    ready, refused = prepared(rows(*lines), COORDINATOR, RECEIVED)
    assert sorted([*(item.line for item in ready), *(row.line for row in refused)]) == list(range(2, len(lines) + 2))
    assert len({item.request.stream for item in ready}) == len(ready)
    assert len({item.request.command_id for item in ready}) == len(ready)
    bands = [item.band for item in ready]
    assert bands == sorted(bands, key=("rape", "other").index)
    again, _ = prepared(rows(*lines), COORDINATOR, RECEIVED)
    assert [item.request.content_digest() for item in again] == [item.request.content_digest() for item in ready]
