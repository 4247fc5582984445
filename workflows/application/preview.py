"""What an act would do: the decision on a copy, without a trace."""

from __future__ import annotations

from datetime import datetime

from workflows.application.acts.seconds import ASKING
from workflows.application.case import Case
from workflows.application.clocks import clocks_of
from workflows.application.decision import decide
from workflows.application.messages import Moved, Preview, Published, ToldTo
from workflows.application.move import Move
from workflows.letter.letter import Addressed, Dated
from workflows.rules.deadlines import Deadline
from workflows.rules.refusals import Refused
from workflows.writer.messages import Act


def preview(
    case: Case, name: str, act: Act, now: datetime, *, published: Published | None = None
) -> Preview:
    """Refusals, or the next stage, the clocks before and after, who is told what, and warnings.

    Args:
        now: the instant as of which the act would be done.
    """
    try:
        move = decide(case, name, act, now, published=published)
    except Refused as error:
        stage = case.stage if case.end is None else None
        return Preview(refusals=tuple(error.reasons), stage_before=stage)
    if move.action != ASKING:
        return _of(case, move)
    # Whoever confirms it decides it anew; what follows then is what this person asks for.
    confirmed = decide(case, name, act, now, published=published, second=act.actor)
    return _of(case, move).model_copy(update={"confirmed": _of(case, confirmed)})


def _of(case: Case, move: Move) -> Preview:
    after, before = move.case, move.clocks_before
    if (
        before is None or case.end is not None
    ):  # what re-opens an ended case had looked at it as open
        before = clocks_of(case)
    return Preview(
        action=move.action,
        clause=move.clause,
        reason=move.reason,
        payload=move.payload,
        by=move.actor,
        stage_before=move.stage_before,
        stage_after=after.stage if after.end is None else None,
        end=after.end.name if after.end else None,
        clocks=_moved(before, move.clocks_after),
        letters=tuple(_told(item) for item in move.told),
        warnings=tuple(move.warnings),
    )


def _moved(before: tuple[Deadline, ...], after: tuple[Deadline, ...]) -> tuple[Moved, ...]:
    was = {clock.key: clock for clock in before}
    now = {clock.key: clock for clock in after}
    return tuple(
        Moved(key=key, before=was.get(key), after=now.get(key)) for key in sorted(was | now)
    )


def _told(item: Addressed) -> ToldTo:
    letter = item.letter
    return ToldTo(
        kind=letter.kind,
        to=item.to,
        organisation=item.organisation,
        deadline_on=letter.deadline_on if isinstance(letter, Dated) else None,
    )
