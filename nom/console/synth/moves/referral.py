"""Moves of the referral: received, acknowledged, recorded, routed."""

from functools import partial

from nom.console.synth.matter import Matter, Reaction
from nom.console.synth.office import Happened
from nom.console.synth.plan import opening_of
from nom.contracts.events import EventBase
from nom.contracts.ids import ProcessKind
from nom.contracts.referral import ReferralReceived
from nom.workflows.model.referral import ReferralState

_REPORTERS = {
    "education": "teacher-1",
    "health": "nurse-1",
    "local_authority": "social-worker-1",
    "public": "parent-1",
    "police": "duty-officer-1",
}
_RAPE, _DUTY_OFFICER = "SX03001", "duty-officer-1"


def receive(m: Matter) -> None:
    """A referral comes in about children and, mostly, suspects."""
    source = m.draws.pick("source")
    m.act(
        m.stream(ProcessKind.REFERRAL),
        _REPORTERS[source],
        "ReceiveReferral",
        since=m.now,
        opening=opening_of(m.plan.jurisdiction, m.now),
        source=source,
        subjects=(*_children(m), *_suspects(m)),
        allegations=m.notes["allegations"],
    )


def _children(m: Matter) -> list[dict[str, object]]:
    children: list[dict[str, object]] = []
    allegations: list[dict[str, object]] = []
    for number in range(1, m.draws.count("children") + 1):
        name = f"child-{number}"
        trafficked = m.plan.kind == "network" and m.draws.share("trafficking_suspected")
        in_care = m.draws.share("child_in_care")
        age = m.draws.count("age_of_child")
        children.append({"id": name, "age": age, "in_care": in_care, "trafficking_suspected": trafficked})
        if number == 1 or m.draws.share("further_child_alleges"):
            allegations.append({"victim": name, "offence": m.draws.pick("offence"), "words": m.draws.say("allegation")})
    m.notes["allegations"] = allegations
    return children


def _suspects(m: Matter) -> list[dict[str, object]]:
    if m.plan.kind == "unidentified":
        return []
    known = m.draws.count("suspects_of_network") if m.plan.kind == "network" else m.draws.count("suspects")
    return [{"id": f"suspect-{number}"} for number in range(1, known + 1)]


def _on_receipt(m: Matter, happened: Happened) -> None:
    event = happened.event
    if not isinstance(event, ReferralReceived):
        return
    m.later(partial(_acknowledge, stream=happened.stream), "acknowledge", office_hours=False)
    for item in event.allegations:
        m.later(
            partial(_record, stream=happened.stream, victim=item.victim, offence=item.offence),
            "record_crime",
            office_hours=False,
        )
        m.later(partial(_support, stream=happened.stream, victim=item.victim), "refer_to_support")
    if m.draws.share("identity_linked"):
        m.later(partial(_identify, stream=happened.stream), "minutes")
    if m.draws.share("slip_route_too_early"):
        m.later(partial(_route_too_early, stream=happened.stream), "minutes")


def _support(m: Matter, stream: str, victim: str) -> None:
    if m.draws.share("support_declined"):
        m.act(stream, _DUTY_OFFICER, "RecordSupportDeclined", victim=victim)
    else:
        m.act(stream, _DUTY_OFFICER, "ReferToSupport", victim=victim, service=m.draws.say("support"))


def _identify(m: Matter, stream: str) -> None:
    state = m.of(ReferralState, stream)
    if state is None or not state.is_open:
        return
    entry = f"register-{m.draws.chance.between(1000, 9999)}"
    kind = m.draws.pick("identifier")
    has_check_digit = kind == "nhs_number"
    m.act(
        stream,
        _DUTY_OFFICER,
        "RecordConsistentIdentifier",
        subject="child-1",
        kind=kind,
        entry=entry,
        checked=has_check_digit,
    )
    m.act(
        stream, _DUTY_OFFICER, "LinkIdentity", why="identity", subject="child-1", same_as="person-2",
        basis=m.draws.pick("identity_basis"),
    )  # fmt: skip


def _acknowledge(m: Matter, stream: str) -> None:
    by = "social-worker-1" if m.draws.share("acknowledged_by_social_worker") else "duty-officer-1"
    m.act(stream, by, "Acknowledge")
    if m.draws.share("slip_twice"):
        m.attempt(stream, by, "Acknowledge")
    _route_when_ready(m, stream)


def _record(m: Matter, stream: str, victim: str, offence: str) -> None:
    if offence == _RAPE and m.draws.share("rape_not_confirmed"):
        m.act(stream, "registrar-1", "RecordN100", why="n100", victim=victim, offence=offence)
    else:
        m.act(stream, "registrar-1", "RecordCrime", victim=victim, offence=offence)
    _route_when_ready(m, stream)


def _route_when_ready(m: Matter, stream: str) -> None:
    state = m.of(ReferralState, stream)
    if state is not None and state.is_complete() and not m.notes.get("routing"):
        m.notes["routing"] = True
        m.later(partial(_route, stream=stream), "route", office_hours=False)


def _route(m: Matter, stream: str) -> None:
    to = "signpost" if m.plan.kind == "signposted" else "triage"
    m.act(stream, "duty-officer-1", "Route", why="route", to=to)


def _route_too_early(m: Matter, stream: str) -> None:
    state = m.of(ReferralState, stream)
    if state is not None and not state.is_complete():
        m.attempt(stream, "duty-officer-1", "Route", why="route", to="triage")


REACTIONS: dict[type[EventBase], Reaction] = {ReferralReceived: _on_receipt}
