"""What `make bench` ends with."""

from __future__ import annotations

import pytest

from tests.benchmarks import figures


@pytest.fixture(autouse=True)
def found(monkeypatch: pytest.MonkeyPatch) -> list[figures.Figure]:
    """A run of its own."""
    fresh: list[figures.Figure] = []
    monkeypatch.setattr(figures, "FOUND", fresh)
    return fresh


def test_a_figure_is_one_line_of_four_words(found: list[figures.Figure]) -> None:
    figures.figure("cost.happy.events", 312, "events", beside="as before")
    figures.figure("beside.season.ratio", 0.61234, "ratio")
    figures.figure("reads.rows", 25_000_000.0, "rows")

    assert [item.line() for item in found] == [
        "figure cost.happy.events 312 events",
        "figure beside.season.ratio 0.6123 ratio",
        "figure reads.rows 25000000 rows",
    ]


@pytest.mark.parametrize(("name", "unit"), [("two words", "ms"), ("name", ""), ("a", "per s")])
def test_a_name_that_would_be_two_words_is_refused(
    name: str, unit: str, found: list[figures.Figure]
) -> None:
    with pytest.raises(ValueError, match="no blanks"):
        figures.figure(name, 1, unit)
    assert found == []


def test_percentiles_are_values_that_were_seen() -> None:
    hundred = [float(number) for number in range(1, 101)]
    assert [figures.percentile(hundred, share) for share in (0.5, 0.95, 0.99, 1.0)] == [
        50,
        95,
        99,
        100,
    ]
    assert figures.percentile([7.0], 0.99) == 7
    assert figures.percentile([], 0.5) == 0
