"""What a meeting says to its cases is what their acts take, and a misspelt name fails mypy."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import pytest
from pydantic import ValidationError

from tests.unit.test_meeting_law import Table
from workflows.application.catalogue import CATALOGUE
from workflows.application.payloads import Issue, MeetingEnded, RecordResult
from workflows.meeting import words
from workflows.meeting.move import MeetingMove
from workflows.meeting.words import Word
from workflows.rules.names import Relation, Result
from workflows.writer.payloads import Reason

WORDS = [item for item in vars(words).values() if isinstance(item, Word)]
AT = datetime.fromisoformat("2023-12-08T18:00:00+08:00")


@pytest.mark.parametrize("word", WORDS, ids=lambda word: word.action)
def test_a_word_is_an_act_a_meeting_may_do_with_the_payload_it_takes(word: Word[Any]) -> None:
    action = CATALOGUE[word.action]

    assert Relation.MEETING in action.by
    assert issubclass(action.payload, word.payload)
    lacking = set(action.payload.model_fields) - set(word.payload.model_fields)
    assert lacking == ({"result"} if word is words.RECORD_RESULT else set())


def test_what_the_meeting_states_and_a_rows_outcome_are_a_result() -> None:
    """The join of `add_lines`, for the selections that complete it."""
    stated = said(words.RECORD_RESULT, MeetingEnded(meeting_ended_on=date(2023, 12, 8)))

    assert stated == {"meeting_ended_on": "2023-12-08"}
    assert RecordResult.model_validate(stated | {"result": "passed"}) == RecordResult(
        meeting_ended_on=date(2023, 12, 8), result=Result.PASSED
    )


def test_only_what_is_stated_travels() -> None:
    assert said(words.LEAVE, Reason(reason="")) == {"reason": ""}
    assert said(words.LEAVE, Reason()) == {}


def test_a_word_with_anothers_payload_or_a_misspelt_name_fails_the_type_checker() -> None:
    """mypy refuses an ignore that is not needed: each line proves that it would have spoken."""
    move = MeetingMove(meeting=Table().meeting, action="sign", at=AT, now=AT)
    issued = Issue(issued_on=date(2023, 12, 25), number="1")

    move.say(words.SEND_BACK, "drafted", issued)  # type: ignore[misc]
    with pytest.raises(ValidationError):
        move.say(words.SEND_BACK, "draftet", Reason())  # type: ignore[arg-type]
    with pytest.raises(ValidationError):
        Issue(isued_on=date(2023, 12, 25), number="1")  # type: ignore[call-arg]


def said(word: Word[words.P], payload: words.P) -> dict[str, object]:
    """The payload as it travels."""
    move = MeetingMove(meeting=Table().meeting, action="sign", at=AT, now=AT)
    move.say(word, "listed", payload)
    assert move.telling is not None
    return move.telling.payload
