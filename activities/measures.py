"""The live office in numbers, for whoever watches it: cases by stage, letters that wait, clocks that are late."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from activities.database import LIVE, Pool
from activities.sentinel.kinds import Kind, Outcome
from activities.standstills import STRIKING
from activities.statements import statements

SQL = statements("measures")
UNSETTLED = ("bounced", "unknown", "no_address")


@dataclass(frozen=True)
class LastProof:
    """The sentinel's last round that saw everything: how long ago, and how many findings by outcome.

    Attributes:
        unproved: subjects whose workflow gave no answer.
    """

    seconds: float
    unproved: int = 0
    found: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Measures:
    """One look; of the live realm alone, since a rehearsal's clock is its own.

    Attributes:
        cases: how many stand at a stage, or ended so, by the name of either.
        letters_waiting: those whose hour has come and that no mail server has taken.
        oldest_letter: seconds that the first of them has waited.
        unsettled: letters that a person must look at, by state.
        latest_clock: seconds by which the most overdue clock has not struck.
        last_proof: of all realms; None before the first.
    """

    cases: Mapping[str, int] = field(default_factory=dict)
    letters_waiting: int = 0
    oldest_letter: float = 0.0
    unsettled: Mapping[str, int] = field(default_factory=dict)
    latest_clock: float = 0.0
    last_proof: LastProof | None = None


async def measured(pool: Pool) -> Measures:
    """Look once."""
    cases = await pool.fetch(SQL["cases_by_stage"], LIVE)
    letters = await pool.fetchrow(SQL["letters_due"])
    unsettled = await pool.fetch(SQL["letters_unsettled"], LIVE)
    late = await pool.fetchval(SQL["latest_clock"], LIVE, list(STRIKING))
    found = {row["state"]: row["letters"] for row in unsettled}
    return Measures(
        cases={row["end_name"] or row["stage"]: row["cases"] for row in cases},
        letters_waiting=letters["waiting"] if letters else 0,
        oldest_letter=letters["oldest"] if letters else 0.0,
        # A state that is over is told as none, or its last number would stand for ever.
        unsettled={state: found.get(state, 0) for state in UNSETTLED},
        latest_clock=float(late or 0.0),
        last_proof=await _last_proof(pool),
    )


async def _last_proof(pool: Pool) -> LastProof | None:
    row = await pool.fetchrow(SQL["last_proof"])
    if row is None:
        return None
    # What is over is told as none, or its last number would stand for ever.
    found = {outcome.value: 0 for outcome in Outcome} | {
        item["outcome"]: item["number"]
        for item in await pool.fetch(SQL["found"], row["id"], Kind.PARKED.value)
    }
    return LastProof(row["seconds"], row["unanswered"], found)
