"""The office as a face has it: record, intake and engine, and who is acting in it.

One is opened for a process: a command's, or the console's, which keeps it.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any

from activities.content_keys import opened_identity
from activities.database import LIVE, Pool, open_pool
from activities.identity import Identity
from activities.intake import Intake, IntakeError
from activities.list_reading import ListReading
from activities.references import APPLICATIONS
from activities.seeing import Circle, Section, check_sees
from activities.tls import NotTrustedError
from activities.views import CaseView, RealmView
from config.gateway.errors import RefusedByCaseError
from config.settings import Settings
from starter.desk.refusing import (
    Door,
    Reason,
    WaitsForSecond,
    not_found,
    refused,
    told_no,
    unavailable,
)
from starter.desk.wording import reason_of
from starter.later import later
from workflows.operation.messages import OperationOutcome, OperationRequest
from workflows.rules.message import local
from workflows.rules.names import OPERATIONS_BODY
from workflows.rules.refusals import Refusal
from workflows.writer.messages import Actor

with later():  # who only lists needs neither a case's parts nor the engine's library
    from activities import reading as all_reading
    from starter.desk import engine as desk_engine

if TYPE_CHECKING:
    from activities.reading import Reading
    from starter.desk.engine import Engine

TOLERANCE = timedelta(seconds=60)
PATIENCE = timedelta(seconds=3)
"""For the engine, where a page waits for it."""
SELF, OPERATIONS = "self", "zhiping"
ANYONE = "anyone"

Who = tuple[str, str]
"""A person and the organisation for which he or she acts, or one of the words above."""


@dataclass
class Office:
    """What a face works with; the engine connects when it is first asked.

    Args:
        patience: how long the engine may take to be there.
    """

    settings: Settings
    pool: Pool
    identity: Identity
    intake: Intake
    patience: timedelta = PATIENCE

    @cached_property
    def lists(self) -> ListReading:
        """Lists, and the directory."""
        return ListReading(self.pool, self.identity)

    @cached_property
    def reading(self) -> Reading:
        """All that can be read; it knows every part of a case and a meeting."""
        return all_reading.Reading(self.pool, self.identity)

    @cached_property
    def engine(self) -> Engine:
        """The engine, which connects when it is first asked."""
        return desk_engine.Engine(self.settings, self.patience)

    async def case(self, reference: str, realm: str | None = None) -> CaseView:
        """The case that an id, a part of one, or an acceptance number means.

        Raises:
            NoAnswer: none.
            AmbiguousReferenceError: several.
        """
        application = await self.reading.resolve(reference, realm)
        found = await self.reading.case(application, realm) if application else None
        if found is None:
            where = "" if realm in (None, LIVE) else f"（域 {realm}）"
            raise not_found(f"没有申报“{reference}”{where}。", "请核对编号。", door=Door.CASES)
        return found

    async def is_closed(self, case: CaseView) -> bool:
        """Whether nothing reaches the case any more but a filing.

        A case that ended listens until its `closes_at`; nobody writes down that it stopped.
        """
        if case.closed or case.end is None:
            return case.closed
        state = await self.reading.state(case.application)
        closes_at = state.end.closes_at if state and state.end else None
        return closes_at is None or closes_at <= await self.time_in(await self.realm(case.realm))

    async def realm(self, realm: str) -> RealmView:
        """A realm.

        Raises:
            NoAnswer: there is none of this name.
        """
        found = await self.lists.realm(realm)
        if found is None:
            raise not_found(
                f"没有域“{realm}”。",
                "请核对名称，或者先新开一个演练。",
                door=Door.NEW_REHEARSAL,
                subject=realm,
            )
        return found

    async def time_in(self, realm: RealmView) -> datetime:
        """What the clock of a realm shows; it runs on by itself from where it was moved to.

        The realm's row knows where it was moved to, its cases how far they came since.
        """
        now = local(datetime.now(UTC))
        if realm.kind == "live":
            return now
        known = (realm.now_at, await self.lists.reached(realm.id))
        moved = [local(item) for item in known if item]
        return max(now + timedelta(seconds=realm.shift_seconds), *moved)

    async def shift_in(self, realm: RealmView) -> float:
        """By how many seconds a workflow started now must be shifted to show the realm's time."""
        if realm.kind == "live":
            return 0.0
        return (await self.time_in(realm) - datetime.now(UTC)).total_seconds()

    async def stamp(
        self, realm: RealmView, stated: datetime | None, since: datetime | None = None
    ) -> datetime:
        """When an act counts as done: now, or in a rehearsal the time that was stated.

        Args:
            since: when what is acted on came to be; nobody acted on it before.

        Raises:
            NoAnswer: a time was stated in the live office, whatever its settings; one yet to come;
                or one before there was anything to act on.
        """
        now = await self.time_in(realm)
        if stated is None:
            return now
        if realm.kind == LIVE or not self.settings.allow_shift:
            raise refused(
                "shift_forbidden",
                "正式办理以系统收到的时间为准，不能自报办理时间。",
                next_step="请不写办理时间再办。",
                door=Door.OWN_TIME,
            )
        if stated > now + TOLERANCE:
            raise refused(
                "date_not_allowed",
                f"办理时间晚于域“{realm.id}”现在的时间 {now:%Y-%m-%d %H:%M}。",
                next_step="请先推进演练时钟，或者改用更早的时间。",
                door=Door.CLOCK,
                subject=realm.id,
            )
        if since is not None and stated < local(since):
            raise refused(
                "date_not_allowed",
                f"办理时间早于申报提交的时间 {local(since):%Y-%m-%d %H:%M}。",
                next_step="请改用提交以后的时间。",
            )
        return stated

    async def actor(
        self, who: Who, realm: str, at: datetime, case: CaseView | None = None
    ) -> Actor:
        """Who acts or reads, with the role of the directory's grant, and whom he or she covers now.

        Raises:
            NoAnswer: `not_entitled` where the directory gives no right at that instant.
        """
        person, organisation = who
        if organisation == SELF:
            own = case.person if case is not None and person == "applicant" else person
            return Actor(person=own, role="applicant", human=await self.lists.human(own, realm))
        if organisation == OPERATIONS:
            organisation = OPERATIONS_BODY
        if person == organisation == ANYONE:
            return Actor(person=ANYONE, role=ANYONE)
        role = await self.lists.actor(person, organisation, realm, at)
        if role is None:
            raise refused(
                "not_entitled",
                f"{person} 在 {at:%Y-%m-%d} 没有 {organisation} 的职称管理权限。",
                next_step="请核对名录与授权。",
                door=Door.DIRECTORY,
                subject=organisation,
            )
        return await self.lists.as_actor(person, organisation, realm, at, role)

    async def keepers(self, who: Who, realm: str) -> Circle:
        """Who keeps a register or money: the office that asks, where it is one."""
        found = await self.lists.organisation(who[1], realm)
        kind = found.kind if found else ""
        return Circle(
            office=who[1] if kind == "committee_office" else "",
            city_office=who[1] if kind == "city_office" else "",
        )

    async def check_sees(self, section: Section, who: Who, realm: str, circle: Circle) -> Actor:
        """Who reads, if a section of this circle is for him or her.

        Raises:
            NoAnswer, Refused: `not_entitled`.
        """
        actor = await self.actor(who, realm, await self.time_in(await self.realm(realm)))
        check_sees(section, actor, circle)
        return actor

    async def check_operates(self, who: Who, sentence: str) -> None:
        """Let operations alone on: what is done to the machinery and not to a case.

        Args:
            sentence: what anybody else is told.

        Raises:
            NoAnswer: `not_entitled`.
        """
        actor = await self.actor(who, LIVE, datetime.now(UTC))
        if actor.role != "operations":
            raise refused("not_entitled", sentence)

    async def operate(
        self,
        kind: str,
        who: Who,
        stated: Mapping[str, Any],
        realm: str = LIVE,
        request_id: str = "",
        params: Mapping[str, str] | None = None,
    ) -> OperationOutcome:
        """Carry out an operation; what it states is stored first and sent as a reference.

        Raises:
            WaitsForSecond: it is recorded, and another human has to confirm it.
        """
        as_of = await self.time_in(await self.realm(realm))
        gateway = await self.engine.operations()
        request = OperationRequest(
            kind=kind,
            realm=realm,
            actor=await self.actor(who, realm, as_of),
            as_of=as_of,
            reference=await self.intake.store_input(dict(stated)),
            params=dict(params or {}),
        )
        outcome = await gateway.operate(request, request_id)
        if outcome.waits_until is not None:
            raise WaitsForSecond(outcome.operation, outcome.waits_until)
        return outcome

    async def names_in(self, refusals: Iterable[Refusal], realm: str = LIVE) -> dict[str, str]:
        """What refusals name, by id: organisations by name, cases by what people call them."""
        said = {str(value) for refusal in refusals for value in refusal.params.values()}
        names = await self.lists.organisation_names(said, realm)
        cases = [value for value in said if value.startswith(APPLICATIONS.prefix)]
        if not cases:
            return names
        return names | await self.lists.short_ids(cases) | await self.lists.numbers(cases)

    async def reasons(self, refusals: Iterable[Refusal], realm: str = LIVE) -> tuple[Reason, ...]:
        """Refusals in Chinese, with the organisations' names."""
        told = tuple(refusals)
        names = await self.names_in(told, realm)
        return tuple(reason_of(refusal, names) for refusal in told)

    @asynccontextmanager
    async def telling(self, realm: str = LIVE) -> AsyncIterator[None]:
        """Within it, what a case or the intake refuses is a `NoAnswer`, with organisations' names."""
        try:
            yield
        except RefusedByCaseError as err:
            raise told_no(await self.reasons(err.refusals, realm)) from None
        except IntakeError as err:
            raise refused(err.code, str(err)) from None


@asynccontextmanager
async def opened(
    settings: Settings, *, connections: int, patience: timedelta = PATIENCE
) -> AsyncIterator[Office]:
    """Open the office.

    Args:
        connections: to the database, at most at once.
        patience: how long the engine may take to be there, when somebody acts.

    Raises:
        NoAnswer: the database is away.
        IdentityKeyUnknownError: the record is sealed under another identity key.
    """
    try:
        url = settings.database_url.get_secret_value()
        pool = await open_pool(url, connections, for_reading=True)
    except NotTrustedError as err:
        raise unavailable(err.told, err.mend, door=Door.STACK, code=err.code) from None
    except (OSError, TimeoutError):
        raise unavailable("连接不上数据库。", door=Door.STACK) from None
    try:
        async with opened_identity(pool, settings.identity_keys()) as identity:
            yield Office(
                settings=settings,
                pool=pool,
                identity=identity,
                intake=Intake(pool, identity, settings.documents_dir),
                patience=patience,
            )
    finally:
        await pool.close()
