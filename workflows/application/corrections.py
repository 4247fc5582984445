"""Returns for correction: items, terms, the publicised set, and how many returns are left."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Protocol

from workflows.application.case import Case, Item, Return
from workflows.rules.deadlines import Deadline, capped, compute, full_working_days_left
from workflows.rules.message import local_date
from workflows.rules.names import RuleName, Stage
from workflows.rules.refusals import Code, refuse

NEW_MATERIAL = "new_material:"


class StatedItem(Protocol):
    """One thing to correct, as a reviewer states it."""

    @property
    def id(self) -> str: ...
    @property
    def subject(self) -> str: ...
    @property
    def text(self) -> str: ...
    @property
    def refers_to(self) -> str: ...


class StatedFile(Protocol):
    """A file added in a correction."""

    @property
    def file(self) -> str: ...
    @property
    def achievement(self) -> str: ...


def items_of(number: int, stated: Iterable[StatedItem], clause: str) -> tuple[Item, ...]:
    """Number the items of a return; a notice without items tells the applicant nothing.

    Raises:
        Refused: `items_required`.
    """
    items = tuple(
        Item(
            id=item.id or f"{number}.{index}",
            subject=item.subject,
            text=item.text,
            refers_to=item.refers_to,
        )
        for index, item in enumerate(stated, start=1)
    )
    if not items or any(not item.text.strip() for item in items):
        raise refuse(Code.ITEMS_REQUIRED, clause)
    return items


def term(case: Case, rule: RuleName, days: int | None, at: datetime) -> Deadline:
    """The term of a return: so many working days, cut by the level's cap (A13, A14).

    Raises:
        Refused: `term_out_of_range`; `term_too_short` where the cap leaves less than one full
            working day, unless the cap itself is extended first.
    """
    terms = case.policy.terms(rule)
    deadline = compute(rule, terms, case.calendar, local_date(at), length=days)
    cap_key = (
        RuleName.INTAKE_DUTY if rule is RuleName.COMMITTEE_CORRECTION else RuleName.CHAIN_CUTOFF
    )
    cap = case.deadline(cap_key)
    if cap is None:
        return deadline
    name = RuleName.REVIEW_WINDOW if cap_key is RuleName.INTAKE_DUTY else RuleName.CHAIN_CUTOFF
    deadline = capped(deadline, name, cap.ends_on, cap.ends_at)
    needed = case.policy.corrections.min_full_working_days
    left = full_working_days_left(case.calendar, at, deadline.ends_on)
    if left < needed:
        raise refuse(
            Code.TERM_TOO_SHORT, terms.source, ends_on=deadline.ends_on, left=left, needed=needed
        )
    return deadline


def check_committee_return(case: Case, items: tuple[Item, ...], *, override: bool) -> None:
    """Whether the committee may still return, and whether a later return brings new defects.

    Raises:
        Refused: `no_return_left` at the last submission (A1); `new_defect` where an item of a
            later return is bound to nothing of the first notice (A3).
    """
    corrections = case.policy.corrections
    most = corrections.committee_max_submissions
    if most is not None and case.submissions >= most:
        raise refuse(
            Code.NO_RETURN_LEFT, corrections.source, submissions=case.submissions, maximum=most
        )
    earlier = [given for given in case.returns if given.level == "committee"]
    if not earlier or override:
        return
    if not corrections.allow_second_return:
        raise refuse(Code.NO_RETURN_LEFT, corrections.source, submissions=case.submissions)
    known = {item.id for given in earlier for item in given.items}
    for item in items:
        if item.refers_to not in known and not item.refers_to.startswith(NEW_MATERIAL):
            raise refuse(Code.NEW_DEFECT, corrections.source, item=item.id)


def check_publicised(case: Case, files: Iterable[StatedFile], stage: Stage) -> None:
    """Files may only prove what was on the 公示表 (未经公示的材料不得补报, A33).

    Raises:
        Refused: `unpublicised_file` naming the achievement.
    """
    if case.unit_publicity is None or not case.unit_publicity.over:
        return
    for added in files:
        if added.achievement.startswith("paper:"):
            continue
        if added.achievement not in case.publicised_achievements:
            raise refuse(
                Code.UNPUBLICISED_FILE,
                case.policy.clause("unpublicised_file", "BD 四(二)3(3)e"),
                achievement=added.achievement or "未注明",
                file=added.file,
                stage=stage.value,
            )


def uncured(case: Case, at: datetime) -> Return | None:
    """The committee return whose term is over and which stands uncured at the office (A45)."""
    given = [item for item in case.returns if item.level == "committee"]
    if not given or local_date(at) <= given[-1].ends_on:
        return None
    return given[-1]
