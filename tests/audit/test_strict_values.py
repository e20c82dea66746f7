"""Values are the same only if their types are, and nothing that a person wrote is shown."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from temporalio.api.common.v1 import Payload
from temporalio.api.failure.v1 import Failure

from nom.audit.strict.standing import failure_gaps
from nom.audit.strict.values import Gap, Unreadable, in_words, json_of, payload_gaps, unreadable

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=10,
)


def plain(data: bytes, encoding: bytes = b"json/plain", **metadata: bytes) -> Payload:
    return Payload(metadata={"encoding": encoding, **metadata}, data=data)


def gaps(recorded: bytes, emitted: bytes) -> list[Gap]:
    return list(payload_gaps("value", plain(recorded), plain(emitted)))


@pytest.mark.parametrize(
    ("recorded", "emitted"),
    [
        (b"true", b"1"), (b"false", b"0"), (b"1", b"1.0"), (b"null", b"false"), (b'"1"', b"1"), (b"[]", b"{}"),
        (b"0.1", b"0.10000000000000000001"), (b"[1,2]", b"[1]"), (b'{"a":null}', b"{}"), (b"{}", b'{"a":null}'),
        (b'""', b"null"), (b"9007199254740993", b"9007199254740992"),
    ],
)  # fmt: skip
def test_values_of_other_types_or_digits_differ(recorded: bytes, emitted: bytes) -> None:
    assert gaps(recorded, emitted)


@pytest.mark.parametrize(
    ("recorded", "emitted"),
    [(b'{"a":1,"b":2}', b'{"b":2,"a":1}'), (b'{"a": [1, 2]}', b'{"a":[1,2]}'), (b'"\\u00e9"', '"é"'.encode())],
)
def test_the_same_value_written_otherwise_is_the_same(recorded: bytes, emitted: bytes) -> None:
    assert gaps(recorded, emitted) == []


@given(JSON, JSON)
def test_two_values_differ_exactly_when_their_canonical_forms_do(one: object, other: object) -> None:
    first, second = (json.dumps(each, sort_keys=True) for each in (one, other))
    assert bool(gaps(json.dumps(one).encode(), json.dumps(other).encode())) == (first != second)


def test_metadata_counts() -> None:
    found = list(payload_gaps("value", plain(b"1", kind=b"a"), plain(b"1", kind=b"b")))
    assert [gap.field for gap in found] == ["value metadata kind"]


def test_the_type_that_the_engine_adds_to_an_attribute_does_not_count() -> None:
    recorded = plain(b'"a"', type=b"Keyword")
    assert list(payload_gaps("value", recorded, plain(b'"a"'), loose_type=True)) == []
    assert list(payload_gaps("value", recorded, plain(b'"a"')))
    assert list(payload_gaps("value", recorded, plain(b'"a"', type=b"Text"), loose_type=True))


@pytest.mark.parametrize("data", [b'{"a":1,"a":1}', b"NaN", b"{", b"", b"[" * 100_000])
def test_what_is_no_json_is_refused(data: bytes) -> None:
    with pytest.raises(Unreadable):
        json_of(data)
    assert unreadable(plain(data)) is not None
    assert unreadable(plain(data, b"binary/plain")) is None


@pytest.mark.parametrize("data", [b"NaN", b'{"a":1,"a":1}', b"{"])
def test_what_the_code_gives_and_is_no_json_differs(data: bytes) -> None:
    assert [gap.field for gap in gaps(b"1", data)] == ["value"]


@pytest.mark.parametrize("words", ["she said so", "x" * 81, "two\nlines"])
def test_what_a_person_may_have_written_is_told_by_its_digest(words: str) -> None:
    assert words not in in_words(words)
    assert f"a text of {len(words)} characters" in in_words(words)


def test_bytes_are_told_by_their_digest() -> None:
    found = list(payload_gaps("value", plain(b"secret", b"binary/plain"), plain(b"other", b"binary/plain")))
    assert "secret" not in str(found)
    assert found[0].recorded.startswith("6 bytes, SHA-256 ")


def test_a_stack_trace_is_no_difference_also_where_it_is_encoded() -> None:
    encoded = [plain(json.dumps({"message": "no", "stack_trace": trace}).encode()) for trace in ("one", "two")]
    recorded, given_now = (
        Failure(message="no", stack_trace=trace, cause=Failure(encoded_attributes=payload))
        for trace, payload in zip(("one", "two"), encoded, strict=True)
    )
    assert list(failure_gaps("failure", recorded, given_now)) == []
    given_now.cause.encoded_attributes.data = b'{"message": "yes"}'
    assert [gap.field for gap in failure_gaps("failure", recorded, given_now)] == [
        "failure.cause.encoded_attributes.message"
    ]
