"""`parse`: a type goes out as a JSON schema, and the answer comes back as that type."""

import asyncio

from pydantic import BaseModel

import chat
import gateway


class Place(BaseModel):
    """What the model `shaped` answers with."""

    city: str
    country: str


def check_parsed(reply: object) -> None:
    place = reply.choices[0].message.parsed  # type: ignore[attr-defined]
    assert place == Place(city="Paris", country="France"), reply


async def main() -> None:
    asked = {"model": "shaped", "messages": chat.MESSAGES, "max_tokens": gateway.MAX_TOKENS}
    check_parsed(chat.client().chat.completions.parse(response_format=Place, **asked))
    async with chat.async_client() as client:
        check_parsed(await client.chat.completions.parse(response_format=Place, **asked))


asyncio.run(main())
