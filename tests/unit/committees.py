"""Pools and committees of the tests: ids only, nobody behind them."""

from __future__ import annotations

from datetime import date
from typing import Any

from workflows.rules.committee import Expert, Seat
from workflows.rules.committee_filing import FiledCommittee
from workflows.rules.names import Level

MEETS_ON = date(2023, 12, 8)


def an_expert(number: int, **differences: Any) -> Expert:
    """An expert of a unit of his or her own, serving on the meeting day."""
    return Expert.model_validate(
        {
            "id": f"e{number:02d}",
            "person": f"p{number:02d}",
            "unit": f"u{number:02d}",
            "professions": ("data",),
            "term_from": date(2022, 7, 1),
            "term_to": date(2025, 6, 30),
        }
        | differences
    )


def a_pool(size: int = 24, chairs: tuple[int, ...] = (1, 2)) -> list[Expert]:
    """A pool whose first chair is the director, the others deputies."""
    roles = {number: "deputy_director" for number in chairs[1:]} | dict.fromkeys(
        chairs[:1], "director"
    )
    return [an_expert(number, chair=roles.get(number, "")) for number in range(1, size + 1)]


def a_committee(**differences: Any) -> FiledCommittee:
    """A committee of eleven that a profession organised."""
    return FiledCommittee.model_validate(
        {
            "id": "bd",
            "name": "示例评委会",
            "office": "bd-committee-office",
            "city_office": "city-title-office",
            "series": "工程技术",
            "organised_by": "profession",
            "filing": "示例1号",
            "filed_on": date(2022, 6, 20),
            "valid_until": date(2025, 6, 19),
            "seats": 11,
            "spares": 4,
            "minimum": 11,
            "max_level": Level.DEPUTY_SENIOR,
        }
        | differences
    )


def seats(count: int, chairs: tuple[int, ...] = (1,), spares: int = 0) -> list[Seat]:
    """Seats in the order drawn; those numbered in `chairs` are deputies."""
    return [
        Seat(
            expert=f"e{number:02d}",
            person=f"p{number:02d}",
            unit=f"u{number:02d}",
            chair="deputy_director" if number in chairs else "",
            rank=number,
            spare=number > count,
        )
        for number in range(1, count + spares + 1)
    ]


def names(count: int) -> list[str]:
    """The first experts' ids."""
    return [f"e{number:02d}" for number in range(1, count + 1)]
