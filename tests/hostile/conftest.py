"""What whoever attacks finds: a season under way."""

from __future__ import annotations

from pathlib import Path

import pytest

from activities.bulks.entering import prepare
from activities.covers import SQL as COVERS
from activities.database import Pool
from activities.identity import Identity
from activities.intake import Intake
from activities.records import CaseRecords
from tests.builders import BD
from tests.fixtures.record import Office
from tests.hostile.operating import COVER, HONG, OF_LIU, honest
from tests.integration.paper_season import PaperOffice
from tests.integration.steps import an_application, opening


@pytest.fixture
async def ready(
    published: Office,
    pool: Pool,
    identity: Identity,
    intake: Intake,
    records: CaseRecords,
    tmp_path: Path,
) -> PaperOffice:
    """A season with a committee and an application under way, and whoever makes papers."""
    assert (await published("import_committee", honest()["import_committee"])).done
    assert (await published("import_directory", HONG)).done
    draft = await intake.store_draft("live", BD, an_application(campaign=BD))
    await records.record_step(opening(draft))
    await prepare(pool, OF_LIU)
    await pool.execute(COVERS["add_cover"], *COVER)
    return PaperOffice(pool, identity, intake, tmp_path)
