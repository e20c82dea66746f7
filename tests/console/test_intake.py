import json
from datetime import UTC, datetime

import pytest

from nom.console.intake import IntakeUnreadable, Line, case_for, read_csv, read_json_lines

GOOD = {
    "reference": "sch-26-041",
    "received_at": "2026-03-02 09:20",
    "source": "education",
    "reporter": "teacher-1",
    "children": [{"id": "child-1", "age": 14, "in_care": True}],
    "suspects": ["suspect-1"],
    "allegations": [{"victim": "child-1", "offence": "SX03025"}],
}
HEADER = "reference,received_at,source,reporter,children,suspects,allegations"


def json_line(**changes: object) -> Line:
    fields = {name: value for name, value in {**GOOD, **changes}.items() if value is not None}
    (line,) = read_json_lines(json.dumps(fields).encode())
    return line


def csv_lines(*rows: str, header: str = HEADER) -> list[Line]:
    return list(read_csv("\n".join((header, *rows)).encode()))


def problems(line: Line) -> set[tuple[str, str]]:
    return {(problem.field.split(".")[0], problem.code) for problem in line.problems}


def test_json_lines_and_csv_say_the_same() -> None:
    row = "sch-26-041,2026-03-02 09:20,education,teacher-1,child-1:14:care,suspect-1,child-1=SX03025"
    (line,) = csv_lines(row)
    assert line.referral == json_line().referral
    assert line.number == 2


def test_local_time_is_summer_time_in_summer() -> None:
    summer = json_line(received_at="2026-07-02 09:20").referral
    assert summer is not None
    assert summer.received_at == datetime(2026, 7, 2, 8, 20, tzinfo=UTC)


@pytest.mark.parametrize("moment", ["2026-03-29 01:30", "2026-10-25 01:30", "2026-03-02", "yesterday", 20260302])
def test_a_moment_that_never_was_or_was_twice_or_is_none_is_refused(moment: object) -> None:
    assert problems(json_line(received_at=moment)) == {("received_at", "field_malformed")}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"source": "educaton"}, ("source", "field_malformed")),
        ({"source": None}, ("source", "field_missing")),
        ({"childern": []}, ("childern", "field_unknown")),
        ({"the child's name": 1}, ("line", "field_unknown")),
        ({"children": None, "suspects": None, "allegations": None}, ("children", "nobody")),
        ({"children": ["child-1", "child-1"]}, ("children", "twice")),
        ({"suspects": ["child-2"]}, ("suspects", "wrong_reference")),
        ({"children": [{"id": "child-1", "age": 414}]}, ("children", "field_malformed")),
        ({"children": [{"id": "Ann Example"}], "allegations": []}, ("children", "field_malformed")),
        ({"allegations": [{"victim": "child-1", "offence": "words"}]}, ("allegations", "unknown_offence")),
        ({"allegations": [{"victim": "child-9", "offence": "SX03025"}]}, ("allegations", "unknown_subject")),
    ],
)
def test_what_is_wrong_is_told_by_field(changes: dict[str, object], expected: tuple[str, str]) -> None:
    assert problems(json_line(**changes)) == {expected}


def test_a_line_that_cannot_be_read_leaves_the_others_alone() -> None:
    content = b"\xef\xbb\xbf" + b"\n".join(
        (json.dumps(GOOD).encode(), b"", b"not json", b"[1]", b'{"a": 1, "a": 2}', b"\xff", b"[" * 90_000)
    )
    lines = list(read_json_lines(content))
    assert lines[0].referral is not None
    assert [line.number for line in lines] == [1, 3, 4, 5, 6, 7]
    assert [line.problems[0].code for line in lines[1:]] == [
        "not_json",
        "not_json",
        "repeated_field",
        "not_utf8",
        "not_json",
    ]


def test_no_problem_repeats_what_the_file_says() -> None:
    secret = "Ann Example of 1 Example Road"
    for field in GOOD:
        for problem in json_line(**{field: secret, secret: secret}).problems:
            assert secret not in " ".join(problem)
    (line,) = read_json_lines(f'{{"words": "{secret}'.encode())
    assert all(secret not in " ".join(problem) for problem in line.problems)


def test_a_csv_row_that_cannot_be_read_is_told_by_the_line_where_it_begins() -> None:
    lines = csv_lines(
        '"two\nlines",2026-03-02 09:20,education,teacher-1,child-1,,',
        "too,few",
        "a-1,2026-03-02 09:20,education,teacher-1,child-1:14:fostered,,",
        "a-2,2026-03-02 09:20,education,teacher-1,child-1,,SX03025",
    )
    assert [line.number for line in lines] == [2, 4, 5, 6]
    assert [problems(line) for line in lines] == [
        set(),
        {("line", "wrong_cells")},
        {("children", "unknown_mark")},
        {("allegations", "allegation_malformed")},
    ]


@pytest.mark.parametrize(
    ("header", "words"),
    [
        ("reference,received_at", "missing: source"),
        (f"{HEADER},name", "column"),
        (f"{HEADER},source", "twice"),
        ("", "missing"),
    ],
)
def test_a_csv_file_without_the_documented_columns_is_refused_whole(header: str, words: str) -> None:
    with pytest.raises(IntakeUnreadable, match=words):
        csv_lines("a", header=header)


@pytest.mark.parametrize("reference", ["SCH-26-041", " sch-26-041 "])
def test_a_safe_reference_names_the_case(reference: str) -> None:
    assert case_for("GMP", reference) == "gmp/sch-26-041"


@pytest.mark.parametrize("reference", ["Ann Example", "ann-example", "letter 7", "a/7", "7" * 41, "é7"])
def test_any_other_reference_is_replaced_by_a_digest_of_it(reference: str) -> None:
    case = case_for("GMP", reference)
    assert case.startswith("gmp/ref-")
    assert case == case_for("GMP", reference.upper())
    assert case != case_for("GMP", f"{reference}1")
    assert reference.lower() not in case
