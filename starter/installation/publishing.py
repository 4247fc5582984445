"""`zhiping install publish`: calendar, directory, committees, notices, in the order in which each needs the other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from config import calendar_files, campaign_files, committee_files, directory_files


@dataclass(frozen=True)
class Step:
    """One operation: its kind, what it states, and what it is called."""

    kind: str
    stated: dict[str, Any]
    name: str


def steps(
    *,
    calendars: Sequence[Path],
    directories: Sequence[Path],
    committees: Sequence[Path],
    campaigns: Sequence[Path],
) -> Iterator[Step]:
    """What is to be done, in order; every file is read before the first is brought in.

    Without a calendar of one's own, the years that the product knows are loaded.

    Raises:
        FileError: a file cannot be taken, with each reason.
    """
    if calendars:
        for file in calendars:
            stated = calendar_files.load_year(file).model_dump(mode="json")
            yield Step("load_calendar", stated, f"工作日历 {file.name}")
    else:
        known = calendar_files.published_calendar().model_dump(mode="json")
        yield Step("load_calendar", known, "工作日历（产品附带的各年）")
    for file in directories:
        stated = directory_files.read_sound(file).model_dump(mode="json", by_alias=True)
        yield Step("import_directory", stated, f"名录 {file.name}")
    for file in committees:
        stated = committee_files.read_sound(file).model_dump(mode="json")
        yield Step("import_committee", stated, f"评委会 {file.name}")
    for file in campaigns:
        loaded = campaign_files.load(file)
        told = {
            "policy": loaded.policy.model_dump(mode="json"),
            "content": loaded.model_dump(mode="json", exclude={"policy"}),
        }
        yield Step("publish_campaign", told, f"通知 {file.name}")
