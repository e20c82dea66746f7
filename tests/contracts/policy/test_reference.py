from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nom.contracts.policy import reference, tables
from nom.contracts.policy.reference import Section

TODAY = date(2026, 3, 2)
BEFORE_REFORM = date(2022, 6, 27)
SINCE_REFORM = date(2022, 6, 28)


def codes(first: int, last: int) -> list[str]:
    return [code for number in range(first, last + 1) if (code := f"SX03{number:03d}") in tables.offences()]


def test_every_table_is_whole() -> None:
    assert len(tables.forces()) == 45
    assert len(tables.offences()) == 633
    assert len(tables.outcomes()) == 13
    assert len(tables.observed_ethnicities()) == 7
    assert len(tables.self_defined_ethnicities()) == 20


def test_a_force_is_found_by_its_short_name() -> None:
    found = reference.force("GMP")
    assert found is not None
    assert (found.code, found.region, found.jurisdiction) == ("06", "NWROCU", "ENG")
    assert reference.force("XXX") is None


def test_every_force_has_its_own_code() -> None:
    assert len({row.code for row in tables.forces().values()}) == 45


def test_an_outcome_says_whether_it_is_no_further_action() -> None:
    nfa = {code for code, row in tables.outcomes().items() if row.nfa_class}
    assert nfa == {"14", "15", "16", "17", "18", "20", "21"}
    assert reference.outcome("99") is None


def test_an_offence_is_found_with_its_final_letter() -> None:
    full = reference.offence("SX03025")
    assert full is not None
    assert full.recordable
    assert reference.offence("SX03999") is None
    assert reference.offence("SX03999A") is None
    assert reference.offence("nonsense") is None
    assert reference.offence("SX03025A\n") is None


def test_a_final_letter_that_the_table_does_not_list_is_read_all_the_same() -> None:
    assert "SX03025I" not in tables.offences()
    incited = reference.offence("SX03025I")
    full = reference.offence("SX03025")
    assert incited is not None
    assert full is not None
    assert incited.cjs_code == "SX03025I"
    assert incited.title == f"Incite: {full.title}"


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("SX03001A", "attempt"),
        ("SX03001B", "aid_and_abet"),
        ("COML056C", "conspiracy"),
        ("SX03001I", "incitement"),
        ("SX03001", None),
        ("SX03001X", None),
    ],
)
def test_the_final_letter_says_what_was_done(code: str, kind: str | None) -> None:
    assert reference.inchoate(code) == kind


@pytest.mark.parametrize(
    ("first", "last", "section"),
    [
        (1, 4, "1"),
        (5, 6, "2"),
        (7, 8, "3"),
        (9, 12, "4"),
        (13, 14, "5"),
        (15, 16, "6"),
        (17, 18, "7"),
        (19, 22, "8"),
        (23, 26, "9"),
        (27, 30, "10"),
        (31, 32, "11"),
        (33, 34, "12"),
        (35, 46, "13"),
        (47, 47, "14"),
        (48, 49, "15"),
        (102, 111, "47"),
        (112, 113, "48"),
        (114, 115, "49"),
        (116, 117, "50"),
        (123, 123, "61"),
        (156, 159, "9"),
        (160, 163, "10"),
        (164, 171, "13"),
        (201, 201, "62"),
        (224, 224, "15A"),
        (225, 226, "15"),
        (227, 228, "50"),
        (229, 230, "48"),
        (231, 232, "49"),
        (235, 241, "14"),
    ],
)
def test_codes_of_the_act_of_2003_belong_to_their_sections(first: int, last: int, section: str) -> None:
    expected = Section(act="SOA2003", section=section)
    assert codes(first, last)
    assert [code for code in codes(first, last) if reference.section_of(code) != expected] == []
    assert reference.section_of(f"SX03{first:03d}A") == expected


def test_codes_of_other_acts_belong_to_their_sections() -> None:
    assert reference.section_of("MS15003") == Section(act="MSA2015", section="2")
    assert reference.section_of("PK78004") == Section(act="PCA1978", section="1")
    assert reference.section_of("CJ88115") == Section(act="CJA1988", section="160")
    assert reference.section_of("CH84005") == Section(act="CAA1984", section="2")
    assert reference.section_of("COML056") == Section(act="COMMON_LAW", section="")
    assert reference.section_of("SX56001") is None


def test_what_a_code_stands_for_agrees_with_its_title_and_no_code_stands_for_two_things() -> None:
    for code, row in tables.offences().items():
        found = [
            meaning for meaning in tables.meanings() if meaning.first <= reference.full_offence(code) <= meaning.last
        ]
        assert len(found) <= 1
        title = row.title.lower()
        if not found or reference.inchoate(code):
            continue
        if "girl under 13" in title or "boy under 13" in title or "child under 13" in title:
            assert (found[0].youngest, found[0].oldest) == (None, 12), code
        if "13 to 15" in title or "13 / 14 / 15" in title:
            assert (found[0].youngest, found[0].oldest) == (13, 15), code
        if "no penetration" in title or "non penetrative" in title:
            assert found[0].penetrative is not True, code
        if "engage in penetrative" in title:
            assert found[0].penetrative is True, code


@pytest.mark.parametrize(
    ("code", "answer"),
    [
        ("SX03001", "yes"),
        ("SX03009", "yes"),
        ("SX03007", "yes"),
        ("SX03019", "yes"),
        ("SX03025", "yes"),
        ("SX03158", "yes"),
        ("SX03032", "yes"),
        ("SX03225", "yes"),
        ("SX03113", "yes"),
        ("SX03230", "yes"),
        ("SX03232", "yes"),
        ("SX03228", "yes"),
        ("SX03123", "yes"),
        ("SX03124", "yes"),
        ("MS15001", "yes"),
        ("MS15003", "yes"),
        ("PK78001", "yes"),
        ("CH84003", "yes"),
        ("COML056", "yes"),
        ("SX03035", "no"),
        ("SX03046", "no"),
        ("SX03166", "no"),
        ("SX03224", "no"),
        ("CJ88115", "no"),
        ("SC15001", "no"),
        ("SX03201", "undetermined"),
        ("SX03052", "undetermined"),
        ("MS15005", "undetermined"),
        ("SX56001", "undetermined"),
        ("SX03999", "undetermined"),
        ("nonsense", "undetermined"),
    ],
)
def test_the_seven_year_limb_follows_the_maximum_sentence(code: str, answer: str) -> None:
    assert reference.seven_year_limb(code, TODAY) == answer


@pytest.mark.parametrize("code", codes(102, 111))
def test_paying_for_a_child_of_any_age_reaches_seven_years(code: str) -> None:
    assert reference.seven_year_limb(code, TODAY) == "yes"


def test_paying_for_a_child_of_16_or_17_reaches_seven_years_exactly() -> None:
    assert reference.seven_year_limb("SX03110", TODAY, victim_age=16) == "yes"
    assert reference.seven_year_limb("SX03110", TODAY, victim_age=16, years=8) == "no"
    assert reference.seven_year_limb("SX03106", TODAY, victim_age=14, years=8) == "yes"


@pytest.mark.parametrize("code", ["SX03047", *codes(235, 241)])
def test_arranging_a_child_sex_offence_carried_fourteen_years_until_june_2022(code: str) -> None:
    assert reference.seven_year_limb(code, BEFORE_REFORM) == "yes"


@pytest.mark.parametrize(
    ("code", "answer"),
    [
        ("SX03235", "yes"),
        ("SX03236", "yes"),
        ("SX03237", "yes"),
        ("SX03238", "yes"),
        ("SX03239", "yes"),
        ("SX03240", "yes"),
        ("SX03241", "no"),
        ("SX03241A", "no"),
        ("SX03047", "undetermined"),
    ],
)
def test_arranging_follows_the_offence_arranged_since_28_june_2022(code: str, answer: str) -> None:
    assert reference.seven_year_limb(code, SINCE_REFORM) == answer


@given(code=st.sampled_from(sorted(tables.offences())), day=st.dates(date(2010, 1, 1), date(2028, 12, 31)))
def test_attempt_and_conspiracy_follow_the_full_offence(code: str, day: date) -> None:
    full = reference.full_offence(code)
    if reference.offence(full) is not None and full != "SC15001":
        for letter in "ABC":
            assert reference.seven_year_limb(full + letter, day) == reference.seven_year_limb(full, day)


@given(
    code=st.sampled_from(sorted(tables.offences())),
    age=st.none() | st.integers(0, 90),
    day=st.dates(date(2010, 1, 1), date(2028, 12, 31)),
    penetrative=st.none() | st.booleans(),
)
def test_an_offence_without_a_section_is_never_said_to_fail(
    code: str, age: int | None, day: date, penetrative: bool | None
) -> None:
    answer = reference.seven_year_limb(code, day, age, penetrative)
    if reference.section_of(code) is None:
        assert answer == "undetermined"


def test_incitement_is_left_to_a_person() -> None:
    assert reference.seven_year_limb("SX03025I", TODAY) == "undetermined"


@pytest.mark.parametrize(
    ("code", "age", "fits"),
    [
        ("SX03017", 12, True),
        ("SX03017", 14, False),
        ("SX03025", 14, True),
        ("SX03025", 12, False),
        ("SX03025", 17, False),
        ("SX03158", 17, False),
        ("SX03029A", 16, False),
        ("SX03225", 15, True),
        ("SX03225", 16, False),
        ("SX03002", 16, True),
        ("SX03002", 15, False),
        ("SX03005", 40, True),
        ("SX03110", 15, False),
        ("SX03110", 17, True),
        ("SX03230", 17, True),
        ("SX03007", 3, True),
        ("SX03025", None, True),
        ("SX56001", 5, True),
        ("nonsense", 5, True),
    ],
)
def test_a_code_for_another_age_earns_a_warning(code: str, age: int | None, fits: bool) -> None:
    warning = reference.age_fits(code, age)
    assert (warning is None) == fits
    if warning is not None:
        assert code in warning
        assert warning.endswith(f"the victim recorded is {age}")


def test_the_warning_says_whom_the_code_is_for() -> None:
    assert reference.age_fits("SX03017", 14) == "SX03017 is for a victim of up to 12; the victim recorded is 14"
    assert reference.age_fits("SX03002", 15) == "SX03002 is for a victim of 16 or over; the victim recorded is 15"
    assert reference.age_fits("SX03025", 17) == "SX03025 is for a victim of 13 to 15; the victim recorded is 17"


@pytest.mark.parametrize(
    ("code", "current", "original"),
    [("O1", "A4", "O1"), ("W4", "W3", "W4"), ("W5", "W9", "W5"), ("W9", "W9", None), ("NS", "NS", None)],
)
def test_an_imported_ethnicity_keeps_its_original(code: str, current: str, original: str | None) -> None:
    imported = reference.import_self_defined(code)
    assert imported is not None
    assert (imported.code, imported.original) == (current, original)
    assert reference.is_self_defined(imported.code)


def test_observed_and_self_defined_codes_are_never_mixed() -> None:
    assert reference.import_self_defined("IC1") is None
    assert not reference.is_self_defined("IC1")
    assert not reference.is_self_defined("O1")
    assert reference.is_observed("IC1")
    assert not reference.is_observed("W1")


@pytest.mark.parametrize("number", ["9434765919", "4505577104"])
def test_an_nhs_number_with_the_right_check_digit_passes(number: str) -> None:
    assert reference.is_nhs_number(number)


@pytest.mark.parametrize(
    "number", ["9434765918", "943476591", "94347659190", "943 476 5919", "943476591X", "9434765919\n", ""]
)
def test_an_nhs_number_that_is_malformed_fails(number: str) -> None:
    assert not reference.is_nhs_number(number)


@given(st.integers(0, 999_999_999))
def test_of_ten_check_digits_at_most_one_passes(stem: int) -> None:
    passing = [digit for digit in range(10) if reference.is_nhs_number(f"{stem:09d}{digit}")]
    weighted = sum((10 - place) * int(figure) for place, figure in enumerate(f"{stem:09d}"))
    expected = [digit for digit in range(10) if (weighted + digit) % 11 == 0]
    assert passing == expected


@pytest.mark.parametrize(
    ("urn", "force", "problem"),
    [
        ("06CA0012326", "GMP", None),
        ("01ZD0303208", "MPS", None),
        ("02ZD0303208", "MPS", None),
        ("05ZD0303208", "GMP", "begins with 06"),
        ("02ZD0303208", "COL", "begins with 48"),
        ("06CA12", "GMP", "three to seven figures"),
        ("06ca0012326", "GMP", "three to seven figures"),
        ("06CA0012326\n", "GMP", "three to seven figures"),
    ],
)
def test_a_urn_has_its_form_and_its_forces_code(urn: str, force: str, problem: str | None) -> None:
    found = reference.urn_problem(urn, force)
    assert (found is None) if problem is None else (found is not None and problem in found)


def test_a_urn_of_no_force_is_an_error() -> None:
    with pytest.raises(LookupError, match="XXX"):
        reference.urn_problem("06CA0012326", "XXX")
