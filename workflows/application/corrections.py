"""Returns for correction: items, terms, the publicised set, how many are left, what is changed.

A correction corrects: beside files and answers a resubmission may change the facts that its items
name. What may never change on the way is the way itself (A44), and before the committee nothing
that was not publicised may come in (未经公示的材料不得补报, A33).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from pydantic import ValidationError

from workflows.application.case import Case, FactChange, Item, Return
from workflows.application.clocks import CLOCKS, clock_of
from workflows.application.payloads import AddedFile, Resubmit, ReturnItem
from workflows.rules.clocks import Promise, Start, identity, running
from workflows.rules.deadlines import Deadline, checked_length, full_working_days_left
from workflows.rules.eligibility import examine_facts
from workflows.rules.facts import Achievement, Facts
from workflows.rules.findings import Findings
from workflows.rules.message import local_date
from workflows.rules.names import RuleName, Stage
from workflows.rules.refusals import Code, refuse
from workflows.writer.reading import unreadable

NEW_MATERIAL = "new_material:"
OF_ACHIEVEMENT = "achievement:"
OF_PAPER = "paper:"
OF_FACT = "fact:"
OF_FILE = "file:"
"""A file of an achievement; whoever corrects it corrects that achievement."""

FROZEN = frozenset(
    {
        "route",
        "level",
        "channel",
        "self_evaluating",
        "entrusted",
        "entrusting_unit",
        "employer",
        "annual_reason",
        "archive_agency",
        "pledged_at",
        "pledge_version",
    }
)
"""What decides the way, the committee or the year's chance: withdraw and apply anew (A44)."""

PUBLICISED = frozenset(
    {
        "profession_field",
        "profession",
        "current_title",
        "years_in_title",
        "achievements",
        "relaxations",
        "applicant_kind",
    }
)
"""Facts that stand on the 公示表: changed after it hung, they hang anew."""


def items_of(number: int, stated: Iterable[ReturnItem], clause: str) -> tuple[Item, ...]:
    """Number the items of a return; a notice without items tells the applicant nothing.

    Raises:
        Refused: `items_required`.
    """
    items = tuple(
        Item(
            id=item.id or f"{number}.{index}",
            subject=item.subject,
            defect=item.defect,
            text=item.text,
            refers_to=item.refers_to,
        )
        for index, item in enumerate(stated, start=1)
    )
    if not items or any(not item.text.strip() for item in items):
        raise refuse(Code.ITEMS_REQUIRED, clause)
    return items


def check_room(case: Case, rule: RuleName, at: datetime) -> None:
    """Whether a return can leave its one full working day at all (A14).

    Raises:
        Refused: `term_too_short` where the cap leaves less, unless the cap is extended first.
    """
    row = CLOCKS[rule]
    cap = clock_of(case, row.cap) if row.cap else None
    if cap is not None:
        _check_left(case, rule, cap, at)


def term(case: Case, rule: RuleName, days: int | None, at: datetime) -> Deadline:
    """The term of a return: so many working days, cut by the level's cap (A13, A14).

    Raises:
        Refused: `term_out_of_range`; `term_too_short` where less than a full working day is left.
    """
    row = CLOCKS[rule]
    checked_length(case.policy.terms(rule), days)
    start = Start(at=at, on=local_date(at), length=days)
    cap = clock_of(case, row.cap) if row.cap else None
    found = running(case, rule, start, case.policy, case.calendar, cap=cap, cap_name=row.cap_name)
    _check_left(case, rule, found, at)
    return found


def _check_left(case: Case, rule: RuleName, until: Deadline, at: datetime) -> None:
    needed = case.policy.corrections.min_full_working_days
    left = full_working_days_left(case.calendar, at, until.ends_on)
    if left < needed:
        clause = case.policy.terms(rule).source
        raise refuse(Code.TERM_TOO_SHORT, clause, ends_on=until.ends_on, left=left, needed=needed)


def check_returns_left(case: Case) -> None:
    """Whether the committee may still return: not at the last submission (A1).

    Raises:
        Refused: `no_return_left`.
    """
    corrections = case.policy.corrections
    most = corrections.committee_max_submissions
    earlier = any(given.level == "committee" for given in case.returns)
    if most is not None and case.submissions >= most:
        raise refuse(
            Code.NO_RETURN_LEFT, corrections.source, submissions=case.submissions, maximum=most
        )
    if earlier and not corrections.allow_second_return:
        raise refuse(Code.NO_RETURN_LEFT, corrections.source, submissions=case.submissions)


def check_no_new_defect(case: Case, items: Iterable[Item]) -> None:
    """A later return is for what was not corrected as asked, or for what is new material (A3).

    Raises:
        Refused: `new_defect` naming the item that is bound to nothing of an earlier notice.
    """
    earlier = [given for given in case.returns if given.level == "committee"]
    if not earlier:
        return
    known = {item.id for given in earlier for item in given.items}
    for item in items:
        if item.refers_to not in known and not item.refers_to.startswith(NEW_MATERIAL):
            raise refuse(Code.NEW_DEFECT, case.policy.corrections.source, item=item.id)


def raised_late(case: Case, level: str, items: Iterable[Item]) -> tuple[str, ...]:
    """The items of a later return of a level that no earlier return of it raised, by their numbers.

    一次性告知: whatever can be seen the first time is told the first time. What came in since may have
    defects of its own. An item is bound to an earlier one by what it refers to, or by being about
    the same thing and the same usual defect; words are not compared.
    """
    earlier = [item for given in returns_of(case, level) for item in given.items]
    if not earlier:
        return ()
    return tuple(item.id for item in items if not _raised_before(item, earlier))


def returns_of(case: Case, level: str) -> tuple[Return, ...]:
    """What a level has returned so far; each place of the chain by itself."""
    return tuple(
        given
        for given in case.returns
        if given.level == level and (level != "chain" or given.chain_index == case.chain_index)
    )


def _raised_before(item: Item, earlier: Iterable[Item]) -> bool:
    if item.refers_to.startswith(NEW_MATERIAL):
        return True
    if item.refers_to:
        named = (known for known in earlier if known.id == item.refers_to)
        return any(_same_subject(item, known) for known in named)
    return any(
        bool(item.subject)
        and item.subject == known.subject
        and (not item.defect or not known.defect or item.defect == known.defect)
        for known in earlier
    )


def _same_subject(item: Item, known: Item) -> bool:
    """Whether they can be about one thing: who named nothing may have meant it."""
    return not item.subject or not known.subject or item.subject == known.subject


def last_submission(case: Case) -> bool:
    """Whether this is the submission at which 审核不通过 may follow (LC 四(二)4(1)e, A1)."""
    most = case.policy.corrections.committee_max_submissions
    return most is not None and case.submissions >= most


def check_last_submission(case: Case) -> None:
    """审核不通过 follows only at the last submission of a notice that has one.

    Raises:
        Refused: `wrong_stage` naming how many submissions there are.
    """
    if not last_submission(case):
        corrections = case.policy.corrections
        raise refuse(
            Code.WRONG_STAGE,
            case.policy.clause("audit_failed", corrections.source),
            reason="submissions_left",
            submissions=case.submissions,
            maximum=corrections.committee_max_submissions or "不限",
        )


def uncured(case: Case, at: datetime) -> Return | None:
    """The committee return whose term is over and which stands uncured at the office (A45)."""
    given = [item for item in case.returns if item.level == "committee"]
    last = given[-1] if given else None
    ended_on = ended(case, last)
    return last if ended_on is not None and local_date(at) > ended_on else None


def ended(case: Case, given: Return | None) -> date | None:
    """The last day that was told for a return; None where there is none."""
    if given is None:
        return None
    rule = {
        "unit": RuleName.UNIT_CORRECTION,
        "chain": RuleName.CHAIN_CORRECTION,
        "committee": RuleName.COMMITTEE_CORRECTION,
    }[given.level]
    told = case.promised.get(identity(rule.value, given.at))
    return told.ends_on if told else None


def ran_out(case: Case) -> Promise | None:
    """What was told of a chain's term that ran out and brought the case back to its level, which has
    decided nothing since: what was corrected before its end is still to be heard."""
    given = case.last_return
    here = case.stage is Stage.CHAIN_REVIEW
    if given is None or not here or given.level != "chain" or given.chain_index != case.chain_index:
        return None
    name = identity(RuleName.CHAIN_CORRECTION.value, given.at)
    return case.promised.get(name) if name in case.struck else None


def check_publicised(case: Case, files: Iterable[AddedFile]) -> None:
    """Files may only prove what was on the 公示表 (未经公示的材料不得补报, A33).

    Raises:
        Refused: `unpublicised_file` naming the achievement.
    """
    if case.unit_publicity is None or not case.unit_publicity.over:
        return
    for added in files:
        if added.achievement.startswith(OF_PAPER):
            continue
        if added.achievement not in case.publicised_achievements:
            raise refuse(
                Code.UNPUBLICISED_FILE,
                case.policy.clause("unpublicised_file"),
                achievement=added.achievement or "未注明",
                file=added.file,
                stage=case.stage.value if case.stage else "",
            )


def corrected(case: Case, stated: Resubmit) -> tuple[Facts, tuple[FactChange, ...]]:
    """The facts as a resubmission states them, and each change with what stood before.

    Raises:
        Refused: `correction_not_asked` for a fact that no item names or that decides the way,
            `malformed_payload` for a value that is none, `unpublicised_file` for an achievement
            that was not publicised, before the committee.
    """
    if not stated.changes and not stated.achievements:
        return case.facts, ()
    for name in stated.changes:
        _check_asked(case, name)
    for item in stated.achievements:
        _check_asked(case, f"{OF_ACHIEVEMENT}{item.id}")
    new = _laid_over(case.facts, stated)
    changes = tuple(
        FactChange(field=name, before=before, after=after)
        for name, before, after in _differences(case.facts, new)
    )
    _check_no_new_achievement(case, new)
    return new, changes


def examined(case: Case, new: Facts, at: datetime) -> Findings:
    """The rules of submission on facts that were corrected, with all reasons at once."""
    return examine_facts(new, case.places, case.policy, at)


def changes_what_hung(case: Case, changes: Iterable[FactChange]) -> bool:
    """Whether what was publicised has changed in substance, so that it must hang anew (A31)."""
    if case.unit_publicity is None or not case.unit_publicity.over:
        return False
    return any(
        change.field in PUBLICISED or change.field.startswith(OF_ACHIEVEMENT) for change in changes
    )


def _check_asked(case: Case, field: str) -> None:
    given = case.last_return
    subjects = {item.subject for item in given.items} if given else set[str]()
    clause = case.policy.clause("correction_changes")
    if field in FROZEN or (field not in Facts.model_fields and OF_ACHIEVEMENT not in field):
        raise refuse(Code.CORRECTION_NOT_ASKED, clause, field=field, reason="frozen")
    files = _files_of(case, field)
    asked = (
        field in subjects
        or f"{OF_FACT}{field}" in subjects
        or "" in subjects
        or bool(subjects & files)
    )
    if not asked:
        raise refuse(Code.CORRECTION_NOT_ASKED, clause, field=field)


def _files_of(case: Case, field: str) -> set[str]:
    """The files of an achievement, as items name them."""
    found = (item for item in case.facts.achievements if field == f"{OF_ACHIEVEMENT}{item.id}")
    return {f"{OF_FILE}{file}" for item in found for file in item.files}


def _laid_over(facts: Facts, stated: Resubmit) -> Facts:
    own: dict[str, Any] = facts.model_dump()
    own |= _merged(own, stated.changes)
    known = {item.id: item for item in facts.achievements}
    for item in stated.achievements:
        known[item.id] = item
    own["achievements"] = tuple(item.model_dump() for item in known.values())
    try:
        return Facts.model_validate(own)
    except ValidationError as error:
        raise unreadable(error) from None


def _merged(own: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """A table that is stated in part keeps its other values."""
    return {
        name: {**own[name], **value}
        if isinstance(value, dict) and isinstance(own.get(name), dict)
        else value
        for name, value in changes.items()
    }


def _differences(before: Facts, after: Facts) -> Iterable[tuple[str, Any, Any]]:
    was, now = before.model_dump(mode="json"), after.model_dump(mode="json")
    for name in Facts.model_fields:
        if name != "achievements" and was[name] != now[name]:
            yield name, was[name], now[name]
    old = {item["id"]: item for item in was["achievements"]}
    for item in now["achievements"]:
        if old.get(item["id"]) != item:
            yield f"{OF_ACHIEVEMENT}{item['id']}", old.get(item["id"]), item


def _check_no_new_achievement(case: Case, new: Facts) -> None:
    given = case.last_return
    if given is None or given.level != "committee":
        return
    for item in new.achievements:
        if item.id not in case.publicised_achievements:
            raise refuse(
                Code.UNPUBLICISED_FILE,
                case.policy.clause("unpublicised_file"),
                achievement=item.id,
                file=_first(item),
                stage=case.stage.value if case.stage else "",
            )


def _first(item: Achievement) -> str:
    return item.files[0] if item.files else ""
