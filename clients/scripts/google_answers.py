"""Answers by tier, by model and by alias, streamed and not, at once and awaited; the models."""

import asyncio

import gateway
import googlesdk as google


async def check_async() -> None:
    client = google.client().aio
    google.check_whole(await client.models.generate_content(model=gateway.TIER, **google.ASKED))
    stream = await client.models.generate_content_stream(model=gateway.TIER, **google.ASKED)
    google.check_chunks([chunk async for chunk in stream])


def main() -> None:
    client = google.client()
    for name in gateway.NAMES:
        google.check_whole(client.models.generate_content(model=name, **google.ASKED))
        stream = client.models.generate_content_stream(model=name, **google.ASKED)
        google.check_chunks(list(stream))
    names = {model.name for model in client.models.list()}
    assert "models/haiku" in names and "models/capybara" not in names, names
    assert client.models.get(model="haiku").name == "models/haiku"
    asyncio.run(check_async())


main()
