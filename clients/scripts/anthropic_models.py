"""`models.list()` and `models.retrieve()` show what the key may ask for, and nothing sealed."""

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


def check_retrieve(models: list[Any]) -> None:
    """Each name is shown alone as it is listed, and a sealed model like one that nobody knows."""
    client = messages.client()
    for model in models:
        assert client.models.retrieve(model.id) == model, model
    told = set()
    for name in ("no-such-model", "hidden", "capybara"):
        try:
            shown = client.models.retrieve(name)
        except anthropic.NotFoundError as error:
            body: Any = error.body
            assert body["error"]["details"]["error_code"] == "model_not_found", body
            told.add(body["error"]["message"].replace(name, "NAME"))
        else:
            raise AssertionError(f"retrieved: {shown}")
    assert len(told) == 1, told


def check_counting() -> None:
    """Tokens are counted by a model's own provider alone, and another says so by the field."""
    if gateway.UPSTREAM == "anthropic-messages":
        return
    client = messages.client()
    try:
        told = client.messages.count_tokens(model=gateway.TIER, messages=messages.MESSAGES)
    except anthropic.BadRequestError as error:
        assert "only models behind Anthropic's API count tokens" in str(error), repr(error)
    else:
        raise AssertionError(f"counted: {told}")


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
    check_retrieve(models)
    check_counting()


main()
