"""What a page offers first is what carries on, and not what was done already."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest

from starter.desk.case_page import CasePage
from starter.desk.meeting_page import MeetingPage
from starter.desk.onward import is_onward, onward_first
from workflows.rules.names import Stage


@pytest.mark.parametrize(
    ("stage", "first"),
    [(Stage.AWAITING_PAYMENT, "record_payment"), (Stage.AWAITING_MEETING, "disqualify")],
)
def test_a_payment_is_offered_first_while_it_is_waited_for(stage: Stage, first: str) -> None:
    page = cast("CasePage", SimpleNamespace(case=SimpleNamespace(stage=stage)))
    done = cast("Any", CasePage.done).fget(page)

    assert onward_first(["disqualify", "record_payment"], str, done)[0] == first
    assert is_onward("record_payment", done) is (first == "record_payment")


@pytest.mark.parametrize("committed", [True, False])
def test_a_word_for_the_draw_that_stands_is_not_asked_for_again(committed: bool) -> None:
    stored = SimpleNamespace(commitment=object() if committed else None)
    page = cast("MeetingPage", SimpleNamespace(stored=stored))
    done = cast("Any", MeetingPage.done).fget(page)

    assert is_onward("commit_draw", done) is not committed
    assert is_onward("draw", done)
