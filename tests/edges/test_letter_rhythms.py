"""Files of times and kinds for collected letters as somebody may write them: refused at the start, or
taken as they are meant; never found out by the first letter."""

from __future__ import annotations

import tomllib
from datetime import date, datetime, time
from pathlib import Path

import pytest
from pydantic import ValidationError

from activities.letters.rhythms import rhythms
from workflows.rules.message import BEIJING, end_of
from workflows.rules.names import LetterKind, Rhythm

SOUND = 'kinds = ["task"]\ndaily = ["09:00"]\nweekly = "09:00"\n'


def read(tmp_path: Path, text: str) -> object:
    file = tmp_path / f"{abs(hash(text))}.toml"
    file.write_text(text, encoding="utf-8")
    return rhythms(file)


@pytest.mark.parametrize(
    "text",
    [
        "",
        SOUND.replace('["09:00"]', "[]"),
        SOUND.replace('"09:00"', '"24:00"'),
        SOUND.replace('"09:00"', '"9点"'),
        SOUND.replace('["task"]', '["tasks"]'),
        SOUND + "weekly_from = 0\n",
        SOUND + "weekly_from = 8\n",
        SOUND + 'usual = "hourly"\n',
        SOUND + "waits = -1\n",
        SOUND + "rows = 0\n",
        SOUND + 'dayly = ["10:00"]\n',
        SOUND + "kinds = [",
    ],
)
def test_what_makes_no_sense_is_refused_at_the_start(text: str, tmp_path: Path) -> None:
    with pytest.raises((ValidationError, tomllib.TOMLDecodeError)):
        read(tmp_path, text)


def test_a_file_that_is_not_there_is_refused_at_the_start(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        rhythms(tmp_path / "none.toml")


@pytest.mark.parametrize("rhythm", list(Rhythm))
@pytest.mark.parametrize("due", [None, date(2023, 10, 12), date(2023, 10, 13), date(9999, 12, 30)])
def test_whatever_is_sound_says_an_hour_or_at_once(
    rhythm: Rhythm, due: date | None, tmp_path: Path
) -> None:
    """No hours for what falls due today, a minute before midnight, the last year that there is."""
    file = tmp_path / "own.toml"
    file.write_text(SOUND + 'daily = ["23:59"]\n'.replace("daily", "due_today"), encoding="utf-8")
    own = rhythms(file)
    assert own.kinds == {LetterKind.TASK}
    assert own.due_today == (time(23, 59),)
    now = datetime(2023, 10, 12, 10, 0, tzinfo=BEIJING)

    told = own.hour(rhythm, now, end_of(due) if due else None, lambda day: day.weekday() < 5)
    assert (told is None) == (rhythm is Rhythm.AT_ONCE or due == now.date())
