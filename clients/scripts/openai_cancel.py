"""Every way in which a client leaves a stream; the test sees that the provider is left too."""

import asyncio
from typing import Any

from openai import OpenAI

import chat
import gateway

# The model `slow` goes on for a minute, a piece every 20 ms.
ASKED: dict[str, Any] = {"model": "slow", "stream": True, **chat.ASKED}
PIECES = 5


def leave_by_close(client: OpenAI) -> None:
    stream = client.chat.completions.create(**ASKED)
    for _ in range(PIECES):
        next(stream)
    stream.close()
    gateway.meet("left")


def leave_by_exception(client: OpenAI) -> None:
    try:
        with client.chat.completions.create(**ASKED) as stream:
            for at, _ in enumerate(stream):
                if at == PIECES:
                    raise KeyError("the application's own fault")
    except KeyError:
        gateway.meet("left")


async def read(started: asyncio.Event) -> None:
    async with chat.async_client() as client:
        stream = await client.chat.completions.create(**ASKED)
        async for _ in stream:
            started.set()


async def leave_by_cancel() -> None:
    started = asyncio.Event()
    task = asyncio.create_task(read(started))
    await started.wait()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    gateway.meet("left")


def main() -> None:
    client = chat.client()
    leave_by_close(client)
    leave_by_exception(client)
    asyncio.run(leave_by_cancel())
    chat.check_whole(client.chat.completions.create(model=gateway.TIER, **chat.ASKED))


main()
