"""The files a rehearsed notice comes with: given with the scenario, or those of the product.

A given notice is a file anywhere; its directory and its committee lie beside it
(`<id>.directory.toml`, `<id>.committee.toml`) unless the scenario names them. It is published in
the rehearsal's own realm and nobody else sees it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from config import campaign_files, committee_files, directory_files
from config.campaign_model import Campaign
from config.committee_files import CommitteeFile
from config.directory_files import DirectoryFile
from config.reading import FileError

if TYPE_CHECKING:
    from starter.rehearsal.scenario import Scenario


@dataclass(frozen=True)
class NoticeFiles:
    """A notice with the directory it is carried out in, and its committee where there is a file."""

    notice: Path
    directory: Path
    committee: Path | None
    given: bool
    """Not the product's own: it belongs to one rehearsal."""

    @property
    def campaign(self) -> Campaign:
        """The notice.

        Raises:
            FileError: there is no such file, or it is not sound.
        """
        return _notice(self.notice)

    @property
    def organisations(self) -> DirectoryFile:
        """The directory.

        Raises:
            FileError: as above.
        """
        return _directory(self.directory)

    @property
    def filed(self) -> CommitteeFile | None:
        """The committee with its pool.

        Raises:
            FileError: as above.
        """
        return _committee(self.committee) if self.committee else None


def files_of(scenario: Scenario, campaign: str) -> NoticeFiles | None:
    """The files of one campaign of a scenario; None for one that only a stack may know.

    Raises:
        FileError: the scenario names a file that cannot be used.
    """
    beside = Path(scenario.file).parent
    if scenario.notice and campaign == scenario.campaign:
        named = (scenario.directory, scenario.committee)
        return given(
            beside / scenario.notice, *((beside / name) if name else None for name in named)
        )
    return shipped(campaign)


def given(
    notice: Path, directory: Path | None = None, committee: Path | None = None
) -> NoticeFiles:
    """A notice from a file, with what lies beside it.

    Raises:
        FileError: the notice is not sound.
    """
    campaign = _notice(notice)
    directory = directory or _beside(notice, "directory") or _directory_with(campaign)
    return NoticeFiles(notice, directory, committee or _beside(notice, "committee"), given=True)


def shipped(campaign: str) -> NoticeFiles | None:
    """A notice of the product by its id."""
    notice = campaign_files.CAMPAIGNS / f"{campaign}.toml"
    if not notice.is_file():
        return None
    committee = committee_files.COMMITTEES / f"{campaign}.toml"
    return NoticeFiles(
        notice,
        _directory_with(_notice(notice)),
        committee if committee.is_file() else None,
        given=False,
    )


def all_shipped() -> tuple[str, ...]:
    """The ids of the product's notices."""
    return tuple(sorted(path.stem for path in campaign_files.CAMPAIGNS.glob("*.toml")))


def all_organisations() -> Iterator[str]:
    """Ids of the organisations of the product's directories."""
    for path in directory_files.shipped():
        yield from _directory(path).references()


def _beside(notice: Path, what: str) -> Path | None:
    path = notice.with_suffix(f".{what}.toml")
    return path if path.is_file() else None


def _directory_with(campaign: Campaign) -> Path:
    """The directory of the product that has the notice's office.

    Raises:
        FileError: none has it, and none was given.
    """
    office = campaign.policy.committee.office
    if path := directory_files.holding(office):
        return path
    raise FileError(
        f"通知 {campaign.id}",
        [
            f"committee.office：没有一份名录有机构 {office}；"
            f"请把名录存为 {campaign.id}.directory.toml，与通知文件放在一起"
        ],
    )


@cache
def _notice(path: Path) -> Campaign:
    return campaign_files.load(path)


@cache
def _directory(path: Path) -> DirectoryFile:
    return directory_files.read(path)


@cache
def _committee(path: Path) -> CommitteeFile:
    return committee_files.read(path)
