"""What is published from files: notices, a year's working days, a directory. Read, compared with what
is published already and told in words, the same whether somebody types or clicks.

Nothing is published here: what is read is an operation to be asked for, with what it would change.
"""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from pathlib import Path, PurePath
from shutil import copyfile
from typing import Any

from pydantic import ValidationError

from activities.views import RealmView
from activities.wording import date_zh, label
from config import calendar_files, campaign_files, campaign_findings, directory_files
from config.campaign_model import Campaign
from starter.desk.amendments import Amendment, calendar_rehearsed, campaign_rehearsed
from starter.desk.campaign_differences import sentences
from starter.desk.office import Office, Who
from starter.desk.refusing import No, NoAnswer, Reason, refused
from workflows.operation.payloads import StatedDirectory, StatedYear, StatedYears
from workflows.rules.calendar import Calendar, CalendarYear

SUFFIXES = frozenset({".toml", ".json", ".txt"})
NAMED = 40
"""Lines of a difference; the rest is counted."""
CONTACTS = {
    "name": "名称",
    "contact": "联系人",
    "phone": "电话",
    "email": "邮箱",
    "superior": "上级",
    "agency": "人事代理机构",
    "district": "区县",
}
"""What of an organisation is told when it changes."""


class What(StrEnum):
    """What is published."""

    NOTICE = "notice"
    CALENDAR = "calendar"
    DIRECTORY = "directory"


@dataclass(frozen=True)
class Publication:
    """A file that was understood.

    Attributes:
        kind: the operation that publishes it.
        stated: what the operation states, without a reason.
        title: what it is, in words.
        says: what it changes, a sentence each; nothing where it says what is published already.
        warnings: what to look at before it is published.
    """

    kind: str
    stated: Mapping[str, Any]
    title: str
    says: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()

    @property
    def amends(self) -> bool:
        """Whether it changes what is published, which whatever is open hears of, and takes a reason."""
        return self.kind in AMENDING


AMENDING = frozenset({"amend_campaign", "amend_calendar"})
PUBLISHED = AMENDING | {"import_directory"}
"""Operations whose statement is a whole file, and that may wait for a second person."""


async def understood(
    office: Office, realm: str, what: What, files: Mapping[str, bytes]
) -> Publication:
    """Understand files that came in: the one that is published, and for a notice its texts beside it.

    Args:
        files: by the names they came with.

    Raises:
        FileError, NoAnswer: what is wrong with them, in Chinese, key by key.
    """
    with tempfile.TemporaryDirectory() as folder:
        main = await asyncio.to_thread(_laid_down, Path(folder), what, files)
        return await READERS[what](office, realm, main)


async def campaign_from(office: Office, realm: str, file: Path) -> Publication:
    """A notice; what `campaign lint` finds wrong stops it.

    Raises:
        NoAnswer: the findings.
    """
    known_days = await office.reading.calendar(realm=realm)
    calendar = known_days or calendar_files.published_calendar()
    report = await asyncio.to_thread(campaign_files.lint, file, calendar)
    if report.errors or report.campaign is None:
        raise NoAnswer(
            No.REFUSED,
            *(
                Reason(
                    "malformed_file",
                    f"{item.told}。",
                    item.clause,
                    item.todo or campaign_findings.CORRECT_IT,
                )
                for item in report.errors
            ),
        )
    now = report.campaign
    before = await published_campaign(office, realm, now.id, None)
    title = f"{now.notice.document}（{now.id}）"
    warnings = tuple(f"{item.told}。{item.todo}" for item in report.warnings)
    stated = campaign_stated(now)
    if before is None:
        known = await office.reading.policy(now.id, realm=realm)
        kind = "amend_campaign" if known else "publish_campaign"
        words = "公布过的一版没有文件，不能逐句比较。" if known else "第一次公布。"
        return Publication(kind, stated, title, (words,), warnings)
    return Publication("amend_campaign", stated, title, differences(before, now), warnings)


async def calendar_from(office: Office, realm: str, file: Path) -> Publication:
    """A year's working days.

    Raises:
        FileError: what is wrong with it.
    """
    year = await asyncio.to_thread(calendar_files.load_year, file)
    known = await office.reading.calendar(realm=realm)
    before = known.years.get(year.year) if known else None
    stated = year.model_dump(mode="json")
    title = f"{year.year} 年工作日历（{year.source}）"
    if before is None:
        says = (f"新的一年：放假 {len(year.holidays)} 天，调休上班 {len(year.workdays)} 天。",)
        return Publication("load_calendar", {"years": [stated]}, title, says)
    return Publication("amend_calendar", stated, title, tuple(_days_changed(before, year)))


async def directory_from(office: Office, realm: str, file: Path) -> Publication:
    """A directory of organisations and members.

    Raises:
        FileError: what is wrong with it.
    """
    read = await asyncio.to_thread(directory_files.read, file)
    stated = read.model_dump(mode="json", by_alias=True)
    title = f"{len(read.organisations)} 个机构，{len(read.members)} 名人员（{read.source}）"
    says = await _directory_changes(office, realm, StatedDirectory.model_validate(stated))
    found = [problem for problem in directory_files.lint(read)]
    warnings = (*found[:NAMED], *([f"等 {len(found)} 处。"] if len(found) > NAMED else ()))
    return Publication("import_directory", stated, title, says, warnings)


Reader = Callable[[Office, str, Path], Awaitable[Publication]]
READERS: Mapping[What, Reader] = {
    What.NOTICE: campaign_from,
    What.CALENDAR: calendar_from,
    What.DIRECTORY: directory_from,
}


def campaign_stated(loaded: Campaign) -> dict[str, Any]:
    """A notice as it is published: the rules, and everything else of its file beside them."""
    return {
        "policy": loaded.policy.model_dump(mode="json"),
        "content": loaded.model_dump(mode="json", exclude={"policy"}),
    }


async def published_campaign(
    office: Office, realm: str, name: str, version: int | None
) -> Campaign | None:
    """A published version as its file had it; None where there is none, or only its bare rules."""
    policy = await office.reading.policy(name, version, realm)
    content = await office.reading.campaign_content(name, version, realm)
    if policy is None or not content:
        return None
    try:
        return Campaign.model_validate({**content, "policy": policy.model_dump(mode="json")})
    except ValidationError:
        return None


def differences(before: Campaign, now: Campaign) -> tuple[str, ...]:
    """What a notice changes in another, a sentence each; which version either is, is none of it."""
    known = before.policy
    given = now.policy.model_copy(update={"version": known.version, "digest": known.digest})
    same = now.model_copy(update={"policy": given})
    return tuple(sentences(before, same, campaign_files.diff(before, same)))


async def rehearsed(
    office: Office, realm: RealmView, who: Who, found: Publication
) -> Amendment | None:
    """What it would do to whatever is open; None for what reaches nothing that is open.

    Raises:
        NoAnswer: `not_entitled`.
    """
    if found.kind == "amend_campaign":
        return await campaign_rehearsed(office, realm, who, found.stated)
    if found.kind == "amend_calendar":
        return await calendar_rehearsed(office, realm, who, found.stated)
    return None


async def says_again(office: Office, realm: str, kind: str, stated: Mapping[str, Any]) -> list[str]:
    """What a request of another person's would change, as whoever confirms it reads it; as of now."""
    if kind == "import_directory":
        read = StatedDirectory.model_validate(dict(stated))
        return [*await _directory_changes(office, realm, read)]
    if kind == "amend_calendar":
        known = await office.reading.calendar(realm=realm)
        return [*_years_changed(known, StatedYears.model_validate(dict(stated)).years)]
    if kind == "amend_campaign" and "content" in stated:
        name = str(stated["policy"]["campaign"])
        before = await published_campaign(office, realm, name, None)
        now = Campaign.model_validate({**stated["content"], "policy": stated["policy"]})
        if before is not None:
            return [*differences(before, now)]
    return []


def _laid_down(folder: Path, what: What, files: Mapping[str, bytes]) -> Path:
    """The files in a folder; the one that is published.

    Raises:
        NoAnswer: it is not clear which.
    """
    plain = {PurePath(name).name: content for name, content in files.items()}
    main = [name for name in plain if PurePath(name).suffix in (".toml", ".json")]
    strange = [name for name in plain if PurePath(name).suffix not in SUFFIXES]
    if len(main) != 1 or strange:
        raise refused(
            "malformed_file",
            "须有且只有一个 .toml 文件" + ("，原文为 .txt 文件。" if what is What.NOTICE else "。"),
            next_step="请重新选择文件。",
        )
    for name, content in plain.items():
        (folder / name).write_bytes(content)
    if what is What.NOTICE:
        # The texts of the rules on which notices rest come with the product.
        for text in campaign_files.CAMPAIGNS.glob("*.txt"):
            if not (folder / text.name).exists():
                copyfile(text, folder / text.name)
    return folder / main[0]


def _years_changed(known: Calendar | None, years: Iterable[StatedYear]) -> Iterator[str]:
    for stated in years:
        before = known.years.get(stated.year) if known else None
        if before is not None:
            yield from _days_changed(before, stated.laid_over(before))


def _days_changed(before: CalendarYear, now: CalendarYear) -> Iterator[str]:
    """What becomes of each day that is another kind of day."""
    for day in sorted({*before.holidays, *before.workdays, *now.holidays, *now.workdays}):
        was, is_now = _kind_of(before, day), _kind_of(now, day)
        if was != is_now:
            yield f"{date_zh(day)}：由“{was}”改为“{is_now}”。"
    if before.source != now.source:
        yield f"出处：由“{before.source}”改为“{now.source}”。"


def _kind_of(year: CalendarYear, day: date) -> str:
    if day in year.holidays:
        return f"放假（{year.holidays[day]}）"
    return "调休上班" if day in year.workdays else "没有安排"


async def _directory_changes(
    office: Office, realm: str, stated: StatedDirectory
) -> tuple[str, ...]:
    """Who and what is new or becomes another; of people their names and rights alone."""
    found = [line async for line in _organisations_changed(office, realm, stated)]
    known = await office.reading.names_of({item.id for item in stated.members}, realm)
    for member in stated.members:
        if member.id not in known:
            found.append(f"新的人员 {member.name}（{member.id}），{member.organisation}。")
        elif known[member.id] != member.name:
            found.append(f"人员 {member.id} 的姓名：由“{known[member.id]}”改为“{member.name}”。")
        if member.grants:
            role = label("roles", "supervisor" if member.supervisor else "member")
            places = "、".join(item.organisation or member.organisation for item in member.grants)
            found.append(
                f"{member.name}（{member.id}）作为{role}可以代表：{places}；已有的不重复。"
            )
    if len(found) > NAMED:
        return (*found[:NAMED], f"等 {len(found)} 项。")
    return tuple(found)


async def _organisations_changed(
    office: Office, realm: str, stated: StatedDirectory
) -> AsyncIterator[str]:
    for entry in stated.organisations:
        before = await office.reading.organisation(entry.id, realm)
        if before is None:
            yield f"新的机构 {entry.name}（{entry.id}）。"
            continue
        for key, called in CONTACTS.items():
            was, now = getattr(before, key), getattr(entry, key)
            if was != now:
                yield f"{before.name}的{called}：由“{was or '空'}”改为“{now or '空'}”。"
