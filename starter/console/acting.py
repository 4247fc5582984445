"""办理：填表、核对、办理，每一个事项都一样；没有得到答复的再问一次，不重复办理。

What was typed is kept before anything is asked, under the request id of the rendered form. What is
sent is kept with the time at which it arrived, and asked again it is that same act.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID, uuid4

from starlette.responses import Response

from activities.pending_acts import PendingAct, PendingActs
from activities.wording import caution_zh, help_text, label, last_moment_zh
from config.gateway_errors import GatewayError, TemporalUnavailableError
from starter.console.case import UPKEEP, around, steps_since
from starter.console.fields import (
    Typed,
    blank,
    problem_of,
    row_numbers,
    stated,
    summary,
    typed_in,
)
from starter.console.pages import Page, Visit
from starter.console.seen_case import seen_case
from starter.desk.act_form import Field, Widget, fields_of, with_options
from starter.desk.acting import kept, meant, previewed, sent
from starter.desk.case_page import CasePage
from starter.desk.choices import choices
from starter.desk.previewing import consequences
from starter.desk.refusing import No, NoAnswer, Reason
from starter.desk.stating import StatedError, checked
from starter.desk.translating import translated
from starter.desk.wording import reason_of
from workflows.application.act import Action
from workflows.application.case import Receipt
from workflows.application.catalogue import CATALOGUE
from workflows.application.messages import Preview
from workflows.rules.refusals import Refused
from workflows.writer.messages import Act

PATH = "/anjuan/{case}/ban/{act}"
REQUEST, MORE, AGAIN = "qingqiu", "jia", "xiugai"
ROWS_AT_FIRST, ROWS_MORE, MOST_ROWS = 2, 3, 60
WEIGHTY = frozenset({"revoke", "disqualify", "refuse", "fail_audit", "declare_abandoned"})
"""Acts for which the password is asked again; so is whatever ends a case for somebody else."""


async def form(visit: Visit) -> Response:
    """The act's form: as it is at first, or with what was typed and can be changed."""
    page, row = await _at(visit)
    refused = _held_back(page, row.name)
    if refused is not None:
        return _cannot(visit, page, row, [refused])
    fields = await _fields(visit, page, row)
    typed = blank(fields)
    if earlier := visit.asked(AGAIN):
        found = await _pending(visit, page, row, earlier)
        typed = found.typed or typed
    return _form(visit, page, row, fields, typed, str(uuid4()))


async def state(visit: Visit) -> Response:
    """What was typed, kept; on to the preview, or back with what is wrong."""
    page, row = await _at(visit)
    fields = await _fields(visit, page, row)
    typed, request = typed_in(visit.form, fields), _request_id(visit)
    more = visit.value(MORE)
    if more in {field.key for field in fields}:
        return _form(visit, page, row, fields, typed, request, more=more)
    try:
        payload = checked(row.payload, stated(fields, typed))
        shown = await previewed(
            visit.house.office, page.case, row.name, await _meant(visit, page, payload)
        )
    except StatedError as err:
        reasons = translated(err).reasons
        return _form(visit, page, row, fields, typed, request, reasons=reasons)
    if shown.refusals:
        reasons = await visit.house.office.reasons(shown.refusals, page.case.realm)
        return _form(visit, page, row, fields, typed, request, reasons=reasons)
    pending = _of(visit, page, row, request, typed)
    await _acts(visit).state(pending)
    return await visit.go(_check_path(page, row, request))


async def check(visit: Visit) -> Response:
    """核对: what is stated and what will follow; or what became of it."""
    page, row = await _at(visit)
    pending = await _pending(visit, page, row, str(visit.request.path_params["request"]))
    match pending.state:
        case "done":
            return visit.page(
                "act_done.html", **_about(page, row), done=pending.answer.get("told", "")
            )
        case "sent":
            return _unknown(visit, page, row, pending)
        case "refused":
            reasons = [Reason(**reason) for reason in pending.answer.get("reasons", ())]
            return _cannot(visit, page, row, reasons, pending)
        case _:
            return await _preview(visit, page, row, pending)


async def do(visit: Visit) -> Response:
    """Send the act, or ask again after one that was sent: the same act either way."""
    page, row = await _at(visit)
    acts = _acts(visit)
    pending = await _pending(visit, page, row, str(visit.request.path_params["request"]))
    if pending.state in ("done", "refused"):
        return await visit.go(_check_path(page, row, pending.id))
    if pending.state == "stated":
        fields = await _fields(visit, page, row)
        try:
            payload = checked(row.payload, stated(fields, pending.typed))
            act = await _meant(visit, page, payload, pending.id)
            shown = await previewed(visit.house.office, page.case, row.name, act)
            if _needs_proof(visit, row, shown):
                return await visit.go(_check_path(page, row, pending.id))
            act = await kept(visit.house.office, row.payload, act)
        except (StatedError, Refused) as err:
            return _cannot(visit, page, row, translated(err).reasons, pending)
        pending = await acts.take(pending, act)
    if pending.act is None:  # answered meanwhile
        return await visit.go(_check_path(page, row, pending.id))
    return await _sent(visit, page, row, pending, pending.act)


async def _sent(
    visit: Visit, page: CasePage, row: Action[Any], pending: PendingAct, act: Act
) -> Response:
    acts, office = _acts(visit), visit.house.office
    try:
        receipt = await sent(office, page.case, row.name, act)
    except (NoAnswer, GatewayError, TemporalUnavailableError, Refused) as err:
        answer = translated(err)
        if answer.kind in (No.UNKNOWN, No.UNAVAILABLE):
            return _unknown(visit, page, row, pending, away=answer.kind is No.UNAVAILABLE)
        told = [_kept_reason(reason) for reason in answer.reasons]
        await acts.answered(pending.id, "refused", {"reasons": told})
        after = await seen_case(visit, "anjuan")
        return _cannot(visit, after, row, answer.reasons, pending)
    await acts.answered(pending.id, "done", {"told": _told(receipt)})
    return await visit.go(f"/anjuan/{page.case.application}", _told(receipt))


async def _at(visit: Visit) -> tuple[CasePage, Action[Any]]:
    """The case and the act of the address.

    Raises:
        HTTPException: 404.
    """
    row = CATALOGUE.get(str(visit.request.path_params["act"]))
    if row is None or row.name == "submit":
        visit.nothing()
    if row.name in UPKEEP and visit.me.actor.role != "operations":
        visit.nothing()
    return await seen_case(visit, "ban"), row


async def _fields(visit: Visit, page: CasePage, row: Action[Any]) -> tuple[Field, ...]:
    found = await choices(visit.house.office, page, visit.me.at)
    return with_options(fields_of(row.payload), found)


async def _meant(visit: Visit, page: CasePage, payload: dict[str, Any], request: str = "") -> Act:
    return await meant(
        visit.house.office,
        visit.me.realm,
        visit.me.who,
        payload,
        case=page.case,
        request_id=request,
    )


async def _preview(visit: Visit, page: CasePage, row: Action[Any], pending: PendingAct) -> Response:
    fields = await _fields(visit, page, row)
    try:
        payload = checked(row.payload, stated(fields, pending.typed))
        act = await _meant(visit, page, payload, pending.id)
    except StatedError as err:  # a choice is gone since it was made
        return _cannot(visit, page, row, translated(err).reasons, pending)
    shown = await previewed(visit.house.office, page.case, row.name, act)
    if shown.refusals:
        reasons = await visit.house.office.reasons(shown.refusals, page.case.realm)
        return _cannot(visit, page, row, reasons, pending)
    if _needs_proof(visit, row, shown):
        visit.need_proof()
    return visit.page(
        "act_check.html",
        **_about(page, row),
        request_id=pending.id,
        summary=summary(fields, pending.typed),
        told=visit.told,
        since=steps_since(page, pending.seen_seq),
        edit=_edit_path(page, row, pending.id),
        follows=await consequences(visit.house.office, shown, page.case.realm),
        ends=shown.end is not None,
    )


def _needs_proof(visit: Visit, row: Action[Any], shown: Preview) -> bool:
    """Whether the password is asked again: what ends a case for somebody else, or takes a title."""
    weighty = row.name in WEIGHTY or shown.end is not None
    elevated = visit.me.session.is_elevated(datetime.now(UTC))
    return visit.me.hat is not None and weighty and not elevated


def _form(
    visit: Visit,
    page: CasePage,
    row: Action[Any],
    fields: Sequence[Field],
    typed: Typed,
    request: str,
    *,
    reasons: Sequence[Reason] = (),
    more: str = "",
) -> Response:
    rows = {field.key: _rows_of(field, typed, more) for field in fields if field.rows}
    return visit.page(
        "act_form.html",
        status=422 if reasons else 200,
        **_about(page, row),
        fields=fields,
        typed=typed,
        rows=rows,
        request_id=request,
        problems=[problem_of(reason, fields) for reason in reasons],
    )


def _rows_of(field: Field, typed: Typed, more: str) -> list[int]:
    if field.widget is not Widget.ROWS:
        return []
    there = len(row_numbers(field, typed))
    wanted = there + (ROWS_MORE if more == field.key else 1)
    return list(range(min(MOST_ROWS, max(ROWS_AT_FIRST, wanted))))


def _cannot(
    visit: Visit,
    page: CasePage,
    row: Action[Any],
    reasons: Sequence[Reason],
    pending: PendingAct | None = None,
) -> Response:
    """暂不能办, and why; where somebody else was quicker, who did what."""
    return visit.page(
        "act_cannot.html",
        status=200 if pending is None else 422,
        **_about(page, row),
        reasons=reasons,
        since=steps_since(page, pending.seen_seq) if pending else (),
        edit=_edit_path(page, row, pending.id) if pending and pending.typed else "",
    )


def _unknown(
    visit: Visit, page: CasePage, row: Action[Any], pending: PendingAct, *, away: bool = False
) -> Response:
    return visit.page(
        "act_unknown.html",
        status=503 if away else 202,
        **_about(page, row),
        request_id=pending.id,
        check_path=_check_path(page, row, pending.id),
        away=away,
    )


def _about(page: CasePage, row: Action[Any]) -> dict[str, Any]:
    return around(page, "ban") | {
        "act": label("acts", row.name),
        "what": help_text("acts", row.name),
        "act_path": f"/anjuan/{page.case.application}/ban/{row.name}",
    }


def _held_back(page: CasePage, name: str) -> Reason | None:
    view = next(item for item in page.actions if item.action == name) if page.actions else None
    if view is None or view.refusal is None:
        return None
    return reason_of(view.refusal, page.names)


def _told(receipt: Receipt) -> str:
    """The answer in one sentence, with what is to be minded."""
    standing = (
        label("ends", receipt.end)
        if receipt.end
        else label("stages", receipt.stage)
        if receipt.stage
        else ""
    )
    due = receipt.deadline
    until = (
        f"，{label('rules', due.rule)}至{last_moment_zh(due.ends_on, due.ends_at)}" if due else ""
    )
    again = "（此前已办，没有重复办理）" if receipt.repeated else ""
    cautions = "".join(f"请注意：{caution_zh(item)}" for item in receipt.warnings)
    return f"已办：{label('acts', receipt.action)}{again}。现在：{standing}{until}。{cautions}"


def _kept_reason(reason: Reason) -> dict[str, Any]:
    return {
        "code": reason.code,
        "message": reason.message,
        "clause": reason.clause,
        "next": reason.next,
    }


def _of(visit: Visit, page: CasePage, row: Action[Any], request: str, typed: Typed) -> PendingAct:
    me = visit.me
    return PendingAct(
        id=request,
        account=me.session.account,
        person=me.person,
        organisation=me.organisation,
        realm=me.realm.id,
        subject=page.case.application,
        action=row.name,
        seen_seq=page.case.seq,
        typed=typed,
    )


async def _pending(visit: Visit, page: CasePage, row: Action[Any], request: str) -> PendingAct:
    """What was typed under a request id, by this very person under this very hat.

    Raises:
        HTTPException: 404.
    """
    found = await _acts(visit).find(request, visit.me.session.account)
    same = _of(visit, page, row, request, {})
    known = ("person", "organisation", "realm", "subject", "action")
    if found is None or any(getattr(found, name) != getattr(same, name) for name in known):
        visit.nothing()
    return found


def _request_id(visit: Visit) -> str:
    """The request id of the rendered form.

    Raises:
        HTTPException: 404 for what no form of ours has.
    """
    try:
        return str(UUID(visit.value(REQUEST)))
    except ValueError:
        visit.nothing()


def _acts(visit: Visit) -> PendingActs:
    return PendingActs(visit.house.office.pool, visit.house.office.identity)


def _check_path(page: CasePage, row: Action[Any], request: str) -> str:
    return f"/anjuan/{page.case.application}/ban/{row.name}/hedui/{request}"


def _edit_path(page: CasePage, row: Action[Any], request: str) -> str:
    return f"/anjuan/{page.case.application}/ban/{row.name}?{AGAIN}={request}"


PAGES = (
    Page(PATH, form),
    Page(PATH, state, ("POST",)),
    Page(f"{PATH}/hedui/{{request}}", check),
    Page(f"{PATH}/hedui/{{request}}", do, ("POST",)),
)
