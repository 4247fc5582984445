"""Telling the bank's lines to their cases: each once, many at a time, resumable at any line.

Storing the lines and telling the cases are two things. A line without an answer stays open and is
asked again, by whoever imports next, under the request id and in the name of the first time, so
that the case sees one act (A19, design.md 4).
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from activities.payments import BankLineView, PaymentReading, ToTell
from activities.wording import ground_zh
from config.gateway.errors import NotFoundError, RefusedByCaseError, UnavailableError, UnknownError
from config.payment_files import PassedOver
from starter.desk.office import Office, Who
from starter.desk.refusing import refused
from workflows.application.case import Receipt
from workflows.operation.messages import OperationOutcome
from workflows.rules.readings import Reading
from workflows.rules.refusals import Code
from workflows.writer.messages import Act

AT_ONCE = 8
"""Cases told at the same time: enough to be quick, few enough to leave the workers to others."""
EACH = 200
"""Lines between two notes of the answers; an interruption asks at most so many again."""


@dataclass(frozen=True)
class Desk:
    """Where lines are imported: how to operate, how to act on a case, what to read, whose it is.

    `operate` and `act` are bound to a realm and the office's person; `act` is given the case, the
    act's name and the act. `now` is the realm's clock.
    """

    operate: Callable[[str, Mapping[str, Any]], Awaitable[OperationOutcome]]
    act: Callable[[str, str, Act], Awaitable[Receipt]]
    ledger: PaymentReading
    realm: str
    office: str
    now: Callable[[], Awaitable[datetime]]
    at_once: int = AT_ONCE
    told: Callable[[int, int], None] | None = None
    """Hears of how many lines to tell how many are told, again and again."""


@dataclass
class ImportReport:
    """What an import did: lines stored now and known before, and how those it told stand."""

    new: int = 0
    known: int = 0
    passed_over: tuple[PassedOver, ...] = ()
    warnings: tuple[str, ...] = ()
    told: int = 0
    unanswered: int = 0
    outcomes: dict[str, int] = field(default_factory=dict)
    for_a_person: tuple[BankLineView, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """The report for a program."""
        return {
            "new": self.new,
            "known": self.known,
            "passed_over": [item.model_dump() for item in self.passed_over],
            "warnings": list(self.warnings),
            "told": self.told,
            "unanswered": self.unanswered,
            "outcomes": self.outcomes,
            "for_a_person": [line.model_dump(mode="json") for line in self.for_a_person],
        }


async def desk_of(office: Office, who: Who, realm: str) -> Desk:
    """The desk of an office's person in a realm.

    Raises:
        NoAnswer: the person has no right there.
    """
    view = await office.realm(realm)
    at = await office.time_in(view)
    actor = await office.actor(who, realm, at)
    if not actor.organisation or actor.role not in ("member", "supervisor"):
        raise refused(
            "not_entitled",
            "收款由评委会办公室导入和处理。",
            ground_zh(Reading.PAYMENT_COUNTS),
            "请用评委会办公室人员的身份办理。",
        )
    gateway = await office.engine.cases()
    shift = await office.shift_in(view)

    async def operate(kind: str, stated: Any) -> Any:
        return await office.operate(kind, who, stated, realm)

    async def act(application: str, action: str, sent: Any) -> Any:
        return await gateway.act(application, action, sent, realm=realm, shift_seconds=shift)

    async def now() -> datetime:
        # One reading of the clock for all lines of a command: asking the realm's costs a query.
        return at

    return Desk(
        operate=operate,
        act=act,
        ledger=PaymentReading(office.pool, office.identity),
        realm=realm,
        office=actor.organisation,
        now=now,
    )


async def import_lines(
    desk: Desk, lines: Sequence[Mapping[str, Any]], *, campaign: str = ""
) -> ImportReport:
    """Store lines (as `config.payment_files.BankLine`, JSON values) and tell their cases.

    Raises:
        RefusedByCaseError: nothing was stored; one refusal a line.
        UnknownError, UnavailableError: perhaps stored, no case was told; import again.
    """
    outcome = await desk.operate("import_payments", {"campaign": campaign, "lines": list(lines)})
    report = ImportReport(new=int(outcome.params["new"]), known=int(outcome.params["known"]))
    stated = [str(line["transaction"]) for line in lines]
    return await _told(desk, report, stated)


async def resume(desk: Desk) -> ImportReport:
    """Ask every case of the office again whose line has no answer yet."""
    return await _told(desk, ImportReport(), None)


async def resume_one(desk: Desk, transaction: str, account: str = "") -> BankLineView:
    """Ask the case of one line, if it has one and gave no answer; how the line stands then."""
    await _told(desk, ImportReport(), [transaction])
    found = await desk.ledger.lines(desk.realm, desk.office, [transaction])
    return next(line for line in found if account in ("", line.account))


async def _told(desk: Desk, report: ImportReport, only: list[str] | None) -> ImportReport:
    waiting = await desk.ledger.to_tell(desk.realm, desk.office, only)
    told_of = only if only is not None else [line.transaction for line in waiting]
    for start in range(0, len(waiting), EACH):
        answers = await _ask(desk, waiting[start : start + EACH])
        if answers:
            await desk.operate("settle_payments", {"answers": answers})
        report.told += len(answers)
        report.unanswered += len(waiting[start : start + EACH]) - len(answers)
        if desk.told is not None:
            desk.told(len(waiting), min(start + EACH, len(waiting)))
    found = await desk.ledger.lines(desk.realm, desk.office, told_of)
    report.outcomes = dict(Counter(line.outcome for line in found))
    report.for_a_person = tuple(line for line in found if line.needs_person)
    return report


async def _ask(desk: Desk, lines: Sequence[ToTell]) -> list[dict[str, str]]:
    """Tell so many cases; a line without an answer is left out.

    The lines of one case go one after the other: the order in which they were paid is kept.
    """
    by_case: dict[str, list[ToTell]] = {}
    for line in lines:
        by_case.setdefault(line.application, []).append(line)
    gate = asyncio.Semaphore(desk.at_once)
    answered = await asyncio.gather(*(_ask_case(desk, gate, own) for own in by_case.values()))
    return [answer for answers in answered for answer in answers]


async def _ask_case(
    desk: Desk, gate: asyncio.Semaphore, lines: Sequence[ToTell]
) -> list[dict[str, str]]:
    answers = []
    async with gate:
        for line in lines:
            answer = await _ask_one(desk, line)
            if answer is None:
                break
            answers.append({"account": line.account, "transaction": line.transaction, **answer})
    return answers


async def _ask_one(desk: Desk, line: ToTell) -> dict[str, str] | None:
    act = Act(
        request_id=line.request_id,
        actor=line.teller,
        acted_at=await desk.now(),
        payload={
            "transaction": line.told_as,
            "yuan": line.yuan,
            "paid_at": line.paid_at.isoformat(),
        },
    )
    try:
        await desk.act(line.application, "record_payment", act)
    except RefusedByCaseError as err:
        return {"answer": "refused", "code": err.refusals[0].code.value}
    except NotFoundError:
        return {"answer": "refused", "code": Code.NOT_FOUND.value}
    except (UnknownError, UnavailableError):
        return None
    return {"answer": "told"}
