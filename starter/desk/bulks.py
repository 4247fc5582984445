"""One act on many cases: chosen, rehearsed on the record as it stands, vouched for, and begun.

The rehearsal is the outcome: it is decided by the pure core on each case as its last step left it, and
what it refuses is left out. The acts are signed here, by the door of whoever asks, each for the one
case it is for; a worker only brings them there (decision 0031).
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from activities.bulks.entering import Bulk, Prepared, bulk_id, prepare, request_of
from activities.bulks.reading import BulkReading, BulkView
from activities.paging import STREAMED, every
from activities.views import CaseFilter, CaseSummary, RealmView
from activities.wording import caution_zh
from config.gateway.asking import new_request_id
from config.signing_keys import SigningKey
from config.vouching import vouched_by
from starter.desk.acting import kept
from starter.desk.office import Office, Who
from starter.desk.refusing import Door, not_found, refused
from workflows.application.act import Action
from workflows.application.messages import Preview
from workflows.application.preview import preview
from workflows.application.weight import is_weighty
from workflows.operation.messages import OperationOutcome
from workflows.rules.refusals import Code, Refusal
from workflows.writer.messages import Act

MOST = 20_000
"""Cases of one bulk."""
STOP_AFTER = 5
NUDGE = "nudge"
LOOK_AGAIN = 0.5
PAGE = 100
"""Cases decided at a stretch; between two of them others are served."""


class Chosen(NamedTuple):
    """A case that was chosen, as lists name it."""

    application: str
    applicant: str = ""
    number: str = ""


class Foreseen(NamedTuple):
    """What the act would do to one case."""

    case: Chosen
    shown: Preview


@dataclass(frozen=True)
class Rehearsal:
    """What an act would do to each of many cases, decided without a trace."""

    action: Action[Any]
    act: Act
    foreseen: tuple[Foreseen, ...]

    @property
    def fit(self) -> tuple[Foreseen, ...]:
        """The cases on which it can be done."""
        return tuple(item for item in self.foreseen if not item.shown.refusals)

    @property
    def exceptions(self) -> tuple[Foreseen, ...]:
        """Those on which it cannot; they are left out."""
        return tuple(item for item in self.foreseen if item.shown.refusals)

    @property
    def weighty(self) -> bool:
        """Whether another human has to confirm it before it is begun."""
        return any(is_weighty(self.action.name, item.shown) for item in self.fit)

    @property
    def courses(self) -> Counter[tuple[str, str]]:
        """How many cases go from which stage to which, or to which end."""
        return Counter(course(item.shown) for item in self.fit)

    @property
    def letters(self) -> Counter[tuple[str, str]]:
        """How many letters of which kind go to which party."""
        told = (letter for item in self.fit for letter in item.shown.letters)
        return Counter((letter.kind.value, letter.to.value) for letter in told)

    @property
    def cautions(self) -> Counter[str]:
        """What a careful colleague would say beside the yes, and of how many cases."""
        return Counter(caution_zh(said) for item in self.fit for said in item.shown.warnings)


def course(shown: Preview) -> tuple[str, str]:
    """From which stage a case goes to which stage or end."""
    after = shown.end or shown.stage_after
    return (
        shown.stage_before.value if shown.stage_before else "",
        after.value if after else "",
    )


async def listed(office: Office, wanted: CaseFilter) -> tuple[Chosen, ...]:
    """The cases of a list, all its pages.

    Raises:
        NoAnswer: they are more than a bulk takes.
    """
    found: list[Chosen] = []

    async def page(after: str) -> tuple[Sequence[CaseSummary], str]:
        told = await office.lists.cases(
            wanted.model_copy(update={"limit": STREAMED, "after": after})
        )
        return told.cases, told.following

    async for case in every(page):
        found.append(Chosen(case.application, case.applicant, case.acceptance_number or ""))
        if len(found) > MOST:
            raise refused(
                "payload_too_large",
                f"符合条件的申报超过 {MOST} 件，一次批量办理不了这么多。",
                next_step="请加上条件，分几批办理。",
            )
    return tuple(found)


async def rehearsed(
    office: Office,
    realm: RealmView,
    who: Who,
    action: Action[Any],
    stated: Mapping[str, Any],
    cases: Sequence[Chosen],
) -> Rehearsal:
    """What an act would do to each of these cases now, as the record has them.

    Raises:
        NoAnswer: `not_entitled`; nobody acts on many cases for himself or herself alone; none chosen.
    """
    at = await office.time_in(realm)
    # It is carried out later than it is asked for, when the days of a cover may be over.
    actor = (await office.actor(who, realm.id, at)).in_own_right()
    if not actor.organisation:
        raise refused(
            "not_entitled",
            "批量办理由单位、主管部门、评委会办公室和职改办的人员办理。",
            next_step="请逐件办理。",
        )
    if not cases:
        raise not_found("没有选中任何申报。", "请先选定要办理的申报。", door=Door.CASES)
    act = Act(actor=actor, payload=dict(stated))
    foreseen = [item async for item in _foreseen(office, action.name, act, at, cases)]
    return Rehearsal(action, act, tuple(foreseen))


async def _foreseen(
    office: Office, action: str, act: Act, at: datetime, cases: Sequence[Chosen]
) -> AsyncIterator[Foreseen]:
    for start in range(0, len(cases), PAGE):
        page = cases[start : start + PAGE]
        stored = await office.reading.stored_among([case.application for case in page])
        for case in page:
            found = stored.get(case.application)
            if found is None:
                nothing = Refusal(code=Code.NOT_FOUND, params={"what": "application"})
                yield Foreseen(case, Preview(refusals=(nothing,)))
            else:
                yield Foreseen(case, preview(found.case, action, act, at))
        await asyncio.sleep(0)


async def begun(
    office: Office,
    realm: RealmView,
    who: Who,
    rehearsal: Rehearsal,
    *,
    stop_after: int | None = None,
    request_id: str = "",
) -> OperationOutcome:
    """Vouch for the act on each case that is fit, write it down, and begin.

    Args:
        stop_after: how many refusals and silences stop it; `STOP_AFTER` where nothing is said.

    Raises:
        NoAnswer: nothing is fit; this door vouches for nobody.
        WaitsForSecond: it is weighty: another human has to confirm it, and nothing is done yet.
    """
    if not rehearsal.fit:
        raise refused(
            "ineligible",
            f"选中的 {len(rehearsal.foreseen)} 件都不能办理这一事项。",
            next_step="请查看每一件的原因。",
        )
    key = _key(office)
    request_id = request_id or new_request_id()
    act = await kept(office, rehearsal.action.payload, rehearsal.act)
    bulk = bulk_id(realm.id, act.actor, request_id)
    asked = Bulk(
        id=bulk,
        realm=realm.id,
        action=rehearsal.action.name,
        actor=act.actor,
        payload=act.payload,
        weighty=rehearsal.weighty,
        stop_after=stop_after or STOP_AFTER,
        prepared_at=await office.time_in(realm),
        lines=[
            _prepared(key, bulk, rehearsal.action.name, act, item) for item in rehearsal.foreseen
        ],
    )
    return await _begin(office, who, asked, request_id)


async def woken(
    office: Office, realm: RealmView, who: Who, campaign: str = "", request_id: str = ""
) -> str:
    """Have every open case and meeting of a realm woken, or those of one campaign; the bulk's id.

    A nudge changes nothing that could be rehearsed. What closes meanwhile refuses it, and what stands
    still is silent: neither stops the others.

    Raises:
        NoAnswer: `not_entitled`; nothing is open.
    """
    request_id = request_id or new_request_id()
    known = await prepared_before(office, realm, who, request_id)
    if known is not None:
        await started(office, who, known, request_id)
        return known.id
    at, key = await office.time_in(realm), _key(office)
    actor = await office.actor(who, realm.id, at)
    bulk = bulk_id(realm.id, actor, request_id)
    lines: list[Prepared] = []
    reading = BulkReading(office.pool, office.identity)
    async for subject, is_meeting in reading.open_subjects(realm.id, campaign):
        act = Act(request_id=request_of(bulk, subject), actor=actor)
        message = vouched_by(key, NUDGE, subject, act)
        lines.append(
            Prepared(subject, message.stated, message.key, message.signature, is_meeting=is_meeting)
        )
    if not lines:
        raise not_found("没有在办的申报和评审会。", "不需要唤醒。")
    asked = Bulk(
        id=bulk,
        realm=realm.id,
        action=NUDGE,
        actor=actor,
        payload={},
        weighty=False,
        stop_after=len(lines),
        prepared_at=at,
        lines=lines,
    )
    await _begin(office, who, asked, request_id)
    return bulk


async def prepared_before(
    office: Office, realm: RealmView, who: Who, request_id: str
) -> BulkView | None:
    """What was prepared under a request id; asked again it is that, whatever became of its cases."""
    if not request_id:
        return None
    actor = await office.actor(who, realm.id, await office.time_in(realm))
    reading = BulkReading(office.pool, office.identity)
    return await reading.bulk(bulk_id(realm.id, actor, request_id))


async def started(office: Office, who: Who, bulk: BulkView, request_id: str) -> OperationOutcome:
    """Begin what was prepared.

    Raises:
        WaitsForSecond: it is weighty: another human has to confirm it, and nothing is done yet.
    """
    stated = {
        "bulk": bulk.id,
        "action": bulk.action,
        "count": bulk.asked,
        "weighty": bulk.weighty,
        "digest": bulk.digest,
    }
    return await office.operate("start_bulk", who, stated, bulk.realm, request_id)


async def _begin(office: Office, who: Who, asked: Bulk, request_id: str) -> OperationOutcome:
    await prepare(office.pool, asked)
    known = await BulkReading(office.pool, office.identity).bulk(asked.id)
    if known is None:
        raise LookupError(asked.id)
    return await started(office, who, known, request_id)


def _key(office: Office) -> SigningKey:
    """What this door vouches by.

    Raises:
        NoAnswer: it has nothing.
    """
    key = office.settings.signing_key()
    if key is None:
        raise refused("not_vouched", "本机没有签名密钥，不能代表任何人办理。")
    return key


def _prepared(key: SigningKey, bulk: str, action: str, act: Act, item: Foreseen) -> Prepared:
    application = item.case.application
    if item.shown.refusals:
        return Prepared(application, left_out=item.shown.refusals)
    # No time is stated: each counts as of when its case hears it, however long the bulk was paused.
    own = act.model_copy(update={"request_id": request_of(bulk, application), "acted_at": None})
    message = vouched_by(key, action, application, own)
    return Prepared(application, message.stated, message.key, message.signature)


async def bulk_of(office: Office, who: Who, reference: str, realm: str) -> BulkView:
    """The bulk that an id or a part of one means, for whoever is of its organisation or operates.

    Raises:
        NoAnswer: none that is for whoever asks.
        AmbiguousReferenceError: several.
    """
    reading = BulkReading(office.pool, office.identity)
    bulk = await reading.resolve(reference, realm)
    found = await reading.bulk(bulk) if bulk else None
    actor = await office.actor(who, realm, await office.time_in(await office.realm(realm)))
    if found is None or not (
        actor.role == "operations" or actor.organisation == found.organisation
    ):
        raise not_found(f"没有批量办理“{reference}”。", "请核对编号。", door=Door.BULKS)
    return found


async def rested(office: Office, who: Who, reference: str, realm: str) -> BulkView:
    """The bulk when it is done, stopped, paused or recalled: for who waits for that.

    Raises:
        NoAnswer: none that is for whoever asks.
    """
    while True:
        found = await bulk_of(office, who, reference, realm)
        if found.state != "running":
            return found
        await asyncio.sleep(LOOK_AGAIN)
