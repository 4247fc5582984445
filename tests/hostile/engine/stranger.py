"""A stranger on a machine of his own, who writes to one case without end.

python -m tests.hostile.engine.stranger ADDRESS NAMESPACE CASE COUNT A_SECOND
"""

from __future__ import annotations

import asyncio
import sys
import time

from temporalio.client import Client, WorkflowHandle
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.service import RPCError

from tests.vouching import GATEWAY, vouching
from workflows.writer.messages import Act, Actor

AT_ONCE = 40
PUBLIC = Actor(person="visitor", role="public")


def complaint(number: int) -> Act:
    """What he writes; the public door vouches for it, as it does for everybody."""
    return Act(request_id=f"flood-{number}", actor=PUBLIC, payload={"text": f"text-{number}"})


async def write(case: WorkflowHandle[object, object], count: int, a_second: float) -> None:
    """So many complaints, so many of them in a second; prints how many the engine turned away."""
    begun, gate, turned_away = time.monotonic(), asyncio.Semaphore(AT_ONCE), 0

    async def one(number: int) -> None:
        nonlocal turned_away
        try:
            await case.signal("file_complaint", complaint(number))
        except RPCError:  # the engine's own no: too many signals to one run
            turned_away += 1
        finally:
            gate.release()

    async with asyncio.TaskGroup() as writing:
        for number in range(count):
            await gate.acquire()
            writing.create_task(one(number))
            ahead = number / a_second - (time.monotonic() - begun)
            if ahead > 0:
                await asyncio.sleep(ahead)
    print(turned_away)


async def main(address: str, namespace: str, case: str, count: str, a_second: str) -> None:
    """By the command line above."""
    client = await Client.connect(
        address,
        namespace=namespace,
        data_converter=pydantic_data_converter,
        interceptors=[vouching(GATEWAY)],
    )
    await write(client.get_workflow_handle(case), int(count), float(a_second))


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
