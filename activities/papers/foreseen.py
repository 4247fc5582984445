"""The paper that an act would bring, before it is done: the same data, template and fonts, unsealed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from activities.database import Pool
from activities.identity import Identity
from activities.papers.case_facts import Ahead, Clock, case_facts, is_due
from activities.papers.catalogue import PAPERS, Paper
from activities.papers.making import CASE_DATA, OF_A_TITLE
from workflows.rules.papers import PaperKind


@dataclass(frozen=True)
class Foreseen:
    """A paper about to come: its kind and the data that its template prints."""

    kind: PaperKind
    data: Mapping[str, Any]

    @property
    def is_sealed(self) -> bool:
        """Whether it will carry a seal, which nothing that is foreseen has."""
        return bool(PAPERS[self.kind].seals)


async def foreseen(
    pool: Pool, identity: Identity, application: str, ahead: Ahead
) -> Foreseen | None:
    """The paper that is due after a step, if the step were done; None where none is.

    Papers of a title are not foreseen: their number is taken when they are made.
    """
    paper = _due(ahead)
    if paper is None:
        return None
    async with pool.acquire() as connection:
        facts = await case_facts(connection, identity, application, paper, ahead.step.seq, ahead)
        return Foreseen(paper.kind, CASE_DATA[paper.kind](facts))


def _due(ahead: Ahead) -> Paper | None:
    clocks = [Clock(item, ahead.step.seq) for item in ahead.started]
    return next(
        (
            paper
            for kind, paper in PAPERS.items()
            if kind in CASE_DATA
            and kind not in OF_A_TITLE
            and paper.steps
            and is_due(paper, ahead.step, clocks)
        ),
        None,
    )
