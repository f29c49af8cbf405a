"""`models.list()` shows what the key may ask for, and nothing sealed."""

import asyncio
import datetime
from typing import Any

import anthropic

import gateway
import messages


def check_models(models: list[Any]) -> None:
    ids = [model.id for model in models]
    assert {gateway.TIER, gateway.MODEL} <= set(ids), ids
    assert len(set(ids)) == len(ids), ids
    assert not {"capybara", "hidden", "fake-hidden"} & set(ids), ids
    for model in models:
        assert model.type == "model" and model.display_name, model
        assert isinstance(model.created_at, datetime.datetime), model


def check_answers(ids: list[str]) -> None:
    """Every name that is listed is one that may be asked for."""
    client = messages.client()
    for name in ids:
        if name in (gateway.TIER, gateway.MODEL):
            messages.check_whole(client.messages.create(model=name, **messages.ASKED))


def check_not_offered() -> None:
    """Routes that are not offered say so in the dialect's envelope."""
    client = messages.client()
    calls = [
        lambda: client.models.retrieve(gateway.TIER),
        lambda: client.messages.count_tokens(model=gateway.TIER, messages=messages.MESSAGES),
    ]
    for call in calls:
        try:
            answer = call()
        except anthropic.NotFoundError as error:
            body: Any = error.body
            assert body["error"]["details"]["error_code"] == "route_not_offered", body
        else:
            raise AssertionError(f"answered: {answer}")


async def list_async() -> list[Any]:
    async with messages.async_client() as client:
        return [model async for model in client.models.list()]


def main() -> None:
    page = messages.client().models.list()
    assert page.has_more is False, page
    models = list(page)
    check_models(models)
    check_models(asyncio.run(list_async()))
    check_answers([model.id for model in models])
    check_not_offered()


main()
