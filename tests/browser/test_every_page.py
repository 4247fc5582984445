"""Every page that is somebody's own: read by axe, at a desk and on a telephone, in large type too."""

from __future__ import annotations

import pytest

from starter.console.navigation import NAVIGATION
from tests.browser.conftest import WIDTHS, Seat, Seated

pytestmark = pytest.mark.integration

OWN = ("/", "/shenfen", "/wode", "/denglu/bangding", "/denglu/queren")


@pytest.mark.parametrize("width", WIDTHS.values(), ids=WIDTHS)
async def test_axe_finds_nothing_serious_and_no_page_is_wider_than_its_window(
    seat: Seated, width: int
) -> None:
    wei = await seat("liu", width=width)
    paths = (*OWN, *(item.path for item in NAVIGATION))
    faults = [fault for path in paths for fault in await faults_of(wei, path)]
    await wei.go("/")
    await wei.press("大字版")
    faults += [fault for path in paths for fault in await faults_of(wei, path)]
    await wei.go("/")
    await wei.press("退出")
    faults += await faults_of(wei, "/denglu")

    assert faults == []


async def faults_of(who: Seat, path: str) -> list[str]:
    """What keeps people out of a page."""
    await who.go(path)
    over = await who.sideways()
    return [*await who.faults(), *[f"{path} is {over} pixels too wide"] * (over > 0)]
