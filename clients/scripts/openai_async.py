"""The asynchronous client: answers by every name, streamed and not, side by side."""

import asyncio

from openai import AsyncOpenAI

import chat
import gateway


async def ask_whole(client: AsyncOpenAI, name: str) -> None:
    chat.check_whole(await client.chat.completions.create(model=name, **chat.ASKED))


async def ask_streamed(client: AsyncOpenAI, name: str) -> None:
    stream = await client.chat.completions.create(model=name, **chat.WITH_USAGE, **chat.ASKED)
    chat.check_chunks_with_usage([chunk async for chunk in stream])


async def main() -> None:
    async with chat.async_client() as client:
        asked = [ask(client, name) for name in gateway.NAMES for ask in (ask_whole, ask_streamed)]
        await asyncio.gather(*asked)


asyncio.run(main())
