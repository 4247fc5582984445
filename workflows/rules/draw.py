"""Drawing experts from the pool: nobody's to foresee, and anybody's to repeat (art 11).

The seed is the SHA-256 of two values: chance of the operating system, and a value of the
supervising office, which had committed itself to it by its hash before that chance was taken. So
neither office alone knows or chooses the seed. The order is by SHA-256 of seed and expert id, so
that no library's random generator has to be trusted or kept: who doubts a draw hashes it again.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import date
from enum import StrEnum
from hashlib import sha256
from typing import Annotated, Literal

from pydantic import Field

from workflows.rules.committee import ART_11, ART_19, Chair, Expert, Seat
from workflows.rules.message import Message
from workflows.rules.refusals import Code, Refused, refuse
from workflows.rules.text import Line

Digest = Annotated[Line, Field(pattern=r"^[0-9a-f]{64}$")]
"""32 bytes in lower-case hexadecimal: a SHA-256, or a secret value that nobody can try out."""


class Drawn(Message):
    """What a draw is made from, kept with its steps; `value` and `seed` once they are revealed."""

    number: int
    """Which draw of its meeting, the first being 1."""
    commitment: str
    """SHA-256 of the supervising office's value, known before `random` was taken."""
    random: str
    """Chance of the operating system, 32 bytes in hexadecimal."""
    value: str = ""
    seed: str = ""
    on: date
    """The last meeting day, which the terms had to cover."""
    since: date | None = None
    """The first meeting day, where there were several."""
    seats: int
    spares: int
    professions: tuple[str, ...] = ()
    barred: tuple[str, ...] = ()
    """Experts of the pool who could not serve: under a bar or record, or candidates themselves."""
    pool: str
    """The fingerprint of the pool, which stands still from here on (`draw_pool` in the record)."""


class PoolEntry(Message):
    """What a draw looks at of one expert: no name, no unit."""

    id: str
    chair: Chair = ""
    professions: tuple[str, ...] = ()
    term_from: date
    term_to: date

    def expert(self) -> Expert:
        """The expert as the draw reads it, the own id standing for the person."""
        return Expert(**self.model_dump(), person=self.id, unit="")


class DrawRecord(Message):
    """A draw as it is published: with it anybody repeats the draw, with nothing of ours."""

    format: Literal["zhiping-draw-1"] = "zhiping-draw-1"
    meeting: str
    drawn: Drawn
    experts: tuple[PoolEntry, ...]
    seats: tuple[str, ...]
    """Who was drawn, members first, then the spares, each in the order drawn."""


class DrawFault(StrEnum):
    """What is not as it should be in a published draw."""

    COMMITMENT = "commitment"
    """The value is not what the supervising office had committed itself to."""
    SEED = "seed"
    """The seed does not follow from chance and value."""
    POOL = "pool"
    """The pool is another than the one whose fingerprint was recorded before the seed was known."""
    SEATS = "seats"
    """Others than those recorded come out."""


def commitment_to(value: str) -> str:
    """What the supervising office makes known of its value before the draw."""
    return sha256(value.encode()).hexdigest()


def seed_of(random: str, value: str) -> str:
    """The seed: neither value alone says anything of it."""
    return sha256(f"{random}\n{value}".encode()).hexdigest()


def pool_of(experts: Iterable[Expert]) -> tuple[PoolEntry, ...]:
    """What is kept and published of a pool, in the order of ids."""
    wanted = set(PoolEntry.model_fields)
    return tuple(
        PoolEntry.model_validate(item.model_dump(include=wanted))
        for item in sorted(experts, key=lambda item: item.id)
    )


def drawn_again(drawn: Drawn, experts: Iterable[PoolEntry]) -> tuple[Seat, ...]:
    """The draw made again from what it was made from.

    Raises:
        Refused: `pool_too_small`.
    """
    return draw(
        [item.expert() for item in experts],
        seed=drawn.seed,
        seats=drawn.seats,
        spares=drawn.spares,
        on=drawn.on,
        since=drawn.since,
        barred=drawn.barred,
        professions=drawn.professions,
    )


def faults_of(record: DrawRecord) -> tuple[DrawFault, ...]:
    """What a published draw does not bear out; empty where it is as it says."""
    drawn = record.drawn
    pool = [item.expert() for item in record.experts]
    found = []
    if commitment_to(drawn.value) != drawn.commitment:
        found.append(DrawFault.COMMITMENT)
    if seed_of(drawn.random, drawn.value) != drawn.seed:
        found.append(DrawFault.SEED)
    if fingerprint(pool, drawn.barred) != drawn.pool:
        found.append(DrawFault.POOL)
    try:
        again = tuple(seat.expert for seat in drawn_again(drawn, record.experts))
    except Refused:
        again = ()
    if again != record.seats:
        found.append(DrawFault.SEATS)
    return tuple(found)


def draw_order(seed: str, experts: Iterable[str]) -> list[str]:
    """The experts in the order the seed puts them."""
    return sorted(experts, key=lambda expert: (_ticket(seed, expert), expert))


def draw(
    pool: Sequence[Expert],
    *,
    seed: str,
    seats: int,
    spares: int,
    on: date,
    since: date | None = None,
    barred: Collection[str] = (),
    professions: Collection[str] = (),
) -> tuple[Seat, ...]:
    """Draw members and spares for a meeting.

    A chair (主任 or 副主任委员) must sit: where the order gives none a seat, one seat is kept for
    the first chair in the order (art 19); where it gives one chair a seat, the next chair is kept
    a place among the spares, so that the meeting does not fail with one person. Every profession
    of a candidate is represented as far as the pool has it: an expert of a profession nobody
    seated has goes before one who brings none.

    So chairs, and experts of a rare profession that is asked for, are drawn more often than
    others; among equals everybody has the same chance.

    Args:
        on: the last meeting day, which the terms must cover.
        since: the first meeting day, where the meeting has several.
        barred: persons who may not serve (integrity register, the meeting's own candidates).
        professions: what the candidates applied in; empty asks for no balance.

    Raises:
        Refused: `pool_too_small` with what is there and what is needed.
    """
    able = {
        item.id: item
        for item in pool
        if item.serves_on(on) and item.serves_on(since or on) and item.person not in barred
    }
    ordered = [able[name] for name in draw_order(seed, able)]
    needed = seats + spares
    if len(ordered) < needed:
        raise refuse(Code.POOL_TOO_SMALL, ART_11, available=len(ordered), needed=needed)
    chairs = [item for item in ordered if item.chair]
    if not chairs:
        raise refuse(Code.POOL_TOO_SMALL, ART_19, available=0, needed=1, what="chair")
    members = _with(chairs, ordered, seats, professions)
    seated = {item.id for item in members}
    rest = [item for item in ordered if item.id not in seated]
    others = [item for item in chairs if item.id not in seated]
    only = sum(1 for item in members if item.chair) == 1
    waiting = _with(others if only else (), rest, spares, ())
    drawn = [(item, False) for item in members] + [(item, True) for item in waiting]
    return tuple(
        Seat(
            expert=item.id,
            person=item.person,
            unit=item.unit,
            chair=item.chair,
            rank=rank,
            term_to=item.term_to,
            spare=spare,
        )
        for rank, (item, spare) in enumerate(drawn, start=1)
    )


def fingerprint(pool: Iterable[Expert], barred: Collection[str] = ()) -> str:
    """The pool a draw was made from, as a hash: a pool changes, and a draw repeats on its own only.

    Nothing of it depends on the order of the pool or on what a draw does not look at.
    """
    lines = sorted(
        "|".join(
            (
                item.id,
                item.chair,
                ",".join(sorted(item.professions)),
                item.term_from.isoformat(),
                item.term_to.isoformat(),
                "barred" if item.person in barred else "",
            )
        )
        for item in pool
    )
    return sha256("\n".join(lines).encode()).hexdigest()


def _with(
    chairs: Sequence[Expert], ordered: Sequence[Expert], places: int, professions: Collection[str]
) -> list[Expert]:
    """The first of the order, the last place kept for the first of the chairs if none got one."""
    chosen = _balanced(ordered, places, professions)
    if not chairs or not places or any(item.chair for item in chosen):
        return chosen
    first = chairs[0]
    others = [item for item in ordered if item.id != first.id]
    missing = set(professions) - set(first.professions)
    return [*_balanced(others, places - 1, missing), first]


def _balanced(ordered: Sequence[Expert], seats: int, professions: Collection[str]) -> list[Expert]:
    """The first of the order, but first those who bring a profession that is still missing."""
    missing = set(professions)
    chosen: list[Expert] = []
    for expert in ordered:
        if missing & set(expert.professions) and len(chosen) < seats:
            chosen.append(expert)
            missing -= set(expert.professions)
    for expert in ordered:
        if len(chosen) == seats:
            break
        if expert not in chosen:
            chosen.append(expert)
    return chosen


def _ticket(seed: str, expert: str) -> str:
    return sha256(f"{seed}\n{expert}".encode()).hexdigest()
