"""The order of the whole run, and what stays together on one process of it."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from xdist.scheduler import LoadScopeScheduling

# How long an example takes says who else is on the machine, not whether the code is right.
settings.register_profile(
    "calm", settings(), deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("calm")

pytest_plugins = (
    "tests.fixtures.record",
    "tests.fixtures.pages",
    "tests.fixtures.command_line",
    "tests.fixtures.engine",
)

TESTS = Path(__file__).parent
LAST = ("unit",)
"""The folders of quick tests: they fill up whichever process is done first."""

STORIES = "tests/scenarios/test_scenarios.py::test_a_scenario_goes_as_its_file_says["
COMMAND_LINE = {
    f"tests/integration/{name}.py"
    for name in ("test_cli_acts", "test_cli_meetings", "test_registers_cli")
}
"""Files that share one stack, which a second process would start once more."""

ROOM = 2 << 30
"""Bytes that a whole run may fill in the folder for temporary files: it left 1.4 GB when measured."""


def pytest_sessionstart(session: pytest.Session) -> None:
    """Say that there is no room before hundreds of tests fail of it, each in words of its own."""
    if getattr(session.config.option, "numprocesses", None):
        place = Path(tempfile.gettempdir())
        if lacking := no_room(place, shutil.disk_usage(place).free):
            pytest.exit(lacking, returncode=pytest.ExitCode.USAGE_ERROR)


def no_room(place: Path, free: int) -> str:
    """What is said where a whole run does not fit; nothing where it does."""
    if free >= ROOM:
        return ""
    return (
        f"临时文件夹 {place} 只剩 {free >> 20} MB，全部测试约需 {ROOM >> 20} MB。"
        "请先清理，或者用 TMPDIR 指定另一个磁盘上的文件夹，再执行一次。"
    )


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Sort: the longest first, so that nothing long is left to one process at the end."""
    items.sort(key=_turn)


def _turn(item: pytest.Item) -> int:
    if item.nodeid.startswith(STORIES):
        return 0
    return 2 if item.path.relative_to(TESTS).parts[0] in LAST else 1


def group_of(nodeid: str, processes: int) -> str:
    """What a test is dealt out with: its file, whose tests share what it starts, or its share."""
    if nodeid.startswith(STORIES):
        from tests.scenarios.shares import share_of  # late: a run without stories reads none

        return f"stories {share_of(nodeid.removeprefix(STORIES).removesuffix(']'), processes)}"
    file = nodeid.partition("::")[0]
    return "command line" if file in COMMAND_LINE else file


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> object:
    """`--dist loadscope` is by group here; another choice stays what it is.

    The mark `xdist_group` would say it in fewer words; pytest-xdist 3.8 does not see it under
    pytest 9.2, and deals out single tests without a word.
    """
    if config.getvalue("dist") != "loadscope":
        return None
    scheduler = LoadScopeScheduling(config, log)
    scheduler._split_scope = lambda nodeid: group_of(nodeid, scheduler.numnodes)
    return scheduler
