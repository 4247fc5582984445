"""`zhiping readings`: the rules applied where a notice is silent, listed, one by one, as the page."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from starter import options
from starter.answers import answering, print_json
from starter.desk.refusing import not_found
from starter.later import later

with later():
    from activities.wording import readings as wording_readings
    from starter import tables

if TYPE_CHECKING:
    from activities.wording.readings import Explained

PREFACE = """<!-- Made from activities/wording/readings.toml by `make readings`; change that file. -->

# 办理口径

*For the public: how applications are carried out where a notice is silent or can be read in two ways. Each reading has a lasting number, which
letters, refusals and papers cite. `zhiping readings 12` prints one.*

申报通知没有规定、或者可以有两种理解的事项，本系统按下列办理口径办理。几点说明：

- 通知有明文规定的，一律按通知办理；办理口径只在通知没有明确规定时适用。上级另有规定的，从其规定。
- 每一条口径的编号公开后不再改变含义；停用的编号不再用于其他口径。
- 通知书、答复和文书引用办理口径时，写明编号、名称和所适用的规则；全文以本页为准。
- 对某一条口径有意见的，可以向评委会办公室提出。
"""


@click.command("readings")
@click.argument("number", required=False, type=options.NUMBER, metavar="[编号]")
@click.option("--page", is_flag=True, help="输出公开页面的全文（Markdown）。")
@options.as_json
@answering
def readings(number: int | None, page: bool, as_json: bool) -> None:
    """列出全部办理口径；写明编号时给出该条的全文，可供打印。"""
    known = {item.number: item for item in wording_readings.explained().values()}
    if number is not None and number not in known:
        raise not_found(f"没有办理口径{number}。", f"现有 1 至 {max(known)}：zhiping readings")
    chosen = list(known.values()) if number is None else [known[number]]
    if as_json:
        print_json([_plain(item) for item in chosen])
    elif page:
        click.echo(page_of(chosen), nl=False)
    elif number is None:
        _list(chosen)
    else:
        _one(chosen[0])


def page_of(chosen: list[Explained]) -> str:
    """The public page: a list of contents, then every reading under an anchor of its own."""
    contents = [f"- [{item.reading}　{item.title}](#reading-{item.number})" for item in chosen]
    return "\n".join([PREFACE, *contents, "", *map(_entry, chosen)])


def _entry(item: Explained) -> str:
    rows = "\n".join(f"- **{name}**：{words}" for name, words in _parts(item))
    heading = f'<a id="reading-{item.number}"></a>\n\n## {item.reading}　{item.title}'
    return f"{heading}\n\n{rows}\n"


def _parts(item: Explained) -> tuple[tuple[str, str], ...]:
    return (
        ("通知未明确的", item.open),
        ("适用的规则", f"{item.rule}。"),
        ("理由", item.why),
        ("适用于", item.where),
    )


def _plain(item: Explained) -> dict[str, object]:
    return {"number": item.number, "key": item.key} | {
        name: getattr(item, name) for name in ("title", "open", "rule", "why", "where")
    }


def _list(chosen: list[Explained]) -> None:
    rows = ((str(item.number), item.title, f"{item.rule}。") for item in chosen)
    tables.show(
        tables.listing("办理口径", ("编号", "名称", "适用的规则"), rows),
        "一条的全文：zhiping readings 编号",
    )


def _one(item: Explained) -> None:
    tables.show(tables.facts(f"{item.reading}　{item.title}", _parts(item)))


commands: list[click.Command] = [readings]
