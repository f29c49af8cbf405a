"""`parse`: a type goes out as a JSON schema, and the answer comes back as that type."""

import asyncio
from typing import Any

from pydantic import BaseModel

import chat


class Place(BaseModel):
    """What the model `shaped` answers with."""

    city: str
    country: str


def check_parsed(reply: Any) -> None:
    place = reply.choices[0].message.parsed
    assert place == Place(city="Paris", country="France"), reply


async def main() -> None:
    asked: dict[str, Any] = {"model": "shaped", **chat.ASKED}
    check_parsed(chat.client().chat.completions.parse(response_format=Place, **asked))
    async with chat.async_client() as client:
        check_parsed(await client.chat.completions.parse(response_format=Place, **asked))


asyncio.run(main())
