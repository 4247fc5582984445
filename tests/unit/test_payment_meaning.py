"""What a payment means for its case: matched, part, over, double, late (A19)."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from activities.payments import Paid, meaning, yuan_of
from workflows.rules.message import BEIJING

ENDS_AT = datetime(2023, 11, 21, tzinfo=BEIJING)
FEE = 420


def paid(*yuan: int, late: frozenset[int] = frozenset()) -> list[Paid]:
    hour = timedelta(hours=1)
    return [
        Paid(
            transaction=f"TX{index}",
            yuan=sum_paid,
            paid_at=ENDS_AT + hour if index in late else ENDS_AT - hour,
        )
        for index, sum_paid in enumerate(yuan)
    ]


@pytest.mark.parametrize(
    ("payments", "expected"),
    [
        (paid(420), ["matched"]),
        (paid(240), ["part"]),
        (paid(240, 180), ["matched", "matched"]),
        (paid(240, 240), ["matched", "over"]),
        (paid(500), ["over"]),
        (paid(420, 420), ["matched", "double"]),
        (paid(420, late=frozenset({0})), ["late"]),
        (paid(240, 180, late=frozenset({1})), ["part", "late"]),
        (paid(240, 200, 180, late=frozenset({1})), ["matched", "late", "matched"]),
    ],
)
def test_each_payment_by_what_came_before_it(payments: list[Paid], expected: list[str]) -> None:
    assert [meaning(item.transaction, payments, FEE, ENDS_AT) for item in payments] == expected


def test_the_last_instant_of_the_last_day_is_in_time() -> None:
    own = [Paid(transaction="TX", yuan=420, paid_at=ENDS_AT)]
    assert meaning("TX", own, FEE, ENDS_AT) == "matched"


def test_before_a_pay_notice_nothing_is_late() -> None:
    assert meaning("TX0", paid(420, late=frozenset({0})), FEE, None) == "matched"


def test_what_the_record_does_not_have_means_nothing() -> None:
    assert meaning("TX9", paid(420), FEE, ENDS_AT) is None


@given(st.lists(st.tuples(st.integers(1, 600), st.booleans()), max_size=6))
def test_whatever_is_paid_the_fee_is_reached_by_exactly_one(told: list[tuple[int, bool]]) -> None:
    late = frozenset(index for index, (_, is_late) in enumerate(told) if is_late)
    payments = paid(*(yuan for yuan, _ in told), late=late)
    found = [meaning(item.transaction, payments, FEE, ENDS_AT) for item in payments]
    in_time = sum(yuan for yuan, is_late in told if not is_late)

    assert [index for index, what in enumerate(found) if what == "late"] == sorted(late)
    assert ("part" in found) == (0 < in_time < FEE)
    assert found.count("over") <= 1
    if in_time >= FEE:
        assert "part" not in found
        assert ("matched" in found) or ("over" in found)


def test_an_amount_is_written_as_people_do() -> None:
    assert [yuan_of(fen) for fen in (42_000, 42_050, 1)] == ["420", "420.50", "0.01"]
