"""What is handed in as the mark of a page: anything but a mark is refused, and no statement fails on it."""

from __future__ import annotations

import base64
import json
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from activities.database import Pool
from activities.identity import Identity
from activities.integrity import IntegrityReading
from activities.meeting_views import MeetingFilter
from activities.paging import day, mark_of, moment, number, text, values_of
from activities.payments import PaymentReading
from activities.pending import PendingReading
from activities.reading import Reading
from activities.views import CaseFilter, InboxFilter
from tests.integration.steps import AT
from workflows.rules.refusals import Code, Refused
from workflows.writer.messages import Actor

DAY, MOMENT, NUMBER, NAME = "2025-12-10", "2025-12-10T09:00:00+08:00", "7", "application-x"


def said(value: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


STRANGE = {
    "blank": " ",
    "no base 64": "下一页",
    "cut off": mark_of((DAY, MOMENT, NAME))[:-3],
    "no list": said({"due": DAY}),
    "a number": said(5),
    "nothing": said(None),
    "no texts": said([1, 2, 3]),
    "null": said([None, None, None]),
    "nested": said([[DAY], [MOMENT], [NAME]]),
    "deep": base64.urlsafe_b64encode(b"[" * 100_000).decode(),
}


def _called(value: object) -> str:
    """The same in every process: the one that collects compares with the others."""
    return getattr(value, "__name__", "") or ascii(value)


@pytest.mark.parametrize("mark", STRANGE.values(), ids=STRANGE)
def test_what_is_no_mark_is_refused(mark: str) -> None:
    with pytest.raises(Refused) as caught:
        values_of(mark, day, moment, text)
    assert caught.value.first.code is Code.MALFORMED_PAYLOAD


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (day, "2025-02-30"),
        (day, "10.12.2025"),
        (day, ""),
        (day, "2025-W50-3"),
        (day, "20251210"),
        (moment, "2025-12-10"),
        (moment, "2025-12-10T09:00:00"),
        (moment, "now"),
        (moment, "2025-W50-3T09:00:00+08:00"),
        (moment, "2025-12-10职09:00:00+08:00"),
        (moment, "2025-02-30T09:00:00+08:00"),
        (number, "1e3"),
        (number, "７"),
        (number, "1_000"),
        (number, ""),
        (number, str(2**63)),
        (number, "-" + "9" * 40),
        (text, "a\x00b"),
        (text, "a\nb"),
        (text, "\ud800"),
    ],
    ids=_called,
)
def test_a_mark_of_another_list_is_refused(kind: Callable[[str], None], value: str) -> None:
    with pytest.raises(Refused):
        values_of(said([value]), kind)


@pytest.mark.parametrize(
    "values", [("infinity", "infinity", NAME), ("-infinity", "2025-12-10 01:00:00.5+00", "")]
)
def test_what_the_record_says_of_a_line_is_a_mark(values: tuple[str, ...]) -> None:
    assert values_of(mark_of(values), day, moment, text) == [*values]


@pytest.mark.integration
@pytest.mark.parametrize("mark", STRANGE.values(), ids=STRANGE)
async def test_every_list_refuses_it_alike(
    pool: Pool, identity: Identity, reading: Reading, mark: str
) -> None:
    register, money = IntegrityReading(pool, identity), PaymentReading(pool, identity)
    somebody = Actor(person="chen", role="member")
    asked: list[Callable[[], Awaitable[Any]]] = [
        lambda: reading.cases(CaseFilter(after=mark)),
        lambda: reading.inbox(InboxFilter(organisation="a", as_of=AT, after=mark)),
        lambda: reading.unsettled_letters(after=mark),
        lambda: reading.meetings(MeetingFilter(after=mark)),
        lambda: reading.candidates("meeting-x", after=mark),
        lambda: reading.struck(after=mark),
        lambda: reading.duties(after=mark),
        lambda: register.page(after=mark),
        lambda: money.page(after=mark),
        lambda: PendingReading(pool, identity).for_actor(somebody, "live", AT, after=mark),
    ]
    for ask in asked:
        with pytest.raises(Refused) as caught:
            await ask()
        assert caught.value.first.code is Code.MALFORMED_PAYLOAD
