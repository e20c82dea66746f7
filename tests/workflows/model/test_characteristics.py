import pytest

from nom.contracts.characteristics import (
    AbsenceReason,
    EthnicityRecorded,
    EthnicityUnavailableRecorded,
    ImportedEthnicity,
    NationalityRecorded,
    ObservedEthnicity,
    ObservedEthnicityRecorded,
    RecordEthnicity,
    RecordEthnicityUnavailable,
    RecordNationality,
    RecordNationalityUnavailable,
    RecordObservedEthnicity,
    SelfDefinedEthnicity,
)
from nom.contracts.policy import tables
from nom.workflows.model.characteristics import characteristics_missing
from nom.workflows.model.triage import MODEL
from tests.workflows.model.kit import events_of, refused
from tests.workflows.model.triage_acts import sergeant, triage

AT = "2026-03-02 17:20"


def missing(*requests: RecordEthnicity | RecordObservedEthnicity | RecordEthnicityUnavailable) -> list[str]:
    state = triage(*(sergeant(command, AT) for command in requests))
    return [item.label() for item in characteristics_missing(state, ("suspect-1",))]


def test_the_codes_are_those_of_the_reference_tables() -> None:
    own = {code.value for code in SelfDefinedEthnicity}
    imported = {code.value for code in ImportedEthnicity}
    assert own == set(tables.self_defined_ethnicities()) - imported
    assert {code.value for code in ObservedEthnicity} == set(tables.observed_ethnicities())


def test_a_code_of_the_current_list_is_kept_as_it_is() -> None:
    asked = RecordEthnicity(subject="suspect-1", self_defined=SelfDefinedEthnicity.W9)
    assert events_of(MODEL, triage(), sergeant(asked, AT)) == (
        EthnicityRecorded(subject="suspect-1", self_defined=SelfDefinedEthnicity.W9, given_as=None, source=None),
    )


@pytest.mark.parametrize(
    ("given_as", "kept_as"),
    [
        (ImportedEthnicity.O1, SelfDefinedEthnicity.A4),
        (ImportedEthnicity.W4, SelfDefinedEthnicity.W3),
        (ImportedEthnicity.W5, SelfDefinedEthnicity.W9),
    ],
)
def test_a_code_of_another_list_is_translated_and_the_original_kept(
    given_as: ImportedEthnicity, kept_as: SelfDefinedEthnicity
) -> None:
    asked = RecordEthnicity(subject="suspect-1", self_defined=given_as, source="import of custody records")
    (recorded,) = events_of(MODEL, triage(), sergeant(asked, AT))
    assert isinstance(recorded, EthnicityRecorded)
    assert (recorded.self_defined, recorded.given_as) == (kept_as, given_as)
    assert f"given as {given_as.value}" in recorded.in_words()


def test_what_an_officer_observed_is_no_answer_and_never_becomes_one() -> None:
    observed = RecordObservedEthnicity(subject="suspect-1", code=ObservedEthnicity.IC4)
    (recorded,) = events_of(MODEL, triage(), sergeant(observed, AT))
    assert recorded == ObservedEthnicityRecorded(subject="suspect-1", code=ObservedEthnicity.IC4, source=None)
    state = triage(sergeant(observed, AT))
    held = state.ethnicity_of("suspect-1")
    assert (held.observed, held.self_defined) == (ObservedEthnicity.IC4, None)
    assert missing(observed) == ["ethnicity_without_reason:suspect-1", "nationality_without_reason:suspect-1"]


def test_a_self_defined_answer_or_a_reason_settles_the_ethnicity() -> None:
    nationality = ["nationality_without_reason:suspect-1"]
    assert missing(RecordEthnicity(subject="suspect-1", self_defined=SelfDefinedEthnicity.B9)) == nationality
    assert missing(RecordEthnicityUnavailable(subjects=("suspect-1",), reason="refused")) == nationality


def test_not_stated_is_no_answer_without_a_reason() -> None:
    not_stated = RecordEthnicity(subject="suspect-1", self_defined=SelfDefinedEthnicity.NS)
    nationality = ["nationality_without_reason:suspect-1"]
    assert missing(not_stated) == ["ethnicity_without_reason:suspect-1", *nationality]
    assert missing(not_stated, RecordEthnicityUnavailable(subjects=("suspect-1",), reason="refused")) == nationality


def test_an_answer_outlives_a_reason_that_is_typed_in_later() -> None:
    answer = RecordEthnicity(subject="suspect-1", self_defined=SelfDefinedEthnicity.W9)
    reason = RecordEthnicityUnavailable(subjects=("suspect-1",), reason="no_contact")
    held = triage(sergeant(answer, AT), sergeant(reason, AT)).ethnicity_of("suspect-1")
    assert (held.self_defined, held.unavailable) == (SelfDefinedEthnicity.W9, "no_contact")


@pytest.mark.parametrize("reason", ["no_contact", "refused", "not_asked", "not_understood"])
def test_each_coded_reason_settles_both(reason: AbsenceReason) -> None:
    state = triage(
        sergeant(RecordEthnicityUnavailable(subjects=("suspect-1", "suspect-2"), reason=reason), AT),
        sergeant(RecordNationalityUnavailable(subjects=("suspect-1", "suspect-2"), reason=reason), AT),
    )
    assert not characteristics_missing(state, ("suspect-1", "suspect-2"))


def test_a_reason_for_several_people_is_one_event_that_names_them() -> None:
    asked = RecordEthnicityUnavailable(subjects=("suspect-1", "suspect-2"), reason="no_contact")
    (recorded,) = events_of(MODEL, triage(), sergeant(asked, AT))
    assert isinstance(recorded, EthnicityUnavailableRecorded)
    assert recorded.in_words() == "No self-defined ethnicity of suspect-1, suspect-2: no contact"


def test_somebody_may_have_two_nationalities_each_once() -> None:
    asked = RecordNationality(subject="suspect-1", nationality=("GBR", "IRL", "GBR"))
    assert events_of(MODEL, triage(), sergeant(asked, AT)) == (
        NationalityRecorded(subject="suspect-1", nationality=("GBR", "IRL")),
    )


def test_somebody_who_is_not_of_the_matter_is_refused_by_reference() -> None:
    asked = RecordNationalityUnavailable(subjects=("suspect-1", "suspect-8", "suspect-9"), reason="not_asked")
    refusal = refused(MODEL, triage(), sergeant(asked, AT))
    assert refusal.code == "unknown_subject"
    assert [item.about for item in refusal.unmet] == ["suspect-8", "suspect-9"]
