"""What an act on a meeting would do is what it does, and asking leaves no trace."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from tests.unit.test_meeting_law import CITY_CLERK, CLERK, PRESENT, Table, posted, signed
from tests.workflow.season import beijing
from workflows.meeting.meeting import Phase
from workflows.meeting.messages import MeetingPreview
from workflows.meeting.preview import preview
from workflows.rules.refusals import Code
from workflows.writer.messages import Act, Actor


def test_a_preview_tells_the_phase_the_word_and_the_clocks_and_changes_nothing() -> None:
    table = signed(confirm=10)
    table.say("report_batch", "2023-12-11T10:00")
    before = table.meeting.model_dump_json()
    act = Act(request_id="p", actor=CLERK, payload={})
    now = beijing("2023-12-12T10:00:00")

    shown = preview(table.meeting, "publish_batch", act, now)

    assert table.meeting.model_dump_json() == before
    assert shown.refusals == ()
    assert shown.word == "post_results"
    table.say("publish_batch", "2023-12-12T10:00")
    after = {clock.key: clock.after.ends_on for clock in shown.clocks if clock.after is not None}
    assert after == table.ends()
    assert after["result_publicity:1"] == date(2023, 12, 19)


def test_a_preview_of_a_meeting_tells_who_is_written_to() -> None:
    table = posted(confirm=10)
    table.strike_until("2023-12-20T09:00")
    act = Act(request_id="p", actor=CLERK, payload={})

    shown = preview(table.meeting, "draft_batch", act, beijing("2023-12-20T10:00:00"))

    move = table.say("draft_batch", "2023-12-20T10:00")
    assert [(item.kind, item.organisation) for item in shown.letters] == [
        (order.kind, order.organisation) for order in move.letters
    ]
    assert shown.letters


def test_what_would_be_refused_is_refused_in_the_preview_with_the_same_code() -> None:
    table = Table()
    for name, actor, payload, code in (
        ("open", CLERK, {"present": PRESENT[:3]}, None),
        ("open", CITY_CLERK, {"present": PRESENT}, Code.NOT_ENTITLED),
        ("confirm_batch", CITY_CLERK, {"issued_on": "2023-12-08", "number": "1"}, Code.WRONG_STAGE),
    ):
        shown = _asked(table, name, actor, payload)
        told = table.refused(name, "2023-12-08T09:00", actor, **payload)

        assert shown.refusals[0].code is told
        assert code in (None, told)
        assert shown.phase_before is Phase.EXPERTS_DRAWN


def _asked(table: Table, name: str, actor: Actor, payload: Mapping[str, object]) -> MeetingPreview:
    act = Act(request_id="p", actor=actor, payload=dict(payload))
    return preview(table.meeting, name, act, beijing("2023-12-08T09:00:00"))
