"""Drawing experts from the pool: random, recorded, and repeatable by anyone from its seed (art 11).

The order is by SHA-256 of seed and expert id, so that no library's random generator has to be
trusted or kept: who doubts a draw hashes the pool again.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import date
from hashlib import sha256

from workflows.rules.committee import ART_11, ART_19, Expert, Seat
from workflows.rules.refusals import Code, refuse


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
