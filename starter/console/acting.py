"""办理：填表、核对、办理，每一个事项都一样；没有得到答复的再问一次，不重复办理。

What was typed is kept before anything is asked, under the request id of the rendered form. What is
sent is kept with the time at which it arrived, and asked again it is that same act. A case and a
meeting say what their acts are (`ActSubject`); the rest is here and nowhere else.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, ClassVar
from uuid import UUID, uuid4

import structlog
from starlette.responses import Response

from activities.pending_acts import PendingAct
from activities.views import CaseView
from activities.wording import caution_zh, help_text, label, last_moment_zh
from config.gateway.errors import GatewayError, TemporalUnavailableError
from starter.console.fields import (
    Typed,
    blank,
    problem_of,
    row_numbers,
    stated,
    summary,
    typed_in,
)
from starter.console.next_task import carried
from starter.console.pages import Page, Problem, Visit
from starter.console.typed_acts import acts_of, own_act, typed_act
from starter.console.uploads import REMOVE, UPLOAD, options, taken_in
from starter.desk.act_form import (
    ACTS,
    Field,
    Option,
    Source,
    Widget,
    fields_of,
    sources_of,
    takes_files,
    with_files,
    with_options,
)
from starter.desk.acting import kept, meant
from starter.desk.foreseeing import (
    Foreseen,
    MissingGlyphsError,
    TypesettingError,
    named,
    pages_of,
    printed,
)
from starter.desk.previewing import NOTHING, Consequences
from starter.desk.refusing import No, NoAnswer, Reason
from starter.desk.stating import StatedError, checked
from starter.desk.translating import translated
from workflows.application.case import Receipt
from workflows.meeting.messages import MeetingReceipt
from workflows.rules.refusals import Refused
from workflows.writer.messages import Act
from workflows.writer.payloads import Payload

REQUEST, MORE, AGAIN, SEEN = "qingqiu", "jia", "xiugai", "kandao"
MOST_FILES = 10
logger = structlog.get_logger(__name__)
ROWS_AT_FIRST, ROWS_MORE, MOST_ROWS = 2, 3, 60


@dataclass(frozen=True)
class Shown:
    """What an act would do, or why it would be refused; `weighty`: the password is asked again."""

    refused: Sequence[Reason] = ()
    follows: Consequences = NOTHING
    weighty: bool = False


@dataclass(frozen=True)
class ActSubject(ABC):
    """One act on one subject, by whoever is signed in: what the flow asks of a case or a meeting."""

    visit: Visit
    name: str
    model: type[Payload]

    words = ACTS
    """Which words its fields have (`act_form`)."""
    template = "act_form.html"
    buttons: ClassVar[frozenset[str]] = frozenset()
    """Buttons of its form that bring something into it, beside those that add rows."""
    most_rows = MOST_ROWS

    @property
    def spare_rows(self) -> int:
        """Blank rows after those that are filled in."""
        return 1

    @property
    def named_by(self) -> Mapping[str, str]:
        """Rows that are there once for each of something, by the field that says of which."""
        return {}

    @property
    @abstractmethod
    def id(self) -> str:
        """The subject's id."""

    @property
    @abstractmethod
    def seq(self) -> int:
        """How far its record is."""

    @property
    @abstractmethod
    def path(self) -> str:
        """Where it is looked at."""

    @property
    def act_path(self) -> str:
        """Where this act is filled in."""
        return f"{self.path}/ban/{self.name}"

    @property
    def kept(self) -> str:
        """What its addresses carry on: from which list one came (`next_task`)."""
        return carried(self.visit)

    @property
    @abstractmethod
    def layout(self) -> Mapping[str, Any]:
        """What the pages around it show: `layout`, the template; `subject_word`, what it is called."""

    @property
    @abstractmethod
    def held_back(self) -> Reason | None:
        """Why it cannot be done now, whatever is stated."""

    @abstractmethod
    async def choices(self, sources: Collection[Source]) -> Mapping[Source, Sequence[Option]]:
        """What there is to choose from in these sources."""

    @property
    def case(self) -> CaseView | None:
        """The case it is on, where it is on one."""
        return None

    async def meant(self, payload: Mapping[str, Any], request_id: str = "") -> Act:
        """The act as it would be done now.

        Raises:
            NoAnswer: `not_entitled`.
        """
        me, office = self.visit.me, self.visit.house.office
        return await meant(office, me.realm, me.who, payload, case=self.case, request_id=request_id)

    @abstractmethod
    async def shown(self, act: Act) -> Shown:
        """What it would do, decided without a trace."""

    @abstractmethod
    async def send(self, act: Act) -> str:
        """Send it and wait; the answer in one sentence.

        Raises:
            NoAnswer: it was refused. `UnknownError`: perhaps done, perhaps not.
        """

    async def since(self, _seq: int) -> Sequence[str]:
        """What others did since the record was so far."""
        return ()

    async def at_first(self, fields: Sequence[Field]) -> Typed:
        """The form before anything is typed."""
        return blank(fields)

    async def brought(self, typed: Typed) -> Typed:
        """What is typed, with what the form's own buttons and choices bring into it."""
        return typed

    async def aids(self) -> Mapping[str, Any]:
        """What the form shows beside its fields."""
        return {}

    async def paper(self, _act: Act) -> Foreseen | None:
        """The paper that the act would bring."""
        return None

    def remark(self, _typed: Typed) -> str:
        """What is said above the form."""
        return ""

    async def fields(self) -> tuple[Field, ...]:
        """The act's fields with what there is to choose from."""
        bare = fields_of(self.model, self.words)
        found = with_options(bare, await self.choices(sources_of(bare)))
        return with_files(found, await options(self.visit)) if takes_files(found) else found

    @property
    def is_proved(self) -> bool:
        """Whether no password is asked for, whatever it weighs: it was stated a moment ago, or somebody
        acts for himself or herself."""
        me = self.visit.me
        return me.hat is None or me.session.is_elevated(datetime.now(UTC))

    def needs_proof(self, shown: Shown) -> bool:
        """Whether the password is asked again first."""
        return shown.weighty and not self.is_proved


Here = Callable[[Visit], Awaitable[ActSubject]]
"""Finds the subject and the act of an address, or ends with 404."""


def flow(path: str, here: Here) -> tuple[Page, ...]:
    """The pages of acts under a path."""

    def of(step: Callable[[ActSubject], Awaitable[Response]]) -> Callable[..., Awaitable[Response]]:
        async def show(visit: Visit) -> Response:
            return await step(await here(visit))

        return show

    async def send(visit: Visit) -> Response:
        return await _do(await here(visit), here)

    return (
        Page(path, of(_blank)),
        Page(path, of(_state), ("POST",), uploads=MOST_FILES),
        Page(f"{path}/hedui/{{request}}", of(_check)),
        Page(f"{path}/hedui/{{request}}/wenshu", of(_paper)),
        Page(f"{path}/hedui/{{request}}/wenshu/{{page:number}}", of(_paper_page)),
        Page(f"{path}/hedui/{{request}}", send, ("POST",)),
    )


async def _blank(act: ActSubject) -> Response:
    """The act's form: as it is at first, or with what was typed and can be changed."""
    refused = act.held_back
    if refused is not None:
        return await _cannot(act, [refused])
    fields = await act.fields()
    typed = await act.at_first(fields)
    if earlier := act.visit.asked(AGAIN):
        found = await own_act(act.visit, earlier, act.id, act.name)
        typed = found.typed or typed
    return await _form(act, fields, typed, str(uuid4()))


async def _state(act: ActSubject) -> Response:
    """What was typed, kept; on to the preview, or back with what is wrong."""
    visit = act.visit
    fields = await act.fields()
    request, came = _request_id(visit), await taken_in(visit, fields)
    if came.form is not visit.form:  # what has just come in can be named
        fields = await act.fields()
    typed, more = await act.brought(typed_in(came.form, fields)), visit.value(MORE)
    known = act.buttons.union({UPLOAD}, (field.key for field in fields))
    if came.problems or more in known or visit.value(REMOVE):
        return await _form(act, fields, typed, request, problems=came.problems, more=more)
    try:
        shown = await act.shown(await act.meant(checked(act.model, stated(fields, typed))))
    except StatedError as err:
        return await _form(act, fields, typed, request, reasons=translated(err).reasons)
    if shown.refused:
        return await _form(act, fields, typed, request, reasons=shown.refused)
    kept = typed_act(visit, request, act.id, act.name, typed, seen_seq=_seen(act))
    await acts_of(visit).state(kept)
    return await visit.go(_check_path(act, request))


async def _check(act: ActSubject) -> Response:
    """核对: what is stated and what will follow; or what became of it."""
    pending = await _asked_for(act)
    match pending.state:
        case "done":
            done = pending.answer.get("told", "")
            return act.visit.page("act_done.html", **_about(act), done=done)
        case "sent":
            return _unknown(act, pending)
        case "refused":
            reasons = [Reason(**reason) for reason in pending.answer.get("reasons", ())]
            return await _cannot(act, reasons, pending)
        case _:
            return await _preview(act, pending)


async def _do(act: ActSubject, here: Here) -> Response:
    """Send the act, or ask again after one that was sent: the same act either way."""
    visit = act.visit
    acts = acts_of(visit)
    pending = await _asked_for(act)
    if pending.state in ("done", "refused"):
        return await visit.go(_check_path(act, pending.id))
    if pending.state == "stated":
        fields = await act.fields()
        try:
            ready = await _ready(act, fields, pending)
            # What it weighs is asked of the core again only where it could matter.
            if not act.is_proved and act.needs_proof(await act.shown(ready)):
                return await visit.go(_check_path(act, pending.id))
            ready = await kept(visit.house.office, act.model, ready)
        except (StatedError, Refused) as err:
            return await _cannot(act, translated(err).reasons, pending)
        pending = await acts.take(pending, ready)
    if pending.act is None:  # answered meanwhile
        return await visit.go(_check_path(act, pending.id))
    return await _sent(act, here, pending, pending.act)


async def _sent(act: ActSubject, here: Here, pending: PendingAct, ready: Act) -> Response:
    acts = acts_of(act.visit)
    try:
        told = await act.send(ready)
    except (NoAnswer, GatewayError, TemporalUnavailableError, Refused) as err:
        answer = translated(err)
        if answer.kind in (No.UNKNOWN, No.UNAVAILABLE):
            return _unknown(act, pending, away=answer.kind is No.UNAVAILABLE)
        reasons = [_kept_reason(reason) for reason in answer.reasons]
        await acts.answered(pending.id, "refused", {"reasons": reasons})
        return await _cannot(await here(act.visit), answer.reasons, pending)
    await acts.answered(pending.id, "done", {"told": told})
    return await act.visit.go(f"{act.path}{act.kept}", told)


async def _preview(act: ActSubject, pending: PendingAct) -> Response:
    fields = await act.fields()
    try:
        ready = await _ready(act, fields, pending)
        shown = await act.shown(ready)
    except StatedError as err:  # a choice is gone since it was made
        return await _cannot(act, translated(err).reasons, pending)
    if shown.refused:
        return await _cannot(act, shown.refused, pending)
    if act.needs_proof(shown):
        act.visit.need_proof()
    return act.visit.page(
        "act_check.html",
        **_about(act),
        **await _foreseen(await act.paper(ready), f"{act.act_path}/hedui/{pending.id}"),
        request_id=pending.id,
        summary=summary(fields, pending.typed),
        told=act.visit.told,
        since=await act.since(pending.seen_seq),
        edit=_edit_path(act, pending.id),
        follows=shown.follows,
        weighty=shown.weighty,
    )


async def _ready(act: ActSubject, fields: Sequence[Field], pending: PendingAct) -> Act:
    """The act as it was typed.

    Raises:
        StatedError: it is not what the act takes.
    """
    return await act.meant(checked(act.model, stated(fields, pending.typed)), pending.id)


async def _foreseen(paper: Foreseen | None, path: str) -> dict[str, Any]:
    """The paper as 核对 shows it: its name, its file, and its pages as pictures."""
    if paper is None:
        return {"paper": None}
    try:
        pages = await pages_of(paper)
    except TypesettingError as err:
        # Whatever a template stumbles over keeps nobody from acting: the paper itself is made later.
        lost = named(err.characters) if isinstance(err, MissingGlyphsError) else ""
        if not lost:
            logger.exception("console.foreseen")
        return {"paper": {"name": label("papers", paper.kind), "made": False, "lost": lost}}
    return {
        "paper": {
            "name": label("papers", paper.kind),
            "made": True,
            "sealed": paper.is_sealed,
            "path": f"{path}/wenshu",
            "pages": [f"{path}/wenshu/{number}" for number in range(1, len(pages) + 1)],
        }
    }


async def _paper(act: ActSubject) -> Response:
    """The paper that a typed act would bring, as a file without a seal."""
    paper = await _paper_here(act)
    try:
        content = await printed(paper)
    except TypesettingError:
        act.visit.nothing()
    return act.visit.file(content, f"{label('papers', paper.kind)}（预览）.pdf", "application/pdf")


async def _paper_page(act: ActSubject) -> Response:
    """A page of it as a picture."""
    try:
        pages = await pages_of(await _paper_here(act))
    except TypesettingError:
        act.visit.nothing()
    number = int(act.visit.request.path_params["page"])
    if not 1 <= number <= len(pages):
        act.visit.nothing()
    return Response(pages[number - 1], media_type="image/svg+xml")


async def _paper_here(act: ActSubject) -> Foreseen:
    """The paper of what was typed and not sent yet.

    Raises:
        HTTPException: 404 where it brings none.
    """
    pending = await _asked_for(act)
    if pending.state != "stated":
        act.visit.nothing()
    try:
        found = await act.paper(await _ready(act, await act.fields(), pending))
    except StatedError:
        act.visit.nothing()
    if found is None:
        act.visit.nothing()
    return found


async def _form(
    act: ActSubject,
    fields: Sequence[Field],
    typed: Typed,
    request: str,
    *,
    reasons: Sequence[Reason] = (),
    problems: Sequence[Problem] = (),
    more: str = "",
) -> Response:
    rows = {field.key: _rows_of(act, field, typed, more) for field in fields if field.rows}
    return act.visit.page(
        act.template,
        status=422 if reasons or problems else 200,
        **_about(act),
        **await act.aids(),
        fields=fields,
        typed=typed,
        rows=rows,
        named_by=act.named_by,
        takes_files=takes_files(fields),
        remark=act.remark(typed),
        request_id=request,
        seen=_seen(act),
        since=await act.since(_seen(act)),
        problems=[*problems, *(problem_of(reason, fields) for reason in reasons)],
    )


def _rows_of(act: ActSubject, field: Field, typed: Typed, more: str) -> list[int]:
    if field.widget is not Widget.ROWS:
        return []
    there = len(row_numbers(field, typed))
    wanted = there + (ROWS_MORE if more == field.key else act.spare_rows)
    at_first = ROWS_AT_FIRST if act.spare_rows else 1
    return list(range(min(act.most_rows, max(at_first, wanted))))


async def _cannot(
    act: ActSubject, reasons: Sequence[Reason], pending: PendingAct | None = None
) -> Response:
    """暂不能办, and why; where somebody else was quicker, who did what."""
    return act.visit.page(
        "act_cannot.html",
        status=200 if pending is None else 422,
        **_about(act),
        reasons=reasons,
        since=await act.since(pending.seen_seq) if pending else (),
        edit=_edit_path(act, pending.id) if pending and pending.typed else "",
    )


def _unknown(act: ActSubject, pending: PendingAct, *, away: bool = False) -> Response:
    return act.visit.page(
        "act_unknown.html",
        status=503 if away else 202,
        **_about(act),
        request_id=pending.id,
        away=away,
    )


def _about(act: ActSubject) -> dict[str, Any]:
    return dict(act.layout) | {
        "act": label("acts", act.name),
        "what": help_text("acts", act.name),
        "act_path": act.act_path,
        "subject_path": f"{act.path}{act.kept}",
        "kept": act.kept,
    }


def done_zh(receipt: Receipt | MeetingReceipt, standing: str, *, beside: str = "") -> str:
    """An answer in one sentence, with what is to be minded: of a case and of a meeting alike.

    Args:
        beside: what else was done with it, after a comma.
    """
    due = receipt.deadline
    until = (
        f"，{label('rules', due.rule)}至{last_moment_zh(due.ends_on, due.ends_at)}" if due else ""
    )
    again = "（此前已办，没有重复办理）" if receipt.repeated else ""
    now = f"。现在：{standing}" if standing else ""
    cautions = "".join(f"请注意：{caution_zh(item)}" for item in receipt.warnings)
    return f"已办：{label('acts', receipt.action)}{again}{beside}{now}{until}。{cautions}"


def _kept_reason(reason: Reason) -> dict[str, Any]:
    return {
        "code": reason.code,
        "message": reason.message,
        "clause": reason.clause,
        "next": reason.next,
    }


async def _asked_for(act: ActSubject) -> PendingAct:
    """What this very person typed under the request id of the address. Raises `HTTPException` 404."""
    request = str(act.visit.request.path_params["request"])
    return await own_act(act.visit, request, act.id, act.name)


def _request_id(visit: Visit) -> str:
    """The request id of the rendered form.

    Raises:
        HTTPException: 404 for what no form of ours has.
    """
    try:
        return str(UUID(visit.value(REQUEST)))
    except ValueError:
        visit.nothing()


def _seen(act: ActSubject) -> int:
    """How far the record was when the form was opened: what others did since is told."""
    stated = act.visit.value(SEEN)
    known = int(stated) if stated.isascii() and stated.isdecimal() and len(stated) < 10 else act.seq  # noqa: PLR2004
    return min(known, act.seq)


def _check_path(act: ActSubject, request: str) -> str:
    return f"{act.act_path}/hedui/{request}{act.kept}"


def _edit_path(act: ActSubject, request: str) -> str:
    return f"{act.act_path}{act.kept}{'&' if act.kept else '?'}{AGAIN}={request}"
