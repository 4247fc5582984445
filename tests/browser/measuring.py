"""What a page is measured by in the browser: axe, its width, its targets, its focus, its print."""

from __future__ import annotations

from playwright.async_api import Page

from tests.browser.conftest import Seat

LEAST = 44
"""Pixels that a target has in either direction (WCAG 2.2, 2.5.5; GB/T 37668)."""
SMALL_TARGETS = """least => [...document.querySelectorAll(
  'button, select, textarea, summary, .button, nav a, .tabs a, .bands a, .pages a, .skip, input:not([type=hidden])'
)].filter(one => one.checkVisibility() && !one.matches('.skip')).map(one => {
  const choice = one.matches('[type=radio], [type=checkbox]') && one.closest('.choice');
  const box = (choice || one).getBoundingClientRect();
  return [one.outerHTML.slice(0, 120), Math.round(box.width), Math.round(box.height)];
}).filter(([, width, height]) => width < least - 1 || height < least - 1)"""
UNREACHED = """() => [...document.querySelectorAll('a[href], button, input:not([type=hidden]), select, textarea, summary')]
  .filter(one => one.checkVisibility() && !one.disabled && !one.matches('[tabindex="-1"][aria-hidden=true]'))
  .filter(one => {
    one.focus({focusVisible: true});
    const look = getComputedStyle(one);
    const seen = look.outlineStyle !== 'none' && parseFloat(look.outlineWidth) >= 2;
    return document.activeElement !== one || one.tabIndex !== 0 || !seen;
  }).map(one => one.outerHTML.slice(0, 120))"""
UNNAMED = """() => [
  ...(document.querySelectorAll('h1').length === 1 ? [] : ['not one h1']),
  ...(document.title.includes('｜职评') ? [] : ['no title']),
  ...(document.documentElement.lang === 'zh-CN' ? [] : ['no language']),
  ...(document.querySelector('main') ? [] : ['no main'])
]"""
IN_PRINT = """() => [
  ...['.menu', '.foot', '.skip', '.head form', '.button'].filter(
    what => [...document.querySelectorAll(what)].some(one => one.checkVisibility())),
  ...(document.querySelector('main').checkVisibility() ? [] : ['nothing of main'])
]"""


async def faults_of(who: Seat, path: str, *, axe: bool = True) -> list[str]:
    """What keeps people out of a page."""
    await who.go(path)
    return await faults_here(who, axe=axe)


async def faults_here(who: Seat, *, axe: bool = True) -> list[str]:
    """The same of the page that is open."""
    page, here = who.page, who.page.url.removeprefix(who.address)
    found = await who.faults() if axe else []
    over = await who.sideways()
    found += [f"{here} is {over} pixels too wide"] * (over > 0)
    found += [f"{here} small: {item}" for item in await page.evaluate(SMALL_TARGETS, LEAST)]
    found += [f"{here}: {item}" for item in await page.evaluate(UNNAMED)]
    found += [f"{here} not by keyboard: {item}" for item in await page.evaluate(UNREACHED)]
    found += [f"{here} in print: {item}" for item in await in_print(page)]
    return found


async def in_print(page: Page) -> list[str]:
    """What is wrong with it on paper."""
    await page.emulate_media(media="print")
    found: list[str] = await page.evaluate(IN_PRINT)
    await page.emulate_media(media="screen")
    return found
