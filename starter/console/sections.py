"""Whether a section of a register is for whoever visits: the one rule of `activities/seeing.py`, asked
with the hat that is worn."""

from __future__ import annotations

from activities.seeing import Circle, Section, sees
from starter.console.pages import Visit
from starter.console.signed import CITY_OFFICE

COMMITTEE_OFFICE = "committee_office"


def keepers(visit: Visit) -> Circle:
    """Who keeps a register or money: the office that asks, where it is one."""
    hat = visit.me.hat
    at, kind = (hat.organisation, hat.kind) if hat is not None else ("", "")
    return Circle(
        office=at if kind == COMMITTEE_OFFICE else "", city_office=at if kind == CITY_OFFICE else ""
    )


def check_section(visit: Visit, section: Section, circle: Circle | None = None) -> None:
    """Leave whoever a section is not for with what is there for nobody.

    Args:
        circle: whom it concerns; the register's keepers where none is given.

    Raises:
        HTTPException: 404.
    """
    if not is_seen(visit, section, circle):
        visit.nothing()


def is_seen(visit: Visit, section: Section, circle: Circle | None = None) -> bool:
    """Whether a section is for whoever visits."""
    return sees(section, visit.me.actor, circle or keepers(visit))
