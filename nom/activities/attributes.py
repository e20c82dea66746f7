"""The search attributes of a process, and those that it is started with. No personal data, no content."""

from temporalio.common import SearchAttributeKey, SearchAttributePair, TypedSearchAttributes

from nom.contracts.ids import parse_stream

FORCE = SearchAttributeKey.for_keyword("nomForce")
PROCESS = SearchAttributeKey.for_keyword("nomProcess")
STAGE = SearchAttributeKey.for_keyword("nomStage")
POLICY = SearchAttributeKey.for_keyword("nomPolicy")
NEXT_DUE = SearchAttributeKey.for_datetime("nomNextDue")
BREACHED = SearchAttributeKey.for_int("nomBreached")

SEARCH_ATTRIBUTES: dict[str, str] = {
    "nomForce": "Keyword",
    "nomProcess": "Keyword",
    "nomStage": "Keyword",
    "nomPolicy": "Keyword",
    "nomNextDue": "Datetime",
    "nomBreached": "Int",
}
"""Name → type, as a namespace must be told."""


def at_start(stream: str) -> TypedSearchAttributes:
    """What a process is started with: whose it is and which."""
    name = parse_stream(stream)
    return TypedSearchAttributes(
        [SearchAttributePair(FORCE, name.force.upper()), SearchAttributePair(PROCESS, name.kind.value)]
    )
