"""Tables on terminals of every width: nothing runs over, no date breaks, no column goes blank."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from starter.layout import Listing, fitted, longest_piece, stacked, wrapped

ID = "application-01a21c06-d014-787d-8bdf-b6d49856858e"
CASES = Listing(
    "申报",
    ("申报", "申报人", "通知", "级别", "现状", "办理单位", "截止"),
    (
        (ID, "张三（示例）", "bd-2023", "副高级", "待单位审核", "两江数据集团（示例市属国企）", "2023-10-17（周二）"),
    ),
    spare=("级别", "通知", "办理单位"),
    short={ID: "9856858e"},
)  # fmt: skip
WORDS = st.text(alphabet="申报，。（）2023-10-17年月日（周二）abc 09:00 \n", max_size=80)


@pytest.mark.parametrize(
    ("width", "gone", "shown"),
    [(200, (), ID), (120, (), "9856858e"), (80, ("级别",), "9856858e")],
)
def test_ids_take_their_short_form_before_a_column_goes(
    width: int, gone: tuple[str, ...], shown: str
) -> None:
    found = fitted(CASES, width)
    assert found is not None
    assert found.gone == gone
    assert found.rows[0][0] == shown


def test_the_least_important_columns_go_first_and_the_standing_stays() -> None:
    found = fitted(CASES, 60)
    assert found is not None
    assert found.gone == ("级别", "通知", "办理单位")
    assert "待单位审核" in found.rows[0]
    assert found.headings == ("申报", "申报人", "现状", "截止")


def test_where_no_columns_fit_rows_are_stacked_with_everything_in_them() -> None:
    assert fitted(CASES, 40) is None
    told = "\n".join(stacked(CASES, 40))
    for cell in ("9856858e", "张三（示例）", "bd-2023", "副高级", "待单位审核", "2023-10-17"):
        assert cell in told


@pytest.mark.parametrize("width", range(24, 130))
def test_no_line_is_longer_than_the_terminal(width: int) -> None:
    found = fitted(CASES, width)
    if found is None:
        assert all(cell_len(line) <= width for line in stacked(CASES, width))
        return
    assert sum(found.widths) + 3 * len(found.widths) + 1 <= width
    for row in found.rows:
        for cell, room in zip(row, found.widths, strict=True):
            assert all(cell_len(line) <= room for line in cell.split("\n"))


@pytest.mark.parametrize("width", range(14, 80))
def test_a_date_is_never_broken(width: int) -> None:
    text = "公示期到2023年10月16日（周一）24:00届满，期满前（2023-10-17 09:00以前）不能结束。"
    told = wrapped(text, max(width, longest_piece(text)))
    assert any("2023年10月16日" in line for line in told)
    assert any("（周一）" in line for line in told)
    assert any("2023-10-17 09:00" in line for line in told)


@given(WORDS, st.integers(min_value=2, max_value=60))
def test_wrapping_loses_nothing_and_fits(text: str, width: int) -> None:
    lines = wrapped(text, width)
    assert all(cell_len(line) <= width for line in lines)
    bare = re.sub(r"\s", "", text)
    assert re.sub(r"\s", "", "".join(lines)) == bare
