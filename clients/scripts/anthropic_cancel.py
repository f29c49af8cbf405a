"""Every way in which a client leaves a stream; the test sees that the provider is left too."""

import asyncio
from typing import Any

from anthropic import Anthropic

import gateway
import messages

# The model `slow` goes on for a minute, a piece every 20 ms.
ASKED: dict[str, Any] = {"model": "slow", **messages.ASKED}
PIECES = 5


def leave_by_close(client: Anthropic) -> None:
    stream = client.messages.create(stream=True, **ASKED)
    for _ in range(PIECES):
        next(stream)
    stream.close()
    gateway.meet("left")


def leave_by_exception(client: Anthropic) -> None:
    try:
        with client.messages.stream(**ASKED) as stream:
            for at, _ in enumerate(stream.text_stream):
                if at == PIECES:
                    raise KeyError("the application's own fault")
    except KeyError:
        gateway.meet("left")


async def read(started: asyncio.Event) -> None:
    async with messages.async_client() as client:
        async with client.messages.stream(**ASKED) as stream:
            async for _ in stream.text_stream:
                started.set()


async def leave_by_cancel() -> None:
    started = asyncio.Event()
    task = asyncio.create_task(read(started))
    await started.wait()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    gateway.meet("left")


def main() -> None:
    client = messages.client()
    leave_by_close(client)
    leave_by_exception(client)
    asyncio.run(leave_by_cancel())
    messages.check_whole(client.messages.create(model=gateway.TIER, **messages.ASKED))


main()
