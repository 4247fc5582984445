"""The command line `zhiping`: its commands by subject, everything it says in Chinese."""

from __future__ import annotations

import gc
import os
import sys
from pathlib import Path

import click

from starter import answers, options, output
from starter.chinese import dressed, speak_chinese
from starter.lazy import LazyGroup, Listed

speak_chinese()


def _of(module: str, **commands: str) -> dict[str, Listed]:
    return {name: Listed(f"starter.{module}", line) for name, line in commands.items()}


SECTIONS: dict[str, dict[str, Listed]] = {
    "申报": {
        **_of(
            "submitting",
            submit="提交申报。",
            check="核对申报材料，不提交。",
            schema="申报材料的格式和示例。",
        ),
        **_of("showing", show="一件申报的全部情况。"),
        **_of("cases", cases="申报列表和查找。", inbox="一个机构的待办事项。"),
        **_of("showing", watch="盯住一件申报，有变化就显示。"),
        **_of(
            "acts",
            act="办理一个事项。",
            acts="列出或说明可以办理的事项。",
            nudge="唤醒申报，换用现行程序版本。",
            resume="排除故障后，让停住的申报继续。",
        ),
        **_of("bulks", bulk="对多件申报办理同一事项：排练、开始、进度、暂停、撤回、重办。"),
        **_of("defects", defects="退回时可以选用的材料和常见问题。"),
        **_of("uploading", upload="上传办理要用的文件。"),
        **_of("dismissing", dismiss="写明理由，注销一项没有办成的操作。"),
    },
    "评审会": {
        **_of("meetings", meeting="评审会：排期、抽取专家、回避、开会、评议、计票、签字。"),
        **_of("batches", batch="评审结果各批次：报送、公示、代拟、确认、函复、备案。"),
    },
    "规则与期限": {
        **_of(
            "campaigns",
            campaign="通知：核对、公布、比较、修改。",
            calendar="工作日历：载入、修改、查看。",
        ),
        **_of("deadlines", deadline="计算一个期限，逐日列明计与不计。"),
        **_of("readings", readings="办理口径：通知未作规定时适用的规则。"),
    },
    "名录与通知": {
        **_of("directory", directory="名录：机构、人员和管理权限。"),
        **_of("committees", committee="评委会：备案、评审专家库、抽取核验。"),
        **_of("letters", notices="通知：查看、重发、更改地址。"),
    },
    "诚信与缴费": {
        **_of("integrity", integrity="诚信档案：影响期，以及弄虚作假的记录。"),
        **_of("payments", payments="缴费：导入银行收款文件、列出和处理须人工核对的。"),
    },
    "文书与证书": {
        **_of("papers", paper="文书：出具、查看、取用。"),
        **_of("certificates", certificate="电子职称证书：查询、验证。"),
    },
    "记录的真实性": _of("audit", audit="记录的真实性：封签、导出、核验。"),
    "身份密钥": _of("keys", keys="封存个人信息的密钥：查看、更换。"),
    "共同办理": _of("pending", pending="待另一人确认的重要事项。"),
    "账户与网页": {
        **_of("accounts", account="登录网页的账户：邀请、重置、停用。"),
        **_of("console_command", console="运行网页。"),
    },
    "环境与演练": {
        **_of(
            "installation.commands",
            install="安装：密钥、运行人员、首次公布、逐项查看是否齐备。",
        ),
        **_of("deployment.commands", deploy="换用新版程序：核对、逐步换用、移动在办事项、换回。"),
        **_of("sentinel", sentinel="核验记录与流程引擎是否逐件一致，何时核验过，发现了什么。"),
        **_of(
            "stack",
            stack="内置环境：启动、停止、查看。",
            backup="把内置环境的全部数据备份为一个加密文件。",
            restore="把备份恢复到一个新的文件夹。",
        ),
        **_of(
            "rehearsal.commands",
            rehearse="按演练文件办理，核对每一步的预期。",
            demo="两份通知、约四十份申报，从申报走到办结，三分钟内看完；也可演示其他通知。",
            clock="查看、拨动一个演练的时钟。",
        ),
    },
}
"""The commands as the help lists them, and where each is."""


def _finished(command: click.Command) -> click.Command:
    return options.refuse_blanks(dressed(command))


def _print_version(ctx: click.Context, _: click.Parameter, asked: bool) -> None:
    if not asked:
        return
    from importlib import metadata  # noqa: PLC0415 - only here, and it costs as much as click

    try:
        version = metadata.version("zhiping")
    except metadata.PackageNotFoundError:  # a checkout that was never installed has none
        version = "（源码，未安装）"
    click.echo(f"职评，版本 {version}")
    ctx.exit()


@click.group(
    cls=LazyGroup,
    sections=SECTIONS,
    dress=_finished,
    context_settings={"help_option_names": ["--help", "-h"], "max_content_width": 100},
)
@click.option(
    "--folder",
    type=options.FOLDER,
    metavar="文件夹",
    help="使用这个文件夹中的内置环境；不写则用 ZHIPING_STACK 或 .zhiping。",
)
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_print_version,
    help="显示版本。",
)
def zhiping(folder: Path | None) -> None:
    """职评：按通知办理职称评审，从申报到归档。

    退出码：0 办成，2 用法不对，3 未予办理（说明原因、依据和下一步），4 没有找到，5 暂不可用或答复未知，
    6 已经执行、只是结果没有写出来。
    """
    if folder is not None:
        # Every command, mounted ones included, reads its settings from the environment.
        os.environ["ZHIPING_STACK"] = str(folder)
        os.environ.pop("ZHIPING_CONFIG", None)


_finished(zhiping)


def _start_quickly() -> None:
    """Two things that a process of a second needs not, a sixth of its start together.

    What is imported stays, and whatever looked through it for rubbish found none; and pydantic asks
    every library that is installed whether it changes how models are read.
    """
    gc.set_threshold(50_000)
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")


def main() -> None:
    """Run the command line. What was done is done, whether or not its answer can be printed."""
    _start_quickly()
    output.guard()
    try:
        zhiping(prog_name="zhiping")
    except output.OutputLostError as lost:
        sys.exit(answers.unprinted(lost))


if __name__ == "__main__":
    main()
