"""The asynchronous client: answers by every name, streamed and not, side by side."""

import asyncio

from anthropic import AsyncAnthropic

import gateway
import messages


async def ask_whole(client: AsyncAnthropic, name: str) -> None:
    messages.check_whole(await client.messages.create(model=name, **messages.ASKED))


async def ask_streamed(client: AsyncAnthropic, name: str) -> None:
    stream = await client.messages.create(model=name, stream=True, **messages.ASKED)
    messages.check_events([event async for event in stream])


async def ask_by_helper(client: AsyncAnthropic, name: str) -> None:
    async with client.messages.stream(model=name, **messages.ASKED) as stream:
        gateway.check_pieces([text async for text in stream.text_stream])
        messages.check_whole(await stream.get_final_message())


async def main() -> None:
    asks = (ask_whole, ask_streamed, ask_by_helper)
    async with messages.async_client() as client:
        await asyncio.gather(*[ask(client, name) for name in gateway.NAMES for ask in asks])


asyncio.run(main())
