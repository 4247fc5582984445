"""What an act would do, as a person reads it before doing it: decided on a copy, without a trace."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from activities.covers import both_names
from activities.wording import caution_zh, date_zh, label, last_moment_zh
from starter.desk.office import Office
from workflows.application.messages import Moved, Preview, ToldTo
from workflows.meeting.messages import MeetingPreview
from workflows.rules.deadlines import Deadline


class Clock(NamedTuple):
    """One deadline that an act moves: its name, its last moment now and afterwards."""

    name: str
    now: str
    then: str


class Letter(NamedTuple):
    """One letter that an act sends: which, to whom, and the last day it states."""

    name: str
    to: str
    by: str


class Consequences(NamedTuple):
    """What follows from an act that would be done."""

    before: str
    after: str
    cautions: tuple[str, ...]
    clocks: tuple[Clock, ...]
    letters: tuple[Letter, ...]


NOTHING = Consequences("", "", (), (), ())


async def consequences(office: Office, shown: Preview, realm: str) -> Consequences:
    """The preview of an act in words, with the names of organisations."""
    # What a second person would confirm is minded by whoever asks for it.
    warnings = (*shown.warnings, *(shown.confirmed.warnings if shown.confirmed else ()))
    said = {str(value) for warning in warnings for value in warning.params.values()}
    told_to = {letter.organisation for letter in shown.letters}
    names = await office.reading.organisation_names(said | told_to, realm)
    return Consequences(
        before=label("stages", shown.stage_before) if shown.stage_before else "",
        after=_after(shown),
        cautions=(
            *(caution_zh(item, names) for item in warnings),
            *await _under_cover(office, shown, realm),
        ),
        clocks=tuple(_clock(item) for item in shown.clocks if _changes(item)),
        letters=tuple(_letter(item, names) for item in shown.letters),
    )


async def _under_cover(office: Office, shown: Preview, realm: str) -> tuple[str, ...]:
    """That it is a supervisor's to do, and under whose names it will be recorded."""
    by = shown.by
    if by is None or not by.principal:
        return ()
    names = await office.reading.names_of({by.person, by.principal}, realm)
    both = both_names(names.get(by.person, by.person), names.get(by.principal, by.principal))
    return (f"这一事项须由负责人办理，将记录为由{both}办理。",)


async def meeting_consequences(office: Office, shown: MeetingPreview, realm: str) -> Consequences:
    """The same of an act on a meeting; whom its cases tell is told by each of them."""
    said = {str(value) for warning in shown.warnings for value in warning.params.values()}
    told_to = {letter.organisation for letter in shown.letters}
    names = await office.reading.organisation_names(said | told_to, realm)
    word = f"，并告知各件申报：{label('acts', shown.word)}" if shown.word else ""
    after = shown.phase_after or shown.phase_before
    return Consequences(
        before=label("phases", shown.phase_before),
        after=label("phases", after) + word,
        cautions=tuple(caution_zh(item, names) for item in shown.warnings),
        clocks=tuple(_clock(item) for item in shown.clocks if _changes(item)),
        letters=tuple(_letter(item, names) for item in shown.letters),
    )


def _after(shown: Preview) -> str:
    if shown.end:
        return label("ends", shown.end)
    return label("stages", shown.stage_after) if shown.stage_after else ""


def _changes(item: Moved) -> bool:
    was = item.before.ends_on if item.before else None
    now = item.after.ends_on if item.after else None
    return was != now


def _clock(item: Moved) -> Clock:
    rule = item.key.partition(":")[0]
    return Clock(label("rules", rule), _end(item.before), _end(item.after))


def _end(clock: Deadline | None) -> str:
    return last_moment_zh(clock.ends_on, clock.ends_at) if clock else "—"


def _letter(item: ToldTo, names: Mapping[str, str]) -> Letter:
    to = names.get(item.organisation, item.organisation)
    party = label("parties", item.to)
    told = f"{party}（{to}）" if to and to != party else party
    by = date_zh(item.deadline_on) if item.deadline_on else ""
    return Letter(label("letters", item.kind), told, by)
