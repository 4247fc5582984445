"""What an act would have printed: its paper as it would leave the house, shown before it is done."""

from __future__ import annotations

import asyncio

from activities.covers import both_names
from activities.papers.case_facts import Ahead
from activities.papers.fonts import named
from activities.papers.foreseen import Foreseen, foreseen
from activities.papers.typesetting import MissingGlyphsError, TypesettingError, pictured, typeset
from activities.texts import references, with_free_texts
from activities.views import CaseView, TimelineEntry
from starter.desk.office import Office
from workflows.application.catalogue import CATALOGUE
from workflows.application.messages import Preview
from workflows.writer.messages import Act


async def paper_of(
    office: Office, case: CaseView, action: str, act: Act, shown: Preview
) -> Foreseen | None:
    """The paper that an act would bring; of one that asks a second person, the one that comes when
    it is confirmed. None where it brings none.

    Args:
        shown: the act's preview, without refusals.
    """
    then = shown.confirmed or shown
    row = CATALOGUE.get(then.action)
    if row is None or act.acted_at is None:
        return None
    # What somebody types is words, whatever it looks like; only what another asked for, and is
    # confirmed now, was stored by us and stands there by reference.
    asked = then.action != action
    texts = await office.reading.texts(references(then.payload)) if asked else {}
    by = then.by or act.actor
    names = await office.reading.names_of({by.person, by.principal}, case.realm)
    step = TimelineEntry(
        seq=case.seq + 1,
        source="act",
        name=then.action,
        actor=by.person,
        actor_name=both_names(names.get(by.person, ""), names.get(by.principal, by.principal)),
        principal=by.principal,
        organisation=by.organisation,
        acted_at=act.acted_at,
        recorded_at=act.acted_at,
        stage_before=then.stage_before,
        stage_after=then.stage_after,
        end_after=then.end,
        clause=then.clause,
        reason=texts.get(then.reason, then.reason),
        payload=with_free_texts(row.payload, then.payload, lambda text: texts.get(text, text)),
        policy_version=case.policy_version,
    )
    started = tuple(item.after for item in then.clocks if item.before is None and item.after)
    return await foreseen(office.pool, office.identity, case.application, Ahead(step, started))


async def printed(paper: Foreseen) -> bytes:
    """It as a PDF, without a seal.

    Raises:
        MissingGlyphsError: the fonts lack characters of it.
    """
    made = await asyncio.to_thread(typeset, paper.kind, paper.data)
    return made.content


async def pages_of(paper: Foreseen) -> tuple[bytes, ...]:
    """Its pages as pictures.

    Raises:
        MissingGlyphsError: the fonts lack characters of it.
    """
    return await asyncio.to_thread(pictured, paper.kind, paper.data)


__all__ = [
    "Foreseen",
    "MissingGlyphsError",
    "TypesettingError",
    "named",
    "pages_of",
    "paper_of",
    "printed",
]
