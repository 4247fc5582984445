"""`zhiping defects`: what of a case an item of a return can be about, and the usual defects of each."""

from __future__ import annotations

import click

from starter import options
from starter.answers import answering, print_json
from starter.later import later

with later():
    from starter import session, tables
    from starter.desk import case_page, returning


@click.command("defects")
@click.argument("application", metavar="申报")
@options.acting_as()
@options.as_json
@answering
async def defects(application: str, who: tuple[str, str], as_json: bool) -> None:
    """列出一件申报可以退回补正的各项材料，以及常见问题；退回时按编号选用。

    退回时一项写明材料（subject）和常见问题（defect）；没有写文字的，用常见问题的原话。
    """
    async with session.office() as opened:
        case = await opened.case(application)
        page = await case_page.page_of(opened, case, who, own_acts=True)
        pieces = await returning.material_of(opened, page)
        known = await returning.defects_of(opened, case)
    if as_json:
        print_json(
            {
                "material": [
                    {
                        "subject": piece.subject,
                        "refers_to": piece.refers_to,
                        "group": piece.group,
                        "name": piece.name,
                        "detail": piece.detail,
                        "defects": [item.key for item in piece.defects],
                    }
                    for piece in pieces
                ],
                "defects": [
                    {"key": item.key, "text": item.text, "clause": item.clause}
                    for item in known.values()
                ],
            }
        )
        return
    rows = (
        (
            piece.subject,
            piece.refers_to,
            f"{piece.group}：{piece.name}",
            "、".join(item.key for item in piece.defects),
        )
        for piece in pieces
    )
    tables.show(
        tables.listing("材料", ("subject", "refers_to", "材料", "常见问题"), rows),
        tables.listing(
            "常见问题",
            ("defect", "原话", "依据"),
            ((item.key, item.text, item.ground) for item in known.values()),
        ),
    )


commands: list[click.Command] = [defects]
