"""Every page of the console. A page that is not here is not there; each asks who comes (`pages.Needs`)."""

from __future__ import annotations

from starter.console import (
    accounts,
    by_provider,
    case,
    case_acts,
    cases,
    clock,
    directory,
    experts,
    home,
    inbox,
    integrity,
    integrity_entries,
    letters,
    meeting_acts,
    meetings,
    overview,
    own_account,
    payments,
    pending,
    published,
    sign_in,
    viewings,
)
from starter.console.pages import Page

PAGES: tuple[Page, ...] = (
    *home.PAGES,
    *inbox.PAGES,
    *cases.PAGES,
    *case.PAGES,
    *case_acts.PAGES,
    *meeting_acts.PAGES,
    *meetings.PAGES,
    *sign_in.PAGES,
    *by_provider.PAGES,
    *own_account.PAGES,
    *pending.PAGES,
    *accounts.PAGES,
    *clock.PAGES,
    *payments.PAGES,
    *integrity_entries.PAGES,
    *integrity.PAGES,
    *experts.PAGES,
    *directory.PAGES,
    *letters.PAGES,
    *published.PAGES,
    *overview.PAGES,
    *viewings.PAGES,
)
