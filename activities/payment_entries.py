"""What is written of the bank's lines: their import, the cases' answers, what a person decides.

A line is known by its account and transaction number: told again it is the same line, with another
content a conflict; what another office imports under the same number is another line. Reading a file changes no case; the cases are told afterwards, each once (A19).
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import timedelta

from asyncpg import Record

from activities.operating import Operating
from activities.payments import FEN, NUMBERS, PAYER, REMARK, SQL, teller_json, told_of
from activities.statements import statements
from workflows.operation.messages import OperationOutcome
from workflows.operation.payloads import (
    StatedAnswers,
    StatedLine,
    StatedLines,
    StatedResolution,
)
from workflows.rules.message import local
from workflows.rules.readings import Reading
from workflows.rules.refusals import Code, Refusal, Refused, refuse

LOCK = statements("operations")["lock_register"]
REGISTER = "payments"
TOLERANCE = timedelta(seconds=60)
Key = tuple[str, str]
"""Account and transaction number: a line of this office."""
MOVABLE = frozenset({"unknown", "refused", "double"})
"""Outcomes whose money a person may give to another application."""


async def import_payments(work: Operating) -> OperationOutcome:
    """Store the lines of a bank file: all or, where one cannot be, none.

    `params` of the outcome: `new`, `known` (the same line was stored before), `unknown` (of the
    new: no application of its number).

    Raises:
        Refused: `date_not_allowed` for money paid in the future,
            `duplicate_conflict` for a known transaction number with another content; each line's
            reason is one of the refusals, with its `line`.
    """
    stated = work.read(StatedLines)
    connection, realm = work.connection, work.request.realm
    await connection.execute(LOCK, REGISTER)
    hashes = {_key(line): _content(work, line) for line in stated.lines}
    numbered = [line.transaction for line in stated.lines]
    rows_there = await connection.fetch(
        SQL["known_lines"], realm, work.actor.organisation, numbered
    )
    known = {
        key: row for row in rows_there if (key := (row["account"], row["transaction"])) in hashes
    }
    _check_lines(work, stated.lines, hashes, known)
    new = [line for line in stated.lines if _key(line) not in known]
    wanted = sorted({number for line in new for number in line.numbers})
    found = await connection.fetch(SQL["applications_by_number"], realm, wanted)
    by_number = {row[key]: row for row in found for key in ("id", "acceptance_number") if row[key]}
    rows = [_row(work, line, hashes[_key(line)], by_number, stated.campaign) for line in new]
    await connection.executemany(SQL["add_line"], rows)
    unknown = sum(row[10] == "unknown" for row in rows)
    params = {"new": str(len(new)), "known": str(len(known)), "unknown": str(unknown)}
    return OperationOutcome(done=True, count=len(new), params=params)


async def settle_payments(work: Operating) -> OperationOutcome:
    """Note what the cases said; a line that has its answer keeps it."""
    stated = work.read(StatedAnswers)
    await work.connection.executemany(
        SQL["answer_line"],
        [
            (
                work.request.realm,
                work.actor.organisation,
                item.account,
                item.transaction,
                item.answer,
                item.code,
                work.at,
            )
            for item in stated.answers
        ],
    )
    return OperationOutcome(done=True, count=len(stated.answers))


async def resolve_payment(work: Operating) -> OperationOutcome:
    """A person says whose money it is, or that it is dealt with (paid back, entered elsewhere).

    Raises:
        Refused: `reason_required`, `not_found`, `already_decided` where it was
            dismissed before or is the application's it counts for, `malformed_payload` for money
            that is not whole yuan.
    """
    stated = work.read(StatedResolution)
    why = await work.reason(stated.reason)
    connection, realm = work.connection, work.request.realm
    await connection.execute(LOCK, REGISTER)
    found = await connection.fetch(
        SQL["lines_to_resolve"],
        realm,
        work.actor.organisation,
        stated.transaction,
        stated.account,
    )
    if not found:
        raise refuse(Code.NOT_FOUND, what="payment", transaction=stated.transaction)
    if len(found) > 1:
        raise refuse(Code.MALFORMED_PAYLOAD, Reading.PAYMENT_COUNTS, fields="account")
    line = found[0]
    if line["dismissed_at"] is not None:
        raise refuse(
            Code.ALREADY_DECIDED,
            Reading.PAYMENT_COUNTS,
            what="payment",
            transaction=stated.transaction,
        )
    if stated.dismiss:
        await connection.execute(SQL["dismiss_line"], line["id"], work.by, work.at, why)
        return OperationOutcome(done=True, count=1)
    await _check_movable(work, line, stated)
    await connection.execute(
        SQL["assign_line"],
        line["id"],
        stated.application,
        teller_json(work.actor),
        work.by,
        work.at,
        why,
    )
    return OperationOutcome(done=True, count=1)


def _check_lines(
    work: Operating,
    lines: Iterable[StatedLine],
    hashes: dict[Key, bytes],
    known: dict[Key, Record],
) -> None:
    reasons: list[Refusal] = []
    seen: set[Key] = set()
    for line in lines:
        params = {"line": str(line.line), "transaction": line.transaction}
        before = known.get(_key(line))
        if _key(line) in seen or (
            before is not None and before["content_hash"] != hashes[_key(line)]
        ):
            reasons.append(
                Refusal(code=Code.DUPLICATE_CONFLICT, clause=Reading.PAYMENT_COUNTS, params=params)
            )
        seen.add(_key(line))
        if local(line.paid_at) > work.at + TOLERANCE:
            params |= {"reason": "future", "date": local(line.paid_at).isoformat()}
            reasons.append(
                Refusal(code=Code.DATE_NOT_ALLOWED, clause=Reading.PAYMENT_COUNTS, params=params)
            )
    if reasons:
        raise Refused(*reasons)


def _key(line: StatedLine) -> Key:
    return line.account, line.transaction


def _content(work: Operating, line: StatedLine) -> bytes:
    plain = line.model_dump(mode="json", exclude={"line"})
    plain["paid_at"] = local(line.paid_at).isoformat()
    return work.identity.content_hash(json.dumps(plain, sort_keys=True, ensure_ascii=False))


def _row(
    work: Operating,
    line: StatedLine,
    content_hash: bytes,
    by_number: dict[str, Record],
    campaign: str,
) -> tuple[object, ...]:
    meant = {by_number[number]["id"]: by_number[number] for number in line.numbers
             if number in by_number}  # fmt: skip
    row = next(iter(meant.values())) if len(meant) == 1 else None
    if row is not None and campaign and row["campaign"] != campaign:
        row = None
    answer = "unknown" if row is None else "uneven" if line.fen % FEN else "open"
    return (
        work.request.realm,
        work.actor.organisation,
        line.transaction,
        content_hash,
        line.fen,
        local(line.paid_at),
        work.identity.seal_optional("\n".join(line.numbers), NUMBERS),
        work.identity.seal_optional(line.remark, REMARK),
        work.identity.seal_optional(line.payer, PAYER),
        row["id"] if row is not None else None,
        answer,
        "",
        teller_json(work.actor),
        work.by,
        work.at,
        line.account,
    )


async def _check_movable(work: Operating, line: Record, stated: StatedResolution) -> None:
    realm = work.request.realm
    known = await work.connection.fetchval(SQL["application"], realm, stated.application)
    if known is None:
        raise refuse(Code.NOT_FOUND, what="application", application=stated.application)
    if line["fen"] % FEN:
        raise refuse(Code.MALFORMED_PAYLOAD, Reading.PAYMENT_COUNTS, fields="yuan")
    numbered = await told_of(work.connection, realm, line["office"], [line["transaction"]])
    outcome = next(told.outcome for told in numbered if told.row["id"] == line["id"])
    same = line["application"] == stated.application and outcome != "refused"
    if outcome not in MOVABLE or same:
        raise refuse(
            Code.ALREADY_DECIDED,
            Reading.PAYMENT_COUNTS,
            what="payment",
            transaction=stated.transaction,
        )
