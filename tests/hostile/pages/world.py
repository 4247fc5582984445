"""A realm for each stage of a case and each phase of a meeting, and everybody there is, signed in.

Nothing here asks the code who may: how somebody stands to a subject is stated here, in the words of
`who_may.toml`, `who_may_operate.toml` and `who_may_come.toml`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from secrets import token_hex
from typing import Any
from uuid import uuid4

import httpx2

from activities.accounts.logins import token_hash
from activities.accounts.sessions import Session
from activities.covers import SQL as COVERS
from activities.database import Pool
from activities.identity import Identity
from activities.intake import Intake
from activities.meeting_records import MeetingRecords
from activities.reading import Reading
from activities.records import CaseRecords
from config.committee_files import COMMITTEES, read
from starter.console.forgery import form_token
from starter.console.headers import ALWAYS
from starter.console.house import House
from tests.builders import BD
from tests.console.conftest import ORIGIN
from tests.fixtures.record import Office
from tests.hostile.operating import BAR, honest
from tests.hostile.pages.table import plain
from tests.hostile.test_who_may import CASES, moment_of
from tests.integration.sittings import EXPERTS, NO, YES, Sitting, add_cases, add_pool, answer
from tests.integration.steps import APPLICATION, a_step, an_application, opening
from tests.lives.people import hats as case_hats
from tests.workflow.season import the_policy
from workflows.application.case import Case
from workflows.application.messages import RecordStep
from workflows.application.projection import project
from workflows.application.recording import state_of
from workflows.meeting.meeting import Phase
from workflows.rules.covering import LENDABLE
from workflows.rules.message import BEIJING
from workflows.rules.people import check_digit
from workflows.writer.messages import Actor, Cover

LC = "lc-2024"
PHASES = ("planned", "drawn", "opened", "signed", "closed", "cancelled")
LENT_ON_A_CASE = frozenset({"override_return", "extend_deadline", "send_pay_notice"})
"""Restated from docs/security.md, "Absence cover"."""
MEETS = datetime(2023, 12, 4, 9, tzinfo=BEIJING)
UNIT, DEPARTMENT, DISTRICT = "unit", "department", "district"
OFFICE, CITY, OTHER_OFFICE = "lc-committee-office", "city-title-office", "bd-committee-office"
SAN = "990000198003079013"
"""The applicant's number, which a clerk of his own unit and of the office has as well."""


@dataclass(frozen=True)
class Somebody:
    """A person under one hat.

    Attributes:
        stands: how he or she stands to the offices' own matters, in the tables' words.
        elsewhere: sits in another realm than the subject's.
        covers: the supervisor for whom he or she stands in, on every day there is.
    """

    person: str
    organisation: str = ""
    role: str = "applicant"
    stands: frozenset[str] = frozenset()
    elsewhere: bool = False
    covers: str = ""

    @property
    def actor(self) -> Actor:
        cover = (
            Cover(principal=self.covers, human=f"human of {self.covers}", acts=LENDABLE)
            if self.covers
            else None
        )
        return Actor(
            person=self.person, organisation=self.organisation, role=self.role, cover=cover
        )


def _of(where: str, role: str = "member", *stands: str, **more: Any) -> Somebody:
    person, _, organisation = where.partition("@")
    return Somebody(person, organisation, role, frozenset(stands), **more)


_OFFICE = ("any_office", "committee_office")
PEOPLE: Mapping[str, Somebody] = {
    "clerk of the unit": _of("unit-clerk@unit"),
    "colleague in the unit": _of("unit-er@unit"),
    "head of the unit": _of("unit-head@unit", "supervisor", "weighty"),
    "clerk of the chain": _of("department-clerk@department"),
    "clerk of the district": _of("district-clerk@district"),
    "clerk of the office": _of(f"yang@{OFFICE}", "member", *_OFFICE),
    "head of the office": _of(f"yang-zong@{OFFICE}", "supervisor", *_OFFICE, "weighty"),
    "clerk of another office": _of(f"chen@{OTHER_OFFICE}", "member", *_OFFICE),
    "head of another office": _of(f"chen-zong@{OTHER_OFFICE}", "supervisor", *_OFFICE, "weighty"),
    "clerk of the city office": _of(f"qian-er@{CITY}", "member", "city_office"),
    "head of the city office": _of(f"qian@{CITY}", "supervisor", "city_office", "weighty"),
    "operator": _of("gao@zhiping-operations", "operations", "operations", "weighty"),
    "the applicant": _of("san"),
    "the applicant as a clerk of the unit": _of("san@unit"),
    "the applicant as a clerk of the office": _of(f"san@{OFFICE}", "member", *_OFFICE),
    "the applicant under another row": _of(
        f"san-er@{OFFICE}", "member", *_OFFICE, covers="yang-zong"
    ),
    "an expert for himself": _of("person-e02"),
    "a stranger": _of("chu@xinghe-technology"),
    "a stranger for himself": _of("chu"),
    "head of a strange organisation": _of("zhou@city-industry-department", "supervisor", "weighty"),
    "whose right is over": _of("unit-former@unit"),
    "the clerk in another realm": _of("unit-clerk@unit", elsewhere=True),
    "the office in another realm": _of(f"yang@{OFFICE}", "member", *_OFFICE, elsewhere=True),
    "the operator in another realm": _of(
        "gao@zhiping-operations", "operations", "operations", "weighty", elsewhere=True
    ),
    "who covers the head of the unit": _of("unit-deputy@unit", covers="unit-head"),
    "who covers the head of the office": _of(
        f"office-deputy@{OFFICE}", "member", *_OFFICE, covers="yang-zong"
    ),
    "who covers the head of another office": _of(
        f"other-deputy@{OTHER_OFFICE}", "member", *_OFFICE, covers="chen-zong"
    ),
}
"""Everybody there is, and who only looks like it. There is no auditor's role: 审计 is operations'."""
MEMBERS = {
    "unit-clerk": UNIT,
    "unit-er": UNIT,
    "unit-head": UNIT,
    "unit-former": UNIT,
    "unit-other": UNIT,
    "unit-last": UNIT,
    "department-clerk": DEPARTMENT,
    "district-clerk": DISTRICT,
    "san": UNIT,
    "san-er": OFFICE,
    "unit-deputy": UNIT,
    "office-deputy": OFFICE,
    "other-deputy": OTHER_OFFICE,
}


def _number(place: int) -> str:
    """An ID number of nobody: there is no region 99."""
    digits = f"99000019710301{place:02}1"
    return digits + check_digit(digits)


DIRECTORY = {
    "organisations": [
        {"id": UNIT, "name": "示例单位", "kind": "unit", "superior": DEPARTMENT},
        {"id": DEPARTMENT, "name": "示例主管部门", "kind": "department", "superior": DISTRICT},
        {"id": DISTRICT, "name": "示例区职改部门", "kind": "district_office", "superior": CITY},
    ],
    "members": [
        {
            "id": person,
            "name": f"孟{place}",
            "organisation": organisation,
            "supervisor": person.endswith("-head"),
            "id_number": SAN if person == "san" else _number(place),
            "grants": [
                {"from": "2020-01-01"}
                | ({"to": "2021-01-01"} if person.endswith("-former") else {})
            ],
        }
        for place, (person, organisation) in enumerate(MEMBERS.items(), 1)
    ],
}


@dataclass
class Furnished:
    """What is in the database.

    Attributes:
        cases: by stage, each in a realm of its own.
        meetings: their ids by realm, one a phase.
        human: which human the applicant is.
        accounts: by person.
        parts: what the registers' addresses are about, by the names of their parts.
    """

    cases: dict[str, Case] = field(default_factory=dict)
    meetings: dict[str, str] = field(default_factory=dict)
    human: str = ""
    accounts: dict[str, str] = field(default_factory=dict)
    parts: dict[str, str] = field(default_factory=dict)


@dataclass
class World:
    """What there is, and who is there."""

    house: House
    client: httpx2.AsyncClient
    there: Furnished
    origin: str = ORIGIN
    tokens: dict[tuple[str, str, bool], str] = field(default_factory=dict)
    asked: int = 0

    @property
    def cases(self) -> Mapping[str, Case]:
        return self.there.cases

    @property
    def meetings(self) -> Mapping[str, str]:
        return self.there.meetings

    def of(self, address: str, **more: object) -> str:
        """An address of what the registers have."""
        nowhere = {"request": str(uuid4()), "bulk": "bulk-none", "word": "zanting"}
        nowhere |= {"what": "tongzhi"}
        parts = {**nowhere, **self.there.parts, **more}
        if "/chengxin/jilu" in address and "number" not in more:
            parts["number"] = parts["record"]
        return plain(address, **parts)

    async def signed_in(self, who: str, realm: str, *, proved: bool = True) -> str:
        """The token of somebody who sits in a realm, or in another one if that is how he is."""
        somebody = PEOPLE[who]
        place = "elsewhere" if somebody.elsewhere else realm
        key = (who, place, proved)
        if key not in self.tokens:
            now = datetime.now(UTC)
            session = Session(
                key="",
                account=self.there.accounts[somebody.person],
                person=somebody.person,
                organisation=somebody.organisation,
                realm=place,
                created_at=now,
                seen_at=now,
                ends_at=now + timedelta(hours=12),
                proved_at=now if proved else now - timedelta(minutes=11),
                second_at=now,
            )
            self.tokens[key] = await self.house.sessions.renew(token_hex(8), session)
        return self.tokens[key]

    async def get(self, token: str, path: str) -> httpx2.Response:
        """Look at a page."""
        self.asked += 1
        cookies = {"cookie": f"zhiping={token}"} if token else {}
        return _guarded(await self.client.get(path, headers=cookies))

    async def post(
        self, token: str, path: str, stated: Mapping[str, str] | None = None
    ) -> httpx2.Response:
        """Send a form of one's own."""
        self.asked += 1
        headers = {
            "origin": self.origin,
            "sec-fetch-site": "same-origin",
            "cookie": f"zhiping={token}",
        }
        form = {"csrf": form_token(token), **(stated or {})}
        return _guarded(await self.client.post(path, data=form, headers=headers))

    def hats(self, who: str, case: Case, act: str = "") -> frozenset[str]:
        """How somebody stands to a case, by the law: in an act that is lent as whoever is covered."""
        somebody = PEOPLE[who]
        if somebody.elsewhere or somebody.person == "unit-former":
            return frozenset()
        actor = somebody.actor
        human = self.there.human if somebody.person in ("san", "san-er") else ""
        worn = case_hats(case, actor.model_copy(update={"human": human}))
        leads = somebody.covers and act in LENT_ON_A_CASE and "office" in worn
        return worn | {"supervisor"} if leads else worn


def _guarded(answer: httpx2.Response) -> httpx2.Response:
    """An answer, which says to the browser what every answer says."""
    said = {name: answer.headers.get(name) for name in ALWAYS}
    assert said == ALWAYS, answer.url
    assert answer.headers["cache-control"] == "no-store", answer.url
    return answer


async def furnish(
    furnished: Furnished,
    published: Office,
    pool: Pool,
    identity: Identity,
    intake: Intake,
) -> None:
    """Publish, let everybody in, and put a case into each stage and a meeting into each phase."""
    imported = await published("import_directory", DIRECTORY)
    assert imported.done, imported
    # While he has no application: afterwards nobody would give him the right.
    assert (await published("grant", {"person": "san", "organisation": OFFICE})).done
    versions = {}
    for campaign in (LC, BD):
        stated = {"policy": the_policy(campaign).model_dump(mode="json"), "reason": "按原文"}
        rules = await published("amend_campaign", stated)
        versions[campaign] = int(rules.version)
    await _covers(pool)
    calendar = await Reading(pool, identity).calendar()
    assert calendar is not None
    await add_pool(pool, identity)
    for person in sorted({somebody.person for somebody in PEOPLE.values()}):
        stated = {"person": person, "login": person, "token_hash": token_hash(token_hex(16)).hex()}
        assert (await published("invite_account", stated)).done, person
    rows = await pool.fetch("SELECT id, person FROM account")
    furnished.accounts = {row["person"]: row["id"] for row in rows}
    furnished.human = identity.human(identity.id_hash(SAN))
    await intake.open_realm("elsewhere", datetime(2024, 11, 1, 9, tzinfo=BEIJING), title="别处")
    records = CaseRecords(pool, _silent)
    await _stages(furnished, records, intake, versions[LC], calendar.version)
    # Once more in the directory, with the number of the first row: two rows of one human.
    await pool.execute("UPDATE person SET id_hash = $1 WHERE id = 'san-er'", identity.id_hash(SAN))
    await _phases(furnished, pool, identity, intake, versions[BD], calendar.version)
    await _registers(furnished, published, pool, intake, records)


async def _covers(pool: Pool) -> None:
    """Deputies on every day there is, as no operation would name them."""
    covers = [
        (somebody.organisation, somebody.covers, somebody.person)
        for somebody in PEOPLE.values()
        if somebody.covers
    ]
    days = date(2020, 1, 1), date(2040, 1, 1)
    last = await pool.fetchval(COVERS["last_grant"])
    for place, principal, deputy in (*covers, (UNIT, "unit-head", "unit-last")):
        named = (f"cover-{deputy}", "", place, principal, deputy, *days, list(LENDABLE), "")
        await pool.execute(COVERS["add_cover"], *named, last, "gao", MEETS)


async def _stages(
    furnished: Furnished, records: CaseRecords, intake: Intake, policy: int, calendar: str
) -> None:
    for number, (stage, case) in enumerate(CASES.items(), 1):
        realm, at = f"r-{stage.replace('_', '-')}", moment_of(case)
        await intake.open_realm(realm, at, title=stage)
        application = f"application-018bcfe5-0000-7000-8000-{number:012d}"
        identified = {"id_number": SAN, "name": "张三", "phone": "023-00009001"}
        stated = an_application("district_unit", LC, identity=identified)
        draft = await intake.store_draft(realm, LC, stated)
        own = {"application": application, "realm": realm, "person": "san", "seq": 1}
        placed = case.model_copy(update=own | {"human": furnished.human})
        step = a_step(
            1,
            realm=realm,
            application=application,
            at=case.arrived_at or at,
            stage_after=case.stage if case.end is None else None,
            end_after=case.end.name if case.end else None,
            policy_version=policy,
            calendar_version=calendar,
        )
        first = {"draft": draft, "claim": "take", "claim_year": 2024}
        whole = RecordStep.model_validate(
            {"step": step, "projection": project(placed), "state": state_of(placed), **first}
        )
        await records.record_step(whole)
        furnished.cases[stage] = placed


async def _phases(
    furnished: Furnished,
    pool: Pool,
    identity: Identity,
    intake: Intake,
    policy: int,
    calendar: str,
) -> None:
    meetings = MeetingRecords(pool, identity, _silent)
    for number, phase in enumerate(PHASES, 1):
        realm = f"m-{phase}"
        await intake.open_realm(realm, MEETS, title=phase)
        meeting = f"meeting-018bcfe5-0000-7000-8000-{number:012d}"
        numbers = range(number * 100, number * 100 + 2)
        cases = await add_cases(pool, identity, numbers, unit=UNIT, realm=realm)
        sitting = Sitting(meetings, meeting=meeting, number=f"2023-BD-{number:02}", realm=realm)
        sitting.versions = {"policy_version": policy, "calendar_version": calendar}
        await sitting.plan()
        if phase == "drawn":
            await sitting.seated()
            await sitting("draw")
        if phase in ("opened", "signed", "closed"):
            await sitting.open(EXPERTS[1:10])
            await answer(pool)
            await sitting.settle()
        if phase in ("signed", "closed"):
            await sitting.judged({cases[0]: YES, cases[1]: NO})
            await sitting.sign()
            await answer(pool)
            await sitting.settle()
        if phase in ("closed", "cancelled"):
            sitting.phase = Phase(phase)
            await sitting("close" if phase == "closed" else "cancel_meeting")
        furnished.meetings[realm] = meeting


async def _registers(
    furnished: Furnished, published: Office, pool: Pool, intake: Intake, records: CaseRecords
) -> None:
    """A committee, a 影响期, a record, a bank's line, a letter and a case of the live office."""
    filing = read(COMMITTEES / "bd-2023.toml").model_dump(mode="json")
    assert (await published("import_committee", filing)).done
    bar = await published("enter_bar", BAR)
    entry = await published("record_integrity", honest()["record_integrity"])
    chen = Actor(person="chen", organisation=OTHER_OFFICE, role="member")
    line = {"transaction": "TX001", "fen": 42000, "paid_at": "2023-11-16T09:30:00+08:00"}
    lines = {"lines": [line | {"numbers": ["没有这件"], "payer": "张三", "remark": "评审费"}]}
    assert (await published("import_payments", lines, actor=chen, at=MEETS)).done
    await records.record_step(opening(await intake.store_draft("live", BD, an_application())))
    furnished.parts = {
        "number": str(bar.params["bar"]),
        "record": str(entry.params["record"]),
        "line": str(await pool.fetchval("SELECT id FROM bank_line")),
        "letter": str(await pool.fetchval("SELECT id FROM letter WHERE realm = 'live'")),
        "case": APPLICATION,
        "committee": "bd-2023",
        "expert": "bd-expert-01",
        "organisation": UNIT,
        "campaign": BD,
        "version": "1",
        "year": "2024",
    }


async def _silent(_room: str) -> None:
    """Nobody reads mail here."""
