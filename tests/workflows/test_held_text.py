"""A text that is held for review, on the real engine: the act is recorded once, and a retry gets the first receipt."""

import pytest

from nom.console.access import Access
from nom.contracts.wording import TextHeldForReview, mark_of
from tests.matters import a_matter, ago, note, receive, records

pytestmark = pytest.mark.engine
BLAMING = "the child is promiscuous"


async def test_an_act_whose_text_is_held_is_taken_once_and_its_retry_gets_the_first_receipt(access: Access) -> None:
    case = a_matter()
    await access.client.submit(receive(case, ago(hours=1)))
    request = note(case, BLAMING).model_copy(update={"reason": BLAMING})
    first = await access.client.submit(request)
    assert first.events == ("note_recorded.v1", "text_held_for_review.v1", "clock_started.v1")
    assert await access.client.submit(request) == first
    again = request.model_copy(update={"submitted_at": ago(seconds=-1)})
    assert await access.client.submit(again) == first
    assert first.command_digest == request.content_digest()
    reader = await access.reader("gmp")
    noted, held, clock = [stored.record for stored in await records(reader, f"{case}/referral-1")][
        first.first_seq - 1 :
    ]
    event = TextHeldForReview.model_validate_json(held.payload)
    assert (event.written, event.fields) == (BLAMING, ("text", "reason"))
    assert {record.reason for record in (noted, held, clock)} == {mark_of(event.held)}
    assert BLAMING not in noted.payload + clock.payload
