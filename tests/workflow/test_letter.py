"""The Letter workflow: one activity, again and again until it is settled, and a tiny history."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from uuid import uuid4

import pytest
import pytest_asyncio
from temporalio import activity
from temporalio.client import Client
from temporalio.exceptions import ApplicationError
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import Worker

from workers.sandbox import workflow_runner
from workflows.letter.messages import DeliverLetter, Delivery
from workflows.letter.workflow import LetterWorkflow
from workflows.ports import LETTERS


class Postman:
    """A mail server that is away so many times."""

    def __init__(self) -> None:
        self.away = 0
        self.attempts = 0

    @activity.defn(name="deliver_letter")
    async def deliver_letter(self, command: DeliverLetter) -> Delivery:
        self.attempts += 1
        if self.attempts <= self.away:
            raise ApplicationError(
                "451", type="mail_unavailable", next_retry_delay=timedelta(milliseconds=10)
            )
        return Delivery(letter=command.letter, state="sent")


@pytest.fixture
def postman() -> Postman:
    return Postman()


@pytest_asyncio.fixture(loop_scope="session")
async def client(engine: WorkflowEnvironment, postman: Postman) -> AsyncIterator[Client]:
    async with Worker(
        engine.client,
        task_queue=LETTERS,
        workflows=[LetterWorkflow],
        activities=[postman.deliver_letter],
        workflow_runner=workflow_runner(),
    ):
        yield engine.client


async def test_a_letter_is_one_activity(client: Client, postman: Postman) -> None:
    handle = await client.start_workflow(
        "Letter",
        DeliverLetter(letter="n-1"),
        id=f"letter-{uuid4()}",
        task_queue=LETTERS,
        result_type=Delivery,
    )

    assert await handle.result() == Delivery(letter="n-1", state="sent")
    history = await handle.fetch_history()
    assert postman.attempts == 1
    assert len(history.events) <= 11


async def test_a_mail_server_that_is_away_only_delays(client: Client, postman: Postman) -> None:
    postman.away = 20

    answer = await client.execute_workflow(
        "Letter",
        DeliverLetter(letter="n-2"),
        id=f"letter-{uuid4()}",
        task_queue=LETTERS,
        result_type=Delivery,
    )

    assert answer.state == "sent"
    assert postman.attempts == 21
