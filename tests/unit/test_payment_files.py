"""Bank files: each bank's columns and encoding, and every bad line told without its value."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.payment_files import BankFile, numbers_in, read, understand
from config.payment_profiles import Profile, read_profile
from config.reading import FileError
from workflows.rules.message import BEIJING

HEADER = "交易流水号,交易金额,交易时间,受理号,付款人名称,附言"
PROFILE = read_profile()
ID = "2023-0123456789ab"
NAME = "张三"


def bank_file(*lines: str, header: str = HEADER, encoding: str = "utf-8") -> BankFile:
    return understand("\r\n".join([header, *lines, ""]).encode(encoding), "bank.csv", PROFILE)


def line(
    transaction: str = "TX0001",
    amount: str = "420.00",
    paid_at: str = "2023-11-16 09:30:00",
    number: str = ID,
    remark: str = "",
) -> str:
    return f"{transaction},{amount},{paid_at},{number},{NAME},{remark}"


def problems(*lines: str, **more: str) -> list[str]:
    with pytest.raises(FileError) as caught:
        bank_file(*lines, **more)
    return caught.value.problems


def test_a_line_is_read_as_the_bank_wrote_it() -> None:
    read_line = bank_file(line()).lines[0]

    assert read_line.transaction == "TX0001"
    assert read_line.fen == 42_000
    assert read_line.paid_at == datetime(2023, 11, 16, 9, 30, tzinfo=BEIJING)
    assert read_line.numbers == (ID,)
    assert (read_line.payer, read_line.line) == (NAME, 2)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030"])
def test_what_banks_and_spreadsheets_write_can_be_read(encoding: str) -> None:
    found = bank_file(line(remark="评审费"), encoding=encoding).lines[0]

    assert (found.payer, found.remark) == (NAME, "评审费")


@pytest.mark.parametrize(
    ("stated", "fen"),
    [
        ("420.00", 42_000),
        ("420", 42_000),
        ("420.5", 42_050),
        ("0.01", 1),
        ('"1,420.00"', 142_000),
        ("４２０．００", 42_000),
        ("￥420.00", 42_000),
        ("¥420", 42_000),
        ("420元", 42_000),
    ],
)
def test_an_amount_in_yuan_is_counted_in_fen(stated: str, fen: int) -> None:
    assert bank_file(line(amount=stated)).lines[0].fen == fen


@pytest.mark.parametrize(
    ("stated", "why"),
    [
        ("", "没有金额"),
        ("0", "大于 0"),
        ("0.00", "大于 0"),
        ("420.001", "两位小数"),
        ("4.2E+2", "不是数字"),
        ("四百二十", "不是数字"),
        ("1000000.01", "不超过"),
        ("4,20", "不是数字"),
        ("nan", "不是数字"),
    ],
)
def test_an_amount_that_is_none_is_told_with_its_line(stated: str, why: str) -> None:
    said = problems(line(), line("TX0002", amount=f'"{stated}"'))

    assert len(said) == 1
    assert said[0].startswith("第 3 行：")
    assert why in said[0]


@pytest.mark.parametrize(
    ("stated", "at"),
    [
        ("2023-11-16T09:30:00", "2023-11-16T09:30:00+08:00"),
        ("2023/11/16 9:30", "2023-11-16T09:30:00+08:00"),
        ("20231116093000", "2023-11-16T09:30:00+08:00"),
        ("２０２３－１１－１６ ０９：３０：００", "2023-11-16T09:30:00+08:00"),
        ("2023年11月16日", "2023-11-16T00:00:00+08:00"),
        ("20231116", "2023-11-16T00:00:00+08:00"),
    ],
)
def test_a_time_is_beijing_time_in_any_of_the_banks_forms(stated: str, at: str) -> None:
    assert bank_file(line(paid_at=stated)).lines[0].paid_at.isoformat() == at


@pytest.mark.parametrize("stated", ["", "2023-13-01 00:00:00", "2023116", "11/16/2023", "昨天"])
def test_a_time_that_is_none_is_told(stated: str) -> None:
    assert "缴费时间" in problems(line(paid_at=stated))[0]


@pytest.mark.parametrize(
    ("stated", "kept"),
    [("'20231116000001", "20231116000001"), ("ＴＸ０００１", "TX0001"), (" TX0001 ", "TX0001")],
)
def test_a_transaction_number_is_freed_from_a_spreadsheets_tricks(stated: str, kept: str) -> None:
    assert bank_file(line(stated)).lines[0].transaction == kept


def test_a_number_wrapped_as_a_formula_is_the_number() -> None:
    assert bank_file(line('"=""20231116000001"""')).lines[0].transaction == "20231116000001"


@pytest.mark.parametrize(
    "stated", ["", "1.23457E+17", "=1+1", "+86", "@SUM(A1)", "TX 1", "x" * 65, "-1", "流水"]
)
def test_a_transaction_number_that_is_none_is_told(stated: str) -> None:
    assert "流水号" in problems(line(stated))[0]


def test_a_formula_in_a_remark_stays_a_text_and_drives_no_terminal() -> None:
    found = bank_file(line(remark='"=HYPERLINK(""x"")\x1b[31m\u202e"')).lines[0]

    assert found.remark.startswith("=HYPERLINK")
    assert "\x1b" not in found.remark
    assert "\u202e" not in found.remark


def test_all_bad_lines_are_told_at_once_and_no_value_of_them() -> None:
    said = problems(
        line("", amount="x", paid_at="y", remark="李四的附言"), line(), line("TX0003", "四百")
    )

    assert [item.partition("：")[0] for item in said] == ["第 2 行"] * 3 + ["第 4 行"]
    assert not any("李四" in item or NAME in item for item in said)


def test_a_number_told_twice_in_one_file_is_told_with_both_lines() -> None:
    said = problems(line(), line("TX0002"), line(amount="240.00"))

    assert said == ["第 4 行：流水号与第 2 行相同"]


def test_title_lines_blank_lines_and_sums_are_no_payments() -> None:
    text = (
        f"某某银行收款明细,,\n打印日期,2023-11-17,\n\n{HEADER}\n{line()}\n,,,,,\n合计,420.00,,,,\n"
    )

    found = understand(text.encode(), "bank.csv", PROFILE)

    assert [item.line for item in found.lines] == [5]


def test_what_went_out_is_passed_over_and_counted() -> None:
    header = f"{HEADER},借贷标志"
    found = bank_file(f"{line()},贷", f"{line('TX0002', '-5.00')},借", header=header)

    assert [item.transaction for item in found.lines] == ["TX0001"]
    assert [(item.line, item.why) for item in found.passed_over] == [(3, "outgoing")]


def test_a_line_that_spans_two_is_told_by_its_first() -> None:
    assert problems(line(remark='"上\n下"'), line("TX0002", "x"))[0].startswith("第 4 行")


def test_without_a_number_the_remark_is_searched() -> None:
    found = bank_file(line(number="", remark=f"张三评审费{ID}，谢谢")).lines[0]

    assert found.numbers == (ID,)


def test_a_remark_with_two_numbers_names_both() -> None:
    assert numbers_in(f"{ID} 2023-ffffffffffff {ID}", PROFILE) == (ID, "2023-ffffffffffff")


def test_a_longer_number_holds_none() -> None:
    assert numbers_in(f"9{ID}", PROFILE) == ()
    assert numbers_in(f"{ID}0", PROFILE) == ()


@pytest.mark.parametrize(
    "header", ["流水号,金额,摘要", "金额,交易时间,摘要", "流水号,金额,交易时间"]
)
def test_a_file_without_a_needed_column_says_which(header: str) -> None:
    said = problems("a,b,c", header=header)

    assert len(said) == 1
    assert said[0].startswith("缺少列：")


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"\xff\xfe\x00\xd8a", "编码"),
        (b"PK\x03\x04\x00\x00", "Excel"),
        (b"", "空的"),
        (b"a,b\n1,2\n", "缺少列"),
        (HEADER.encode(), "没有一笔"),
    ],
)
def test_what_is_no_bank_file_is_refused(content: bytes, why: str) -> None:
    with pytest.raises(FileError) as caught:
        understand(content, "bank.csv", PROFILE)
    assert why in caught.value.problems[0]


def test_a_file_beyond_the_limits_is_refused() -> None:
    few = PROFILE.lines.model_copy(update={"most": 1})
    profile: Profile = PROFILE.model_copy(update={"lines": few})
    text = f"{HEADER}\n{line()}\n{line('TX0002')}\n".encode()

    with pytest.raises(FileError, match="超过 1 行"):
        understand(text, "bank.csv", profile)


def test_a_file_is_read_from_where_it_lies(tmp_path: Path) -> None:
    file = tmp_path / "bank.csv"
    file.write_bytes(f"{HEADER}\n{line()}\n".encode("gbk"))

    assert len(read(file).lines) == 1
    with pytest.raises(FileError, match="不存在"):
        read(tmp_path / "none.csv")


@given(st.integers(1, 100_000_000))
def test_every_amount_survives_its_writing(fen: int) -> None:
    assert bank_file(line(amount=f"{fen // 100}.{fen % 100:02}")).lines[0].fen == fen


@given(st.binary(max_size=400))
def test_nothing_breaks_the_reader(content: bytes) -> None:
    with suppress(FileError):
        understand(content, "bank.csv", PROFILE)
