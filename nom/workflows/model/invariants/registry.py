"""The twenty-five invariants by number. Each is judged over what was recorded; none is enforced here."""

from collections.abc import Iterable, Iterator

from nom.contracts.ids import ProcessKind
from nom.workflows.model.invariants.charging import action_items_closed, charged_on_authority, threshold_test_is_whole
from nom.workflows.model.invariants.custody import bail_authorised, detention_authorised
from nom.workflows.model.invariants.group_oversight import one_lead_and_a_plan_in_date
from nom.workflows.model.invariants.groups import (
    designated_with_grounds,
    network_leads_to_a_decision,
    new_link_is_tested_again,
    scorer_is_not_approver,
)
from nom.workflows.model.invariants.intake import (
    acknowledged_and_decided,
    characteristics_answered,
    every_allegation_recorded,
    trafficked_children_referred,
)
from nom.workflows.model.invariants.invariant import Invariant, Violation
from nom.workflows.model.invariants.matter import Matter
from nom.workflows.model.invariants.meetings import conference_in_time, decided_with_quorum
from nom.workflows.model.invariants.no_further_action import (
    approved_by_a_second_person,
    every_account_sought,
    no_line_open,
    reviewer_took_no_part,
    suspect_interviewed,
)
from nom.workflows.model.invariants.record_keeping import (
    history_is_gapless,
    no_banned_term,
    shared_and_refused_with_reason,
)
from nom.workflows.model.invariants.victims_told import victims_told_and_offered

_K = ProcessKind
_CLOSED = (
    "At each approval, over the investigation as it stood when it told the closure; and at each conclusion "
    "of a suspect."
)

INVARIANTS: tuple[Invariant, ...] = (
    Invariant(
        1,
        "acknowledged_and_decided",
        "Every referral has an acknowledgement and a decision within one working day, or a breach stands.",
        "Working Together to Safeguard Children 2023 (WT1)",
        "Against the clock as it stands, up to the last act that shows how much time has passed.",
        (_K.REFERRAL,),
        acknowledged_and_decided,
    ),
    Invariant(
        2,
        "every_allegation_recorded",
        "Every allegation of a notifiable crime is a recorded crime or an N100 within 24 hours, or a breach stands.",
        "Home Office Counting Rules (CR1, CR2)",
        "For each allegation of the referral, against its own clock.",
        (_K.REFERRAL,),
        every_allegation_recorded,
    ),
    Invariant(
        3,
        "approved_by_a_second_person",
        "No further action has a rationale, an outcome code and an approver who is not the proposer.",
        "Director's Guidance on Charging, 6th edition (rationale for the police's own decisions); the second "
        "person is ours",
        "At each approval, over the closure alone.",
        (_K.CLOSURE,),
        approved_by_a_second_person,
    ),
    Invariant(
        4,
        "no_line_open",
        "No further action is taken while a line of inquiry is open without a result.",
        "Criminal Procedure and Investigations Act 1996 code of practice (all reasonable lines of inquiry)",
        _CLOSED,
        (_K.INVESTIGATION, _K.CLOSURE),
        no_line_open,
    ),
    Invariant(
        5,
        "every_account_sought",
        "No further action is taken before each known victim's account was taken, declined, or not sought for a "
        "reason.",
        "ours, after what inspections say of closed cases",
        _CLOSED,
        (_K.INVESTIGATION, _K.CLOSURE),
        every_account_sought,
    ),
    Invariant(
        6,
        "suspect_interviewed",
        "No further action is taken on a suspect who was neither interviewed nor recorded as not interviewed, "
        "with the reason.",
        "ours, after what inspections say of closed cases",
        _CLOSED,
        (_K.INVESTIGATION, _K.CLOSURE),
        suspect_interviewed,
    ),
    Invariant(
        7,
        "victims_told_and_offered",
        "After no further action, and after a decision not to investigate, every victim is told in time (one working "
        "day with enhanced rights, else five), or a breach stands. After no further action they are offered a review "
        "by the scheme of the decision's day.",
        "Code of Practice for Victims of Crime 2020 (VC1, VC3); police Victims' Right to Review scheme; Child Sexual "
        "Abuse Review Panel (VR4)",
        "For each victim of whom the closure had been told, and each of whom a triage that decided not to investigate "
        "knows, against the victim's own clock.",
        (_K.TRIAGE, _K.CLOSURE),
        victims_told_and_offered,
    ),
    Invariant(
        8,
        "reviewer_took_no_part",
        "Whoever reviews a decision took no part in it.",
        "police Victims' Right to Review scheme",
        "Against who decided in the closure, and in the matter as far as the closure had been told.",
        (_K.CLOSURE,),
        reviewer_took_no_part,
    ),
    Invariant(
        9,
        "network_leads_to_a_decision",
        "A network of two or more linked persons leads to a decision on the group, whatever it is, with a rationale.",
        "Independent Inquiry into Child Sexual Abuse, definition of an organised network; the times (DG1, DG2) "
        "are ours",
        "From the triage over the case to the group that it nominated, or that it was in by then: decided, or awaited "
        "in its time. The group only where its history is at hand.",
        (_K.TRIAGE, _K.CASE, _K.DESIGNATION),
        network_leads_to_a_decision,
    ),
    Invariant(
        10,
        "designated_with_grounds",
        "A designated group has three members or more, an eligible offence, a benefit and a scoring version.",
        "Serious Crime Act 2015 s45",
        "At each designation, over what had been recorded before it. People are counted, not references.",
        (_K.DESIGNATION,),
        designated_with_grounds,
    ),
    Invariant(
        11,
        "scorer_is_not_approver",
        "Who scored a group does not approve its designation, and who leads on it does not approve its archive.",
        "ours",
        "At each decision and each approval of an archive.",
        (_K.DESIGNATION,),
        scorer_is_not_approver,
    ),
    Invariant(
        12,
        "one_lead_and_a_plan_in_date",
        "A designated group has one lead responsible officer and a 4P plan whose review has not passed.",
        "Organised crime group management practice; the periods (DG5, PL1) are ours",
        "Never two leads, no plan without one, and a review that has passed is a breach. From each designation and "
        "reopening a time runs for the lead and the first plan, which is met or breached: until then the group may "
        "have neither.",
        (_K.DESIGNATION,),
        one_lead_and_a_plan_in_date,
    ),
    Invariant(
        13,
        "new_link_is_tested_again",
        'A new link after "not met" triggers a re-test.',
        "ours (DG4)",
        "For each member, case, link and person under two references recorded while the last decision is not met.",
        (_K.DESIGNATION,),
        new_link_is_tested_again,
    ),
    Invariant(
        14,
        "decided_with_quorum",
        "A strategy meeting decides with the agencies that its jurisdiction asks for.",
        "Working Together to Safeguard Children 2023; Wales Safeguarding Procedures (WT2, WT3)",
        "For each decision, over the attendance of its session.",
        (_K.STRATEGY_MEETING,),
        decided_with_quorum,
    ),
    Invariant(
        15,
        "conference_in_time",
        "A decision that leads to a conference has it within 15 working days of the meeting that it is anchored "
        "on, or a breach stands.",
        "Working Together to Safeguard Children 2023; sources differ on the anchor, so it is named (WT7)",
        "Against the clock of the anchor.",
        (_K.STRATEGY_MEETING,),
        conference_in_time,
    ),
    Invariant(
        16,
        "trafficked_children_referred",
        "Every under-18 suspected of being trafficked is referred to the National Referral Mechanism.",
        "Modern Slavery Act 2015 s52 and Home Office guidance for first responders (NR1)",
        "At each decision of a triage.",
        (_K.TRIAGE,),
        trafficked_children_referred,
    ),
    Invariant(
        17,
        "characteristics_answered",
        "Every suspect has a self-defined ethnicity and a nationality, or a coded reason; what was observed is "
        "never copied.",
        "National audit on group-based child sexual exploitation (2025); codes of the Office for National Statistics",
        "At each decision of a triage and each conclusion of a suspect; an ethnicity comes from its own command alone.",
        (_K.TRIAGE, _K.INVESTIGATION, _K.CLOSURE),
        characteristics_answered,
    ),
    Invariant(
        18,
        "no_banned_term",
        "No record describes a child with a term of the lexicon: such a text waits for a supervisor's review.",
        "ours, after what inspections and inquiries say of victim-blaming language",
        "Every text and reason of every record, by the lexicon of its pack. It does not tell of whom the words "
        "are said.",
        tuple(ProcessKind),
        no_banned_term,
    ),
    Invariant(
        19,
        "detention_authorised",
        "Detention never goes past 24, 36 or 96 hours without a rank or a court that had allowed it before, or it "
        "is recorded as unlawful.",
        "Police and Criminal Evidence Act 1984 ss40-44",
        "Each limit: who set it and when. Each review and the release: whether they show detention past the last "
        "limit.",
        (_K.CUSTODY,),
        detention_authorised,
    ),
    Invariant(
        20,
        "bail_authorised",
        "Bail never runs past its authorised end, and each extension has the rank for its period and kind of case.",
        "Police and Criminal Evidence Act 1984 ss47ZB-47ZF",
        "Each extension, and each period that has run out.",
        (_K.CUSTODY,),
        bail_authorised,
    ),
    Invariant(
        21,
        "threshold_test_is_whole",
        "A charge on the Threshold Test has its five findings and a dated review under the Full Code Test, which is "
        "held by that day, or a breach stands.",
        "Code for Crown Prosecutors; that the day is a deadline is ours (CH3)",
        "At each authorisation, over the last test of each charge. Whether the day is kept, under the packs that hold "
        "the rule: against the charge's own clock.",
        (_K.CHARGE,),
        threshold_test_is_whole,
    ),
    Invariant(
        22,
        "charged_on_authority",
        "Every charge has a number that fits the force, and a decision of the prosecutor on a test that is met.",
        "Director's Guidance on Charging, 6th edition",
        "At each charge. A charge by the police's own decision is not part of the model.",
        (_K.CHARGE,),
        charged_on_authority,
    ),
    Invariant(
        23,
        "action_items_closed",
        "Every item of an action plan has a due date, and was done before the file goes back.",
        "Director's Guidance on Charging, 6th edition",
        "At each resubmission, over the items asked for by then.",
        (_K.CHARGE,),
        action_items_closed,
    ),
    Invariant(
        24,
        "shared_and_refused_with_reason",
        "Every read and disclosure has an actor, a time, a purpose and a recipient, and every refusal to share a "
        "reason.",
        "Data Protection Act 2018 s62; Working Together to Safeguard Children 2023",
        "What agencies shared and refused to share. Who read a case is judged by `nom audit readings`.",
        (_K.STRATEGY_MEETING,),
        shared_and_refused_with_reason,
    ),
    Invariant(
        25,
        "history_is_gapless",
        "A history has no gap: numbers follow, the chain verifies, nothing happened after it was recorded, "
        "corrections "
        "are new events, and every decision names its policy.",
        "ours; admissibility of electronic records",
        "Every record as it is given. Whether the database holds what was given out, `nom verify` says.",
        tuple(ProcessKind),
        history_is_gapless,
    ),
)


def invariant(number: int) -> Invariant:
    """The invariant of that number. Raises `LookupError`."""
    for item in INVARIANTS:
        if item.number == number:
            return item
    msg = f"there is no invariant {number}: they are 1 to {len(INVARIANTS)}"
    raise LookupError(msg)


def violations(matter: Matter, only: Iterable[Invariant] = INVARIANTS) -> Iterator[Violation]:
    """Every place of a matter where one of the invariants does not hold, by number."""
    for item in only:
        yield from item.violations(matter)


def carried_by(kind: ProcessKind) -> tuple[Invariant, ...]:
    """The invariants that a process carries."""
    return tuple(item for item in INVARIANTS if kind in item.processes)
