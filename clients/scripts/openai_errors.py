"""Errors of the gateway's own arrive as the SDK's classes, with code, field and remedy."""

import asyncio
from typing import Any

import openai
from openai import OpenAI

import chat
import gateway


def check_error(error: openai.APIStatusError, kind: type, status: int, code: str) -> None:
    """Judges class, status, code and the headers of an error."""
    assert type(error) is kind, repr(error)
    assert (error.status_code, error.code) == (status, code), repr(error)
    assert error.response.headers["tiergate-error"] == "gateway", error.response.headers
    assert len(error.response.headers["tiergate-decision"]) == 32, error.response.headers
    assert error.request_id, repr(error)


def failure(client: OpenAI, **asked: Any) -> openai.APIStatusError:
    """Asks what must fail, with and without streaming, and returns the error."""
    errors: list[openai.APIStatusError] = []
    for more in ({}, {"stream": True}):
        try:
            reply = client.chat.completions.create(**{**chat.ASKED, **asked, **more})
        except openai.APIStatusError as error:
            errors.append(error)
        else:
            raise AssertionError(f"answered: {reply}")
    assert type(errors[0]) is type(errors[1]), errors
    return errors[0]


def check_credentials() -> None:
    for key in ("sk-no-such-key", "tg_0123456789"):
        error = failure(chat.client(api_key=key), model=gateway.TIER)
        check_error(error, openai.AuthenticationError, 401, "bad_credential")
    try:
        chat.client(api_key="sk-no-such-key").models.list()
    except openai.AuthenticationError as denied:
        check_error(denied, openai.AuthenticationError, 401, "bad_credential")
    else:
        raise AssertionError("the models were listed")


def check_denials(client: OpenAI) -> None:
    for use_case, code in (("nowhere", "use_case_undeclared"), ("support", "use_case_not_held")):
        headers = {"tiergate-use-case": use_case}
        error = failure(client, model=gateway.TIER, extra_headers=headers)
        check_error(error, openai.PermissionDeniedError, 403, code)


def check_names(client: OpenAI) -> None:
    """An unknown name, a sealed model and a tier that only a release serves are alike."""
    told = set()
    for name in ("no-such-model", "hidden", "fake-hidden", "capybara", "claude-opus-5"):
        error = failure(client, model=name)
        check_error(error, openai.NotFoundError, 404, "model_not_found")
        told.add(error.body["message"].replace(name, "NAME"))  # type: ignore[index]
    assert len(told) == 1, told


def check_bodies(client: OpenAI) -> None:
    long = [{"role": "user", "content": "x" * 100_000}]
    error = failure(client, model=gateway.TIER, messages=long)
    check_error(error, openai.APIStatusError, 413, "body_too_large")
    for field, wrong in (("model", 7), ("max_tokens", "many"), ("stream", "yes")):
        asked: dict[str, Any] = {"model": gateway.TIER, "extra_body": {field: wrong}}
        error = failure(client, **asked)
        check_error(error, openai.BadRequestError, 400, "bad_request")
        assert error.param == field, repr(error)
        assert field in error.body["message"], error.body  # type: ignore[index]
    error = failure(client, model="limited", max_tokens=51)
    check_error(error, openai.BadRequestError, 400, "max_output")
    assert error.param == "max_tokens" and "50" in error.message, repr(error)


async def check_async() -> None:
    async with chat.async_client() as client:
        try:
            await client.chat.completions.create(model="no-such-model", **chat.ASKED)
        except openai.NotFoundError as error:
            check_error(error, openai.NotFoundError, 404, "model_not_found")
        else:
            raise AssertionError("answered")


def main() -> None:
    client = chat.client()
    check_credentials()
    check_denials(client)
    check_names(client)
    check_bodies(client)
    asyncio.run(check_async())


main()
