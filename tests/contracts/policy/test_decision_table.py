"""Decision tables: one row for every case; gaps and overlaps are found before anybody decides."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from nom.contracts.policy.decision_table import DecisionTable, TableGap, TableTrace, Value
from nom.contracts.policy.loader import all_packs, pack_of_version

PACK = pack_of_version("eng-police-2026.1")
BANDS, THRIVE = PACK.table("threat_band"), PACK.table("thrive_response")
FACTORS = ("threat", "harm", "risk", "investigation", "vulnerability", "engagement")
ratings = st.fixed_dictionaries({factor: st.sampled_from(("low", "medium", "high")) for factor in FACTORS})


def table(*rows: tuple[str, list[str], str], outputs: tuple[str, ...] = ("yes", "no")) -> DecisionTable:
    plain: dict[str, Any] = {
        "name": "planted",
        "version": "test-1",
        "title": "A table of the test",
        "basis": "ours",
        "confidence": "ours",
        "inputs": [
            {"name": "score", "title": "Score", "least": 0, "most": 20},
            {"name": "kind", "title": "Kind", "values": ["a", "b", "c"]},
        ],
        "outputs": outputs,
        "rows": [{"id": name, "when": when, "then": then} for name, when, then in rows],
    }
    return DecisionTable.model_validate(plain)


def test_a_table_says_which_row_of_which_version_answered_and_for_what() -> None:
    assert BANDS.decide({"score": 41}) == TableTrace(
        table="threat_band", version="ours-1", row="high", given=("score=41",), then="high"
    )


@given(st.integers(0, 75))
def test_every_score_has_one_band_and_a_higher_score_never_a_lower_one(score: int) -> None:
    order = ["low", "moderate", "high", "critical"]
    expected = order[sum(score >= floor for floor in (20, 40, 60))]
    assert BANDS.decide({"score": score}).then == expected


@given(ratings)
def test_every_thrive_assessment_has_one_answer_that_follows_the_gravest_of_threat_harm_and_risk(
    rated: dict[str, str],
) -> None:
    gravest = {rated[factor] for factor in ("threat", "harm", "risk")}
    if "high" in gravest:
        expected = "immediate"
    elif "medium" in gravest or rated["vulnerability"] == "high" or rated["investigation"] == "high":
        expected = "prompt"
    else:
        expected = "planned"
    assert THRIVE.decide(rated).then == expected


@pytest.mark.parametrize("pack", all_packs(), ids=lambda pack: pack.version)
def test_no_published_table_has_a_gap_or_an_overlap(pack: Any) -> None:  # noqa: ANN401 - a pack, by its fixture
    assert [problem for decision in pack.decision_tables for problem in decision.problems()] == []


def test_a_planted_gap_is_found_with_an_example() -> None:
    planted = table(("low", ["up to 9", "any"], "no"), ("high", ["11 or more", "any"], "yes"))
    assert list(planted.problems()) == ["gap: no row answers for score 10, kind a"]
    with pytest.raises(TableGap, match="0 rows answer for score 10"):
        planted.decide({"score": 10, "kind": "c"})


def test_a_planted_overlap_is_found_with_both_rows() -> None:
    planted = table(
        ("low", ["up to 10", "any"], "no"), ("high", ["10 or more", "any"], "yes"), outputs=("yes", "no", "perhaps")
    )
    assert list(planted.problems()) == [
        "overlap: rows low and high both answer for score 10, kind a",
        "no row gives perhaps",
    ]
    with pytest.raises(TableGap, match="2 rows"):
        planted.decide({"score": 10, "kind": "b"})


def test_a_gap_in_one_corner_of_a_table_is_found() -> None:
    planted = table(("rest", ["any", "not c"], "no"), ("c", ["1 to 20", "c"], "yes"))
    assert list(planted.problems()) == ["gap: no row answers for score 0, kind c"]


@pytest.mark.parametrize("cell", ["lots", "21", "5 to 30", "30 or more", "", "9 to 5", "-1", "5 up to 9"])
def test_a_cell_that_can_not_be_read_is_refused(cell: str) -> None:
    with pytest.raises(ValidationError, match="score"):
        table(("row", [cell, "any"], "yes"))


def test_words_beyond_those_of_the_input_are_refused() -> None:
    with pytest.raises(ValidationError, match="kind"):
        table(("row", ["any", "a or d"], "yes"))


@pytest.mark.parametrize(
    ("rows", "problem"),
    [
        ([("row", ["any"], "yes")], "1 conditions for 2 inputs"),
        ([("row", ["any", "any"], "maybe")], "is no output"),
        ([("row", ["up to 9", "any"], "yes"), ("row", ["10 or more", "any"], "no")], "one id"),
    ],
)
def test_a_table_that_is_none_is_refused(rows: list[tuple[str, list[str], str]], problem: str) -> None:
    with pytest.raises(ValidationError, match=problem):
        table(*rows)


@pytest.mark.parametrize("value", [76, -1, "41", None, 41.0001])
def test_a_value_that_no_input_has_is_never_quietly_answered(value: Any) -> None:  # noqa: ANN401 - whatever comes
    with pytest.raises(TableGap, match="can't be"):
        BANDS.decide({"score": value})


def test_an_answer_is_the_same_on_every_call_and_read_back_from_json() -> None:
    rated: dict[str, Value] = dict.fromkeys(FACTORS, "medium")
    first = THRIVE.decide(rated)
    again = DecisionTable.model_validate_json(THRIVE.model_dump_json()).decide(dict(reversed(rated.items())))
    assert first.canonical() == again.canonical()


def test_the_version_of_a_table_is_part_of_the_packs_digest() -> None:
    later = BANDS.model_copy(update={"version": "ours-2"})
    changed = PACK.model_copy(update={"decision_tables": (later, THRIVE)})
    assert changed.ref().digest != PACK.ref().digest


def test_a_pack_whose_table_has_a_gap_or_whose_bands_miss_a_score_is_refused() -> None:
    gap = BANDS.model_copy(update={"rows": BANDS.rows[:-1], "outputs": BANDS.outputs[:-1]})
    with pytest.raises(ValidationError, match=r"decision_tables\[threat_band\]: gap: no row answers for score 60"):
        PACK.model_copy(update={"decision_tables": (gap, THRIVE)})
    with pytest.raises(ValidationError, match="the pack has no thrive_response"):
        PACK.model_copy(update={"decision_tables": (BANDS,)})
    heavier = PACK.scoring.model_copy(
        update={"inputs": tuple(item.model_copy(update={"weight": 9}) for item in PACK.scoring.inputs)}
    )
    with pytest.raises(ValidationError, match="its one input is the score, from 0 to 270"):
        PACK.model_copy(update={"scoring": heavier})
