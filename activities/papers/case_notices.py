"""The data of the letters of a case: returns, refusal, payment, the answer to a 复查."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from activities.material import clauses_of, earlier_zh, subject_zh, subjects_of
from activities.papers.case_facts import CaseFacts
from activities.papers.catalogue import RETURNED
from activities.papers.words import day_zh, envelope, signed
from activities.wording import ground_zh, label, last_moment_zh, remedy
from workflows.rules.deadlines import Deadline
from workflows.rules.message import local_date
from workflows.rules.names import Level, RuleName
from workflows.rules.papers import PaperKind, SealOf

RETURN_RULES = (
    RuleName.UNIT_CORRECTION,
    RuleName.CHAIN_CORRECTION,
    RuleName.COMMITTEE_CORRECTION,
)


def return_notice(facts: CaseFacts) -> dict[str, Any]:
    """退回通知 of the unit or a place of the chain, with its items and the term."""
    by = facts.step.organisation
    return _returned(facts, PaperKind.RETURN_NOTICE, by, None)


def one_off_notice(facts: CaseFacts) -> dict[str, Any]:
    """一次性告知书 of the office: everything to be corrected, at once."""
    return _returned(facts, PaperKind.ONE_OFF_NOTICE, facts.office, SealOf.OFFICE)


def not_accepted_notice(facts: CaseFacts) -> dict[str, Any]:
    """不予受理告知书: the ground of the three, the reason, the clause, what is left to do."""
    payload = facts.step.payload
    ground = str(payload.get("ground", ""))
    reason = facts.step.reason or str(payload.get("reason", ""))
    return _letter(facts, PaperKind.NOT_ACCEPTED_NOTICE, facts.office, SealOf.OFFICE) | {
        "to": facts.applicant.name,
        "by": facts.name_of(facts.office),
        "because": label("grounds", ground) if ground else "不符合受理条件",
        # A step's reason may repeat the ground's name, which is said already.
        "reason": "" if reason == ground else reason,
        "remedy": remedy("not_accepted"),
        "ground": ground_zh(facts.step.clause, facts.document),
    }


def payment_notice(facts: CaseFacts) -> dict[str, Any]:
    """缴费通知: the sum, the last moment, and how to pay as the notice has it."""
    deadline = facts.opened(RuleName.PAYMENT_WINDOW, facts.step.seq)
    notice = facts.notice
    said = str(notice.get("pay_notice", {}).get("text", ""))
    url = str(facts.step.payload.get("url", ""))
    platform = str(notice.get("platform", ""))
    method = url or (f"请登录{platform}缴费" if platform else said)
    yuan = facts.policy.fees.yuan[Level(facts.case.level)]
    return _letter(facts, PaperKind.PAYMENT_NOTICE, facts.office, SealOf.OFFICE) | {
        "to": facts.applicant.name,
        "fee": str(yuan),
        "level": facts.level,
        "until": _until(deadline),
        "method": method,
        "acceptance": facts.case.acceptance_number,
        "effect": label("rule_effects", RuleName.PAYMENT_WINDOW),
        "ground": ground_zh(deadline.clause if deadline else "", facts.document),
    }


def recheck_answer(facts: CaseFacts) -> dict[str, Any]:
    """复查结果告知书: upheld or reassessed, with its reason."""
    payload = facts.step.payload
    asked = facts.last("request_recheck")
    stated = str(asked.payload.get("dispatched_on") or "") if asked else ""
    asked_on = (
        date.fromisoformat(stated) if stated else local_date(asked.acted_at) if asked else None
    )
    decision = str(payload.get("decision", ""))
    return _letter(facts, PaperKind.RECHECK_ANSWER, facts.office, SealOf.OFFICE) | {
        "to": facts.applicant.name,
        "asked_on": day_zh(asked_on),
        "decision": label("decisions", decision),
        "reassess": decision == "reassess",
        "reason": facts.step.reason or str(payload.get("reason", "")),
        "ground": ground_zh(facts.step.clause, facts.document),
    }


def _returned(facts: CaseFacts, kind: PaperKind, by: str, seal: SealOf | None) -> dict[str, Any]:
    payload = facts.step.payload
    to_unit = payload.get("to") == "unit"
    deadline = next(
        (found for rule in RETURN_RULES if (found := facts.opened(rule, facts.step.seq))), None
    )
    return _letter(facts, kind, by, seal) | {
        "to": facts.name_of(facts.unit) if to_unit else facts.applicant.name,
        "whose": f"贵单位上报的{facts.applicant.name}" if to_unit else "您",
        "by": facts.name_of(by),
        "items": _items(payload.get("items") or (), facts),
        "until": _until(deadline),
        "effect": label("rule_effects", deadline.rule, "") if deadline else "",
        "ground": ground_zh(_clause(facts, deadline), facts.document),
    }


def _clause(facts: CaseFacts, deadline: Deadline | None) -> str:
    return facts.step.clause or (deadline.clause if deadline else "")


def _items(items: Sequence[Any], facts: CaseFacts) -> list[dict[str, str]]:
    """The points as stated; a point without its own number has that of the case: return and order."""
    number = sum(1 for entry in facts.entries if entry.name in RETURNED)
    clauses = clauses_of(facts.notice)
    known = subjects_of(facts.case.facts, facts.titles) if facts.case.facts else {}
    return [
        {
            "number": str(item.get("id") or f"{number}.{index}"),
            "subject": subject_zh(
                str(item.get("subject", "")), str(item.get("refers_to", "")), known
            ),
            "text": str(item.get("text", "")),
            "refers_to": earlier_zh(str(item.get("refers_to", ""))),
            "ground": ground_zh(clauses.get(str(item.get("defect", "")), ""), facts.document),
        }
        for index, item in enumerate(items, 1)
    ]


def _until(deadline: Deadline | None) -> str:
    return last_moment_zh(deadline.ends_on, deadline.ends_at) if deadline else ""


def _letter(facts: CaseFacts, kind: PaperKind, by: str, seal: SealOf | None) -> dict[str, Any]:
    name = facts.name_of(by)
    shown = envelope(
        kind,
        document=facts.document,
        reference=facts.reference,
        issuer=name,
        rehearsal=facts.case.realm != "live",
    )
    # Who did it in a supervisor's place is told with both names; else the organisation alone speaks.
    handled = {"handled": facts.step.actor_name} if facts.step.principal else {}
    return shown | {
        "subject": facts.subject,
        "contact": facts.contact_of(by),
        "sign": signed(name, facts.day, seal) | handled,
    }
