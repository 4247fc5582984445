"""The draw: repeatable from its seed, the same chance for all, and a committee that may sit."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from hashlib import sha256
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.committees import MEETS_ON, a_pool, an_expert
from workflows.rules.committee import Expert, Seat
from workflows.rules.draw import draw, draw_order, fingerprint
from workflows.rules.refusals import Code, Refused

SEEDS = 4000
PROFESSIONS = ("data", "energy", "water", "carbon")

seeds = st.text(min_size=1, max_size=20)
professions = st.lists(st.sampled_from(PROFESSIONS), min_size=1, max_size=2, unique=True)


@st.composite
def pools(draw_from: st.DrawFn) -> list[Expert]:
    """15 to 30 experts, some out of term, with at least one chair who serves."""
    size = draw_from(st.integers(15, 30))
    chairs = draw_from(st.sets(st.integers(1, size), min_size=1, max_size=4))
    short = draw_from(st.sets(st.integers(1, size), max_size=size - 15))
    chairs -= short
    if not chairs:
        chairs = {min(set(range(1, size + 1)) - short)}
    return [
        an_expert(
            number,
            chair="deputy_director" if number in chairs else "",
            professions=tuple(draw_from(professions)),
            term_to=MEETS_ON - timedelta(days=1) if number in short else date(2025, 6, 30),
        )
        for number in range(1, size + 1)
    ]


def drawn(pool: list[Expert], seed: str = "s", **differences: Any) -> tuple[Seat, ...]:
    stated: dict[str, Any] = {"seats": 11, "spares": 4, "on": MEETS_ON} | differences
    return draw(pool, seed=seed, **stated)


def members(found: tuple[Seat, ...]) -> set[str]:
    return {seat.expert for seat in found if not seat.spare}


def refusal(pool: list[Expert], **differences: Any) -> tuple[Code, dict[str, str]]:
    with pytest.raises(Refused) as caught:
        drawn(pool, **differences)
    return caught.value.first.code, caught.value.first.params


def test_the_order_is_the_hash_of_seed_and_expert_and_nothing_else() -> None:
    """Anybody can repeat a draw with sha256sum; what is fixed here must never change."""
    ids = ["e01", "e02", "e03", "e04"]
    expected = sorted(ids, key=lambda item: sha256(f"seed\n{item}".encode()).hexdigest())

    assert draw_order("seed", ids) == expected
    assert draw_order("2023-BD-01", [f"e{n:02d}" for n in range(1, 7)]) == [
        "e06", "e01", "e05", "e04", "e03", "e02",
    ]  # fmt: skip


@given(pools(), seeds, st.randoms(use_true_random=False), st.booleans())
def test_the_same_seed_draws_the_same_whatever_the_order_of_the_pool(
    pool: list[Expert], seed: str, chance: Random, balanced: bool
) -> None:
    wanted = PROFESSIONS if balanced else ()
    mixed = list(pool)
    chance.shuffle(mixed)

    first = drawn(pool, seed, professions=wanted)

    assert first == drawn(pool, seed, professions=wanted)
    assert first == drawn(mixed, seed, professions=frozenset(wanted))
    assert fingerprint(pool) == fingerprint(mixed)


@given(pools(), seeds, st.booleans())
def test_counts_are_exact_and_nobody_is_drawn_twice(
    pool: list[Expert], seed: str, balanced: bool
) -> None:
    found = drawn(pool, seed, professions=PROFESSIONS if balanced else ())

    assert [seat.spare for seat in found] == [False] * 11 + [True] * 4
    assert [seat.rank for seat in found] == list(range(1, 16))
    assert len({seat.expert for seat in found}) == 15
    assert all(seat.standing == "drawn" for seat in found)


@given(pools(), seeds, st.booleans())
def test_a_chair_always_sits(pool: list[Expert], seed: str, balanced: bool) -> None:
    found = drawn(pool, seed, professions=PROFESSIONS if balanced else ())

    assert any(seat.chair and not seat.spare for seat in found)


@given(pools(), seeds)
def test_where_one_chair_sits_another_waits_if_the_pool_has_one(
    pool: list[Expert], seed: str
) -> None:
    found = drawn(pool, seed)
    able = [item for item in pool if item.chair and item.serves_on(MEETS_ON)]

    assert sum(1 for seat in found if seat.chair) >= min(2, len(able))


@given(pools(), seeds, st.data())
def test_nobody_barred_or_out_of_term_is_drawn(
    pool: list[Expert], seed: str, data: st.DataObject
) -> None:
    plain = [item.person for item in pool if not item.chair and item.serves_on(MEETS_ON)]
    room = sum(item.serves_on(MEETS_ON) for item in pool) - 15
    barred = data.draw(st.sets(st.sampled_from(plain), max_size=min(room, len(plain))))

    found = drawn(pool, seed, barred=barred)

    serving = {item.id: item.person for item in pool if item.serves_on(MEETS_ON)}
    assert all(serving.get(seat.expert) == seat.person for seat in found)
    assert not barred & {seat.person for seat in found}


@given(pools(), seeds)
def test_every_profession_asked_for_is_represented_while_the_pool_has_it(
    pool: list[Expert], seed: str
) -> None:
    """Four professions and eleven seats: there is always room, even with the seat of the chair."""
    found = members(drawn(pool, seed, professions=[*PROFESSIONS, "unheard of"]))

    able = [item for item in pool if item.serves_on(MEETS_ON)]
    there = {name for item in able for name in item.professions}
    seated = {name for item in able if item.id in found for name in item.professions}
    assert seated == there


def test_the_chairs_seat_takes_no_profession_away() -> None:
    """Eleven seats and eleven professions, ten experts of one and the eleventh by two: a chair of
    the eleventh profession must not displace the only expert of another."""
    rare = [an_expert(n, professions=(f"f{n}",)) for n in range(1, 12)]
    chair = an_expert(12, professions=("f11",), chair="director")
    others = [an_expert(n, professions=("f1",)) for n in range(13, 20)]
    wanted = [f"f{n}" for n in range(1, 12)]

    for number in range(200):
        found = members(drawn([*rare, chair, *others], f"s{number}", professions=wanted))
        pool = {item.id: item for item in [*rare, chair, *others]}
        assert {name for item in found for name in pool[item].professions} == set(wanted)


def test_every_expert_is_equally_likely() -> None:
    """With nobody to balance for: 4,000 seeds, five standard deviations."""
    counts: Counter[str] = Counter()
    first: Counter[str] = Counter()
    ids = [item.id for item in a_pool()]
    for number in range(SEEDS):
        order = draw_order(f"seed-{number}", ids)
        counts.update(order[:11])
        first[order[0]] += 1

    assert all(abs(counts[item] / SEEDS - 11 / 24) < 5 * 0.00788 for item in ids)
    assert all(abs(first[item] / SEEDS - 1 / 24) < 5 * 0.00316 for item in ids)


def test_only_the_chairs_seat_favours_anybody() -> None:
    """The 22 who are no chair are equal among themselves, and so are the two chairs, who sit more
    often: 11/24 by the order, and half of the draws whose order seats neither."""
    counts: Counter[str] = Counter()
    pool = a_pool()
    for number in range(SEEDS):
        counts.update(members(drawn(pool, f"seed-{number}")))

    neither = (13 * 12) / (24 * 23)
    chair = 11 / 24 + neither / 2
    plain = (11 - 2 * chair) / 22
    for expert in pool:
        expected = chair if expert.chair else plain
        assert abs(counts[expert.id] / SEEDS - expected) < 5 * 0.0079, expert.id


def test_balance_favours_who_brings_a_rare_profession() -> None:
    """Known and wanted: the only expert of a candidate's profession sits at every meeting."""
    pool = [*a_pool(23), an_expert(24, professions=("energy",))]

    always = [members(drawn(pool, f"s{n}", professions=("data", "energy"))) for n in range(50)]

    assert all("e24" in found for found in always)


def test_the_last_day_of_a_term_counts_and_the_next_does_not() -> None:
    last = [item.model_copy(update={"term_to": MEETS_ON}) for item in a_pool(15)]

    assert len(drawn(last)) == 15
    code, told = refusal(last, on=MEETS_ON + timedelta(days=1))
    assert (code, told) == (Code.POOL_TOO_SMALL, {"available": "0", "needed": "15"})


def test_a_pool_one_short_is_refused_with_the_numbers() -> None:
    code, told = refusal(a_pool(15), barred=["p09"])

    assert (code, told) == (Code.POOL_TOO_SMALL, {"available": "14", "needed": "15"})


def test_a_pool_without_a_chair_is_refused() -> None:
    code, told = refusal(a_pool(20), barred=["p01", "p02"])

    assert (code, told["what"]) == (Code.POOL_TOO_SMALL, "chair")


def test_the_fingerprint_tells_every_change_that_a_draw_could_see() -> None:
    pool = a_pool(15)
    changes: list[dict[str, Any]] = [
        {"chair": "deputy_director"},
        {"professions": ("energy",)},
        {"term_from": date(2022, 7, 2)},
        {"term_to": date(2025, 6, 29)},
        {"id": "e99"},
    ]
    prints = {fingerprint(pool), fingerprint(pool[:-1]), fingerprint(pool, ["p15"])}
    prints |= {fingerprint([*pool[:-1], pool[-1].model_copy(update=change)]) for change in changes}

    assert len(prints) == 3 + len(changes)
