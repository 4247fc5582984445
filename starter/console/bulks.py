"""批量办理：从筛选出的申报中选定，填一次，排练，确认后逐件办理。

What was chosen and typed is kept under the form's request id before anything is asked, as with one
act (`acting`). What is shown before is decided on the record; what is confirmed is vouched for here,
case by case, and carried on by a worker whatever becomes of this page.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import uuid4

from starlette.responses import Response

from activities.bulks.entering import bulk_id
from activities.pending_acts import PendingAct
from activities.seeing import concerning
from activities.views import CaseFilter, CaseSummary
from activities.wording import help_text, label
from config.gateway.errors import GatewayError, TemporalUnavailableError
from starter.console import cases as lists
from starter.console import looks
from starter.console.acting import ROWS_AT_FIRST, ROWS_MORE
from starter.console.bulk_register import PATH, for_an_organisation, list_address
from starter.console.fields import Typed, blank, problem_of, row_numbers, stated, summary, typed_in
from starter.console.inbox import counted
from starter.console.pages import Page, Problem, Visit
from starter.console.sheets import Sheet, taken, wants_sheet
from starter.console.typed_acts import acts_of, own_act, typed_act
from starter.desk import bulks as desk
from starter.desk.act_form import Field, Widget, fields_of, flat, with_options, without_files
from starter.desk.bulk_words import (
    courses_zh,
    letters_zh,
    why_not,
)
from starter.desk.bulks import Chosen, Rehearsal
from starter.desk.case_page import NOT_FOR_PEOPLE
from starter.desk.refusing import No, NoAnswer, Reason, WaitsForSecond
from starter.desk.stating import StatedError, checked
from starter.desk.steps import case_standing
from starter.desk.translating import translated
from workflows.application.act import Action
from workflows.application.catalogue import CATALOGUE
from workflows.application.decision import may
from workflows.rules.names import Relation
from workflows.rules.refusals import Refused

CHOOSE = "/piliang/xuan"
SUBJECT = "bulk"
CHOSEN, ACT, ALL, MORE = "an", "shixiang", "quanbu", "jia"
LINES, MOST = 50, 500
"""Cases of a page, and those one may choose by clicks; more of them is the command line's."""
REHEARSED = ("申报人", "受理号", "能否办理", "原因")
OF_NO_USE = frozenset({"confirm_request"})
"""Acts that answer something of one case alone."""
NO_ANSWERS = (NoAnswer, GatewayError, TemporalUnavailableError, Refused)


# ---- choosing ---------------------------------------------------------------------------------------


async def choose(visit: Visit) -> Response:
    """选定：筛选出的申报，勾选，选事项。"""
    for_an_organisation(visit)
    return await _choosing(visit)


async def chosen(visit: Visit) -> Response:
    """What was ticked, or all of the list, kept; on to what the act states."""
    for_an_organisation(visit)
    asked, act = lists.asked_of(visit), visit.value(ACT)
    row = CATALOGUE.get(act)
    if row is None or not _is_for_many(row):
        return await _choosing(visit, Problem("请选择要办理的事项。", ACT))
    wanted = lists.wanted_of(visit, asked, LINES)
    if visit.value(ALL):
        wanted = wanted.model_copy(update={"limit": MOST, "after": ""})
    else:
        ticked = [str(item) for item in visit.form.getlist(CHOSEN)][:MOST]
        if not ticked:
            return await _choosing(visit, Problem("请勾选要办理的申报。", CHOSEN))
        wanted = wanted.model_copy(update={"applications": tuple(ticked), "after": ""})
    page = await visit.house.office.lists.cases(wanted)
    if page.following:
        told = f"符合条件的超过 {MOST} 件，一次办理不了这么多。请加上条件，分几批办理。"
        return await _choosing(visit, Problem(told, CHOSEN))
    if not page.cases:
        return await _choosing(visit, Problem("选中的申报已经不在这份清单里。", CHOSEN))
    request = str(uuid4())
    typed = {CHOSEN: [case.application for case in page.cases]}
    await acts_of(visit).state(typed_act(visit, request, SUBJECT, act, typed | blank(_fields(row))))
    return await visit.go(f"{PATH}/ban/{request}")


async def _choosing(visit: Visit, *problems: Problem) -> Response:
    asked = lists.asked_of(visit)
    page = await visit.house.office.lists.cases(lists.wanted_of(visit, asked, LINES))
    can = await _acts_on(visit, page.cases)
    kept = {word: value for word, value in asked.items() if value and word != lists.AFTER}
    offers = await lists.offered(visit)
    return visit.page(
        "bulk_choose.html",
        status=422 if problems else 200,
        problems=problems,
        asked=asked,
        address=list_address(CHOOSE, asked),
        cases=[_offered(case, dict(offers["campaigns"])) for case in page.cases],
        ticked={str(item) for item in visit.form.getlist(CHOSEN)},
        acts=[(name, f"{label('acts', name)}（本页可办 {number} 件）") for name, number in can],
        act=visit.value(ACT),
        total=counted(page.total) if page.total else "",
        first=list_address(CHOOSE, kept) if asked[lists.AFTER] else "",
        next=list_address(CHOOSE, kept | {lists.AFTER: page.following}) if page.following else "",
        **offers,
    )


async def _acts_on(visit: Visit, cases: Sequence[CaseSummary]) -> list[tuple[str, int]]:
    """What this person may do to some of these cases now, and to how many of them."""
    me, found = visit.me, dict[str, int]()
    stored = await visit.house.office.reading.stored_among([case.application for case in cases])
    for name, row in CATALOGUE.items():
        if _is_for_many(row):
            can = [one for one in stored.values() if may(one.case, name, me.actor, me.at) is None]
            found[name] = len(can)
    return sorted(((name, n) for name, n in found.items() if n), key=lambda item: -item[1])


def _is_for_many(row: Action[Any]) -> bool:
    """Whether one statement can be of many cases: nothing in it is chosen from one of them."""
    if row.name in NOT_FOR_PEOPLE | OF_NO_USE or set(row.by) <= {Relation.ANYONE}:
        return False
    return not any(field.required and field.source for field in flat(fields_of(row.payload)))


def _offered(case: CaseSummary, notices: Mapping[str, str]) -> dict[str, object]:
    return {
        "id": case.application,
        "applicant": case.applicant or "打开",
        "path": f"{lists.PATH}/{case.application}",
        "standing": case_standing(case),
        "due": case.due_on,
        "campaign": notices.get(case.campaign, case.campaign),
        "number": case.acceptance_number,
    }


# ---- the act's form, its rehearsal, and beginning --------------------------------------------------


async def form(visit: Visit) -> Response:
    """填写：各件相同的办理内容。"""
    pending = await _pending(visit)
    if pending.state != "stated":
        return await visit.go(_check_path(pending.id))
    row = CATALOGUE[pending.action]
    fields = _fields(row)
    if not fields:
        return await visit.go(_check_path(pending.id))
    return _form(visit, pending, fields, pending.typed)


async def state(visit: Visit) -> Response:
    """What was typed, kept; on to the rehearsal, or back with what is wrong."""
    pending = await _pending(visit)
    row = CATALOGUE[pending.action]
    fields = _fields(row)
    typed = typed_in(visit.form, fields)
    more = visit.value(MORE)
    if more in {field.key for field in fields}:
        return _form(visit, pending, fields, typed, more=more)
    try:
        checked(row.payload, stated(fields, typed))
    except StatedError as err:
        return _form(visit, pending, fields, typed, reasons=translated(err).reasons)
    await acts_of(visit).state(
        pending.model_copy(update={"typed": {CHOSEN: pending.typed[CHOSEN], **typed}})
    )
    return await visit.go(_check_path(pending.id))


async def check(visit: Visit) -> Response:
    """排练：每一件办了会怎样；不能办理的，原因逐件列出。"""
    pending = await _pending(visit)
    match pending.state:
        case "done":
            return await visit.go(f"{PATH}/{pending.answer.get('bulk', '')}")
        case "sent":
            return _unknown(visit, pending)
        case _:
            return await _rehearsal_page(visit, pending)


async def begin(visit: Visit) -> Response:
    """Vouch for each act and begin; asked again it is the same bulk."""
    pending = await _pending(visit)
    me, office = visit.me, visit.house.office
    if pending.state == "done":
        return await visit.go(f"{PATH}/{pending.answer.get('bulk', '')}")
    try:
        known = await desk.prepared_before(office, me.realm, me.who, pending.id)
        async with office.telling(me.realm.id):
            if known is None:
                rehearsal = await _rehearsed(visit, pending)
                if rehearsal.weighty:
                    visit.need_proof(_check_path(pending.id))
                pending = await acts_of(visit).take(pending, rehearsal.act)
                outcome = await desk.begun(
                    office, me.realm, me.who, rehearsal, request_id=pending.id
                )
            else:
                outcome = await desk.started(office, me.who, known, pending.id)
    except WaitsForSecond as waits:
        bulk = bulk_id(me.realm.id, me.actor, pending.id)
        await acts_of(visit).answered(pending.id, "done", {"bulk": bulk})
        until = looks.moment(waits.until)
        told = f"已记下，还没有开始：须由另一人在{until}以前登录，在“待确认”中确认。"
        return await visit.go(f"{PATH}/{bulk}", told)
    except NO_ANSWERS as err:
        answer = translated(err)
        if answer.kind in (No.UNKNOWN, No.UNAVAILABLE):
            return _unknown(visit, pending, away=answer.kind is No.UNAVAILABLE)
        await acts_of(visit).answered(pending.id, "refused", {})
        return await _rehearsal_page(visit, pending, answer.reasons)
    bulk = outcome.params["bulk"]
    await acts_of(visit).answered(pending.id, "done", {"bulk": bulk})
    return await visit.go(f"{PATH}/{bulk}", f"已开始，共 {outcome.count} 件。")


async def _rehearsed(visit: Visit, pending: PendingAct) -> Rehearsal:
    me, row = visit.me, CATALOGUE[pending.action]
    fields = _fields(row)
    payload = checked(row.payload, stated(fields, pending.typed))
    wanted = CaseFilter(
        realm=me.realm.id,
        whose=concerning(me.actor),
        applications=tuple(pending.typed[CHOSEN]),
        limit=MOST,
    )
    found = await visit.house.office.lists.cases(wanted)
    cases = [
        Chosen(case.application, case.applicant, case.acceptance_number or "")
        for case in found.cases
    ]
    return await desk.rehearsed(visit.house.office, me.realm, me.who, row, payload, cases)


async def _rehearsal_page(
    visit: Visit, pending: PendingAct, reasons: Sequence[Reason] = ()
) -> Response:
    office, realm = visit.house.office, visit.me.realm.id
    row = CATALOGUE[pending.action]
    fields = _fields(row)
    try:
        rehearsal = await _rehearsed(visit, pending)
    except StatedError as err:
        return _form(visit, pending, fields, pending.typed, reasons=translated(err).reasons)
    if rehearsal.weighty:
        visit.need_proof(_check_path(pending.id))
    exceptions = [
        (item.case, await why_not(office, item.shown.refusals, realm))
        for item in rehearsal.exceptions
    ]
    if wants_sheet(visit):
        told = [(item.case.applicant, item.case.number, "能", "") for item in rehearsal.fit]
        told += [(case.applicant, case.number, "不能", why) for case, why in exceptions]
        return await taken(visit, Sheet(f"{label('acts', pending.action)}排练", REHEARSED, told))
    return visit.page(
        "bulk_check.html",
        status=422 if reasons else 200,
        problems=[Problem(f"{reason.message}{reason.next}") for reason in reasons],
        act=label("acts", pending.action),
        request_id=pending.id,
        edit=f"{PATH}/ban/{pending.id}" if fields else "",
        summary=summary(fields, pending.typed),
        number=len(rehearsal.fit),
        weighty=rehearsal.weighty,
        courses=courses_zh(rehearsal),
        letters=letters_zh(rehearsal),
        cautions=list(rehearsal.cautions.items()),
        exceptions=[
            (f"{lists.PATH}/{case.application}", (case.applicant or "打开", case.number, why))
            for case, why in exceptions
        ],
        fit=[
            (
                f"{lists.PATH}/{item.case.application}",
                (item.case.applicant or "打开", item.case.number),
            )
            for item in rehearsal.fit
        ],
    )


def _form(
    visit: Visit,
    pending: PendingAct,
    fields: Sequence[Field],
    typed: Typed,
    *,
    reasons: Sequence[Reason] = (),
    more: str = "",
) -> Response:
    return visit.page(
        "bulk_form.html",
        status=422 if reasons else 200,
        act=label("acts", pending.action),
        what=help_text("acts", pending.action),
        request_id=pending.id,
        number=len(pending.typed[CHOSEN]),
        fields=fields,
        typed=typed,
        rows={field.key: _rows_of(field, typed, more) for field in fields if field.rows},
        problems=[problem_of(reason, fields) for reason in reasons],
    )


def _rows_of(field: Field, typed: Typed, more: str) -> list[int]:
    if field.widget is not Widget.ROWS:
        return []
    there = len(row_numbers(field, typed))
    return list(range(max(ROWS_AT_FIRST, there + (ROWS_MORE if more == field.key else 1))))


def _unknown(visit: Visit, pending: PendingAct, *, away: bool = False) -> Response:
    return visit.page(
        "bulk_unknown.html",
        status=503 if away else 202,
        act=label("acts", pending.action),
        request_id=pending.id,
        away=away,
    )


# ---- what they share --------------------------------------------------------------------------------


def _fields(row: Action[Any]) -> tuple[Field, ...]:
    """What the act states of all cases alike: nothing that is chosen from one."""
    return with_options(without_files(fields_of(row.payload)), {})


async def _pending(visit: Visit) -> PendingAct:
    """What was chosen and typed under a request id, by this very person under this very hat.

    Raises:
        HTTPException: 404.
    """
    for_an_organisation(visit)
    return await own_act(visit, str(visit.request.path_params["request"]), SUBJECT)


def _check_path(request: str) -> str:
    return f"{PATH}/hedui/{request}"


PAGES = (
    Page(CHOOSE, choose),
    Page(CHOOSE, chosen, ("POST",)),
    Page(f"{PATH}/ban/{{request}}", form),
    Page(f"{PATH}/ban/{{request}}", state, ("POST",)),
    Page(f"{PATH}/hedui/{{request}}", check),
    Page(f"{PATH}/hedui/{{request}}", begin, ("POST",)),
)
