"""Stream ids, taken apart and put together."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nom.contracts import ids
from nom.contracts.ids import ProcessKind, is_stream, parse_stream, stream_of

kinds = st.sampled_from([kind for kind in ProcessKind if kind is not ProcessKind.CASE])
cases = st.from_regex(r"[a-z]{3}/[a-z0-9][a-z0-9-]{0,59}", fullmatch=True)
marks = st.from_regex(r"[0-9][a-z0-9]{0,19}", fullmatch=True)


@given(case=cases, kind=kinds, mark=marks)
def test_a_stream_is_taken_apart_into_what_it_was_made_of(case: str, kind: ProcessKind, mark: str) -> None:
    name = parse_stream(stream_of(case, kind, mark))
    assert (name.case, name.kind, name.mark) == (case, kind, mark)


def test_the_spine_of_a_case_has_no_number() -> None:
    assert parse_stream("gmp/26-7k3f9q/case").kind is ProcessKind.CASE


@pytest.mark.parametrize(
    "text",
    ["", "gmp/26-1", "GMP/26-1/case", "gmp/26-1/panel-1", "gmp/26-1/case/1", "gmp/26-1/case\n", "gmp/26-1/triage-x"],
)
def test_what_is_no_stream_is_refused_with_the_form_that_was_expected(text: str) -> None:
    assert not is_stream(text)
    with pytest.raises(ValueError, match="expected force/matter/process-number"):
        parse_stream(text)


def test_taking_apart_a_stream_does_not_go_through_all_kinds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ids, "ProcessKind", None)
    assert parse_stream("gmp/26-7k3f9q/closed-case-review-1").mark == "1"
