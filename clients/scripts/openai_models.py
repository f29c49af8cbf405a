"""`models.list()` and `models.retrieve()` show what the key may ask for, and nothing sealed."""

import asyncio
from typing import Any

import openai

import chat
import gateway


def check_models(models: list[Any]) -> None:
    ids = [model.id for model in models]
    assert {gateway.TIER, gateway.MODEL} <= set(ids), ids
    assert len(set(ids)) == len(ids), ids
    assert not {"capybara", "hidden", "fake-hidden"} & set(ids), ids
    for model in models:
        assert model.object == "model" and model.owned_by and model.created >= 0, model


def check_answers(ids: list[str]) -> None:
    """Every name that is listed is one that may be asked for."""
    client = chat.client()
    for name in ids:
        if name in (gateway.TIER, gateway.MODEL):
            chat.check_whole(client.chat.completions.create(model=name, **chat.ASKED))


def check_retrieve(models: list[Any]) -> None:
    """Each name is shown alone as it is listed, and a sealed model like one that nobody knows."""
    client = chat.client()
    for model in models:
        assert client.models.retrieve(model.id) == model, model
    told = set()
    for name in ("no-such-model", "hidden", "capybara"):
        try:
            shown = client.models.retrieve(name)
        except openai.NotFoundError as error:
            assert error.code == "model_not_found", repr(error)
            told.add(error.body["message"].replace(name, "NAME"))  # type: ignore[index]
        else:
            raise AssertionError(f"retrieved: {shown}")
    assert len(told) == 1, told


async def list_async() -> list[Any]:
    async with chat.async_client() as client:
        return [model async for model in client.models.list()]


def main() -> None:
    models = list(chat.client().models.list())
    check_models(models)
    check_models(asyncio.run(list_async()))
    check_answers([model.id for model in models])
    check_retrieve(models)


main()
