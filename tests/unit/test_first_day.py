"""docs/first-day.md names buttons as the pages have them."""

from __future__ import annotations

from pathlib import Path

import pytest

from activities.wording import label

TEXT = (Path(__file__).parents[2] / "docs" / "first-day.md").read_text(encoding="utf-8")
WAY = [
    "start_publicity",
    "finish_publicity",
    "approve",
    "accept",
    "record_payment",
    "plan",
    "commit_draw",
    "draw",
    "reveal_draw",
    "open",
    "record_opinions",
    "enter_ballots",
    "sign",
    "report_batch",
    "publish_batch",
    "draft_batch",
    "confirm_batch",
    "forward_confirmation",
    "confirm_archived",
    "return_for_correction",
    "resubmit",
]


@pytest.mark.parametrize("act", WAY)
def test_the_first_day_calls_an_act_what_its_button_says(act: str) -> None:
    assert label("acts", act) in TEXT
