"""The command line `zhiping`: one group of commands per module, everything it says in Chinese."""

from __future__ import annotations

import os
import sys
from importlib import metadata
from pathlib import Path

import click

from starter import (
    acts,
    answers,
    audit,
    batches,
    campaigns,
    cases,
    certificates,
    committees,
    deadlines,
    directory,
    installing,
    integrity,
    letters,
    meetings,
    options,
    output,
    papers,
    payments,
    pending,
    readings,
    stack,
    submitting,
)
from starter.chinese import dressed, speak_chinese
from starter.rehearsal import commands as rehearsal

speak_chinese()

SECTIONS: dict[str, list[click.Command]] = {
    "申报": [*submitting.commands, *cases.commands, *acts.commands],
    "评审会": [*meetings.commands, *batches.commands],
    "规则与期限": [*campaigns.commands, deadlines.deadline, readings.readings],
    "名录与通知": [*directory.commands, *committees.commands, *letters.commands],
    "诚信与缴费": [*integrity.commands, *payments.commands],
    "文书与证书": [*papers.commands, *certificates.commands],
    "记录的真实性": [*audit.commands],
    "共同办理": [*pending.commands],
    "环境与演练": [*installing.commands, *stack.commands, *rehearsal.commands],
}
"""The commands as the help lists them."""


def _version() -> str:
    """The installed version; a checkout that was never installed has none."""
    try:
        return metadata.version("zhiping")
    except metadata.PackageNotFoundError:
        return "（源码，未安装）"


class SectionedGroup(click.Group):
    """A group whose help lists its commands by subject."""

    def format_commands(
        self,
        ctx: click.Context,  # noqa: ARG002 - click's signature
        formatter: click.HelpFormatter,
    ) -> None:
        """List the commands by subject, each with its short help."""
        for subject, commands in SECTIONS.items():
            rows = [
                (str(command.name), command.get_short_help_str(formatter.width))
                for command in commands
            ]
            with formatter.section(subject):
                formatter.write_dl(rows)


@click.group(
    cls=SectionedGroup,
    context_settings={"help_option_names": ["--help", "-h"], "max_content_width": 100},
)
@click.option(
    "--folder",
    type=options.FOLDER,
    metavar="文件夹",
    help="使用这个文件夹中的内置环境；不写则用 ZHIPING_STACK 或 .zhiping。",
)
@click.version_option(_version(), prog_name="职评")
def zhiping(folder: Path | None) -> None:
    """职评：按通知办理职称评审，从申报到归档。

    退出码：0 办成，2 用法不对，3 未予办理（说明原因、依据和下一步），4 没有找到，5 暂不可用或答复未知，
    6 已经执行、只是结果没有写出来。
    """
    if folder is not None:
        # Every command, mounted ones included, reads its settings from the environment.
        os.environ["ZHIPING_STACK"] = str(folder)
        os.environ.pop("ZHIPING_CONFIG", None)


for _commands in SECTIONS.values():
    for _command in _commands:
        zhiping.add_command(_command)
options.refuse_blanks(dressed(zhiping))


def main() -> None:
    """Run the command line. What was done is done, whether or not its answer can be printed."""
    output.guard()
    try:
        zhiping(prog_name="zhiping")
    except output.OutputLostError as lost:
        sys.exit(answers.unprinted(lost))


if __name__ == "__main__":
    main()
