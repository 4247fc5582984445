"""Who tries what of operations: everybody there is, how they truly stand, and what each kind states."""

from __future__ import annotations

import tomllib
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from secrets import token_hex
from typing import Any

from activities.bulks.entering import Bulk
from config.committee_files import COMMITTEES
from config.committee_files import read as read_committee
from tests.builders import BD, a_policy
from tests.fixtures.record import GAO, OPENED
from tests.integration.steps import APPLICATION
from workflows.writer.messages import Actor

TABLE: dict[str, Any] = tomllib.loads(
    Path(__file__).with_name("who_may_operate.toml").read_text(encoding="utf-8")
)
"""Who may, restated from the law and from what people are told; never read from the catalogue."""

ALLOWED: dict[str, list[str]] = TABLE["operation"]
ANSWERS: dict[str, str] = TABLE["answer"]

UNIT, UNIT_ABOVE = "liangjiang-data-group", "city-industry-department"
SOMEBODY = "990000198501019013"


def of(who: str, role: str = "member") -> Actor:
    """`PERSON@ORG`, or a person alone."""
    person, _, organisation = who.partition("@")
    return Actor(person=person, organisation=organisation, role=role)


HEAD, CITY_HEAD = of("chen-zong@bd-committee-office"), of("qian@city-title-office")
_OFFICE = {"office", "any_office", "reader"}
_CITY = {"city_office", "superior", "reader"}
PEOPLE: dict[str, tuple[Actor, frozenset[str]]] = {
    "operator": (GAO, frozenset({"operations"})),
    "clerk of the unit": (of(f"liu@{UNIT}"), frozenset({"own", "reader", "asker"})),
    "clerk of another unit": (of("chu@xinghe-technology"), frozenset()),
    "the unit's superior": (of(f"zhou@{UNIT_ABOVE}"), frozenset({"superior"})),
    "a district office": (of("wang@yubei-title-office"), frozenset()),
    "clerk of the office": (of("chen@bd-committee-office"), frozenset(_OFFICE)),
    "head of the office": (HEAD, frozenset(_OFFICE | {"office_supervisor"})),
    "head of another office": (
        of("yang-zong@lc-committee-office", "supervisor"),
        frozenset({"any_office"}),
    ),
    "clerk of the city office": (of("qian-er@city-title-office"), frozenset(_CITY)),
    "head of the city office": (CITY_HEAD, frozenset(_CITY | {"city_supervisor"})),
    "an applicant": (of("zhao-yi", "applicant"), frozenset()),
    "anyone": (of("anyone", "anyone"), frozenset()),
    "who says he is an operator": (of("nobody@zhiping-operations", "operations"), frozenset()),
    "who says so without an office": (of("operations", "operations"), frozenset()),
    "who says he is the system": (of("system:operation", "system"), frozenset()),
    "who says he is of the office": (of("liu@bd-committee-office", "supervisor"), frozenset()),
}
"""Somebody → the actor as it is sent, and how he or she truly stands to what `honest` states."""

OF_ORGANISATIONS = frozenset({"own", "superior", "self", "reader", "asker"})
"""How somebody of an organisation may stand to something, whatever is stated."""
OF_PEOPLE = frozenset({"self", "reader"})
"""How somebody may who acts for himself alone."""


def ever(who: str) -> frozenset[str]:
    """How somebody could stand to anything that can be stated: nothing makes it more."""
    actor, stands = PEOPLE[who]
    if who.startswith("who says"):
        return OF_PEOPLE if not actor.organisation else frozenset()
    leads = actor.person in ("chen-zong", "yang-zong", "qian")
    offices = {"any_office"} & stands and {"any_office", "office"}
    heads = {"own_supervisor"} | ({"office_supervisor"} if offices else set()) if leads else set()
    return stands | offices | heads | (OF_ORGANISATIONS if actor.organisation else OF_PEOPLE)


BULK = "bulk-1"
COVER = (
    "operation-cover",
    "",
    UNIT,
    "zhu",
    "hong",
    date(2024, 5, 1),
    date(2024, 5, 7),
    ["extend_deadline"],
    "",
    0,
    "zhu",
    OPENED,
)
"""The unit's head is covered by a clerk, long after."""
STANDING_IN = {
    "organisation": UNIT,
    "principal": "zhu",
    "deputy": "hong",
    "from": "2023-10-09",
    "to": "2023-10-13",
    "reason": "出差",
}
BAR = {"id_number": SOMEBODY, "years": 3, "reason": "造假", "document": "文〔2023〕1号"}
LINE = {"transaction": "TX-0001", "fen": 30000, "paid_at": "2023-09-30T09:00:00+08:00"}


@cache
def _notice() -> dict[str, Any]:
    return a_policy(BD).model_dump(mode="json")


@cache
def _committee() -> dict[str, Any]:
    return read_committee(COMMITTEES / "bd-2023.toml").model_dump(mode="json")


def honest(letter: str = "", request: str = "") -> dict[str, dict[str, Any]]:
    """What somebody honest would state of each kind, about the office's own notice and unit."""
    policy = _notice()
    outside = {"id_number": SOMEBODY, "year": 2023, "channel": "green", "state": "used"}
    answer = {"request": request}
    return {
        "publish_campaign": {"policy": policy},
        "amend_campaign": {"policy": policy, "reason": "更正"},
        "load_calendar": {"year": 2027, "source": "通知"},
        "amend_calendar": {"year": 2024, "holidays": {"2024-10-08": "放假"}, "reason": "放假"},
        "import_directory": {
            "organisations": [{"id": "new-unit", "name": "新单位", "kind": "unit"}],
            "members": [{"id": "xin", "name": "新某", "organisation": "new-unit", "grants": [{}]}],
        },
        "import_committee": _committee(),
        "retire_expert": {"expert": "bd-expert-01", "reason": "调离"},
        "grant": {"person": "zhu", "organisation": UNIT},
        "revoke_grant": {"person": "you", "organisation": UNIT},
        "name_deputy": STANDING_IN,
        "end_deputy": {"cover": COVER[0]},
        "enter_bar": BAR,
        "lift_bar": BAR,
        "record_integrity": {
            "id_number": SOMEBODY,
            "subject": "applicant",
            "document": "文〔2023〕1号",
            "decided_by": "city-title-office",
            "decided_on": "2023-09-01",
            "years": 3,
            "reason": "造假",
        },
        "correct_integrity": {"what": "bar", "number": 1, "reason": "笔误"},
        "import_payments": {"lines": [LINE]},
        "settle_payments": {"answers": [{"transaction": "TX-0001", "answer": "told"}]},
        "resolve_payment": {"transaction": "TX-0001", "dismiss": True, "reason": "已退"},
        "record_outside_application": outside,
        "outside_application": outside,
        "resend_letter": {"letter": letter},
        "change_address": {"organisation": UNIT, "email": "new@example.test"},
        "choose_letters": {"organisation": UNIT, "rhythm": "weekly"},
        "change_person": {"person": "wei", "name": "魏新", "source": "户口簿"},
        "dismiss_failed_operation": {"operation": "operation-1", "reason": "已另行办理"},
        "invite_account": {"person": "hong", "login": "hong", "token_hash": token_hex(32)},
        "reset_account": {"person": "hong", "token_hash": token_hex(32)},
        "disable_account": {"person": "hong"},
        "start_bulk": {
            "bulk": BULK,
            "action": "nudge",
            "count": 0,
            "weighty": False,
            "digest": token_hex(32),
        },
        "pause_bulk": {"bulk": BULK},
        "resume_bulk": {"bulk": BULK},
        "recall_bulk": {"bulk": BULK},
        "retry_bulk": {"bulk": BULK},
        "close_realm": {},
        "set_realm_time": {"now_at": OPENED.isoformat()},
        "render_paper": {"kind": "deadline_sheet", "application": APPLICATION},
        "seal_withdrawals": {},
        "confirm_request": answer,
        "decline_request": answer,
        "withdraw_request": answer,
    }


OF_LIU = Bulk(
    id=BULK,
    realm="live",
    action="nudge",
    actor=of(f"liu@{UNIT}"),
    payload={},
    weighty=False,
    stop_after=1,
    prepared_at=OPENED,
    lines=(),
)
"""One act on many cases, which the unit's clerk asks for."""
HONG = {
    "members": [
        {
            "id": "hong",
            "name": "洪某",
            "organisation": UNIT,
            "id_number": "990000198808089016",
            "grants": [{"from": "2020-01-01"}],
        }
    ]
}
"""Somebody of the unit alone, and of no other place: whose account it is."""
HEADING = {"person": "hong", "organisation": UNIT, "supervisor": True}
LEADING = {"person": "zhu", "organisation": UNIT, "supervisor": True}
SECOND: dict[str, dict[str, Any]] = {
    "grant": LEADING,
    "revoke_grant": {"person": "zhu", "organisation": UNIT},
    "change_address": {"organisation": UNIT, "email": "new@example.test"},
    "invite_account": {"person": "hong", "login": "hong", "token_hash": token_hex(32)},
    "reset_account": {"person": "hong", "token_hash": token_hex(32)},
    "import_directory": {"members": [{"id": "wei", "name": "别人", "organisation": UNIT}]},
}
"""What of the kinds that take two only now and then takes two."""
BEFOREHAND: dict[str, tuple[tuple[str, dict[str, Any]], ...]] = {
    "name_deputy": (("grant", LEADING),),
    "revoke_grant": (("grant", LEADING),),
    "invite_account": (("grant", HEADING),),
    "reset_account": (
        ("grant", HEADING),
        ("invite_account", {"person": "hong", "login": "hong", "token_hash": token_hex(32)}),
    ),
}
"""What has to be there for it."""


def anew(stated: dict[str, Any]) -> dict[str, Any]:
    """The same to be stated once more: a link is made once, and a day is covered once."""
    if "deputy" in stated:
        days = {key: date.fromisoformat(stated[key]) + timedelta(days=7) for key in ("from", "to")}
        return stated | {key: day.isoformat() for key, day in days.items()}
    return stated | {"token_hash": token_hex(32)} if "token_hash" in stated else stated
