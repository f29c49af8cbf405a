"""`parse`: a type goes out as a JSON schema, and the answer comes back as that type."""

import asyncio
from typing import Any

from pydantic import BaseModel

import messages


class Place(BaseModel):
    """What the model `shaped` answers with."""

    city: str
    country: str


def check_parsed(reply: Any) -> None:
    place = reply.parsed_output
    assert place == Place(city="Paris", country="France"), reply


async def main() -> None:
    asked: dict[str, Any] = {"model": "shaped", **messages.ASKED}
    check_parsed(messages.client().messages.parse(output_format=Place, **asked))
    async with messages.async_client() as client:
        check_parsed(await client.messages.parse(output_format=Place, **asked))


asyncio.run(main())
