"""Errors of the gateway's own arrive as the SDK's classes, with code, field and remedy."""

import asyncio
from typing import Any

import anthropic
from anthropic import Anthropic

import gateway
import messages


def details(error: anthropic.APIStatusError) -> dict[str, Any]:
    """Finds what stands in the envelope beside type and message."""
    body: Any = error.body
    assert body["type"] == "error" and body["request_id"], body
    return body["error"].get("details", {})


def check_error(error: anthropic.APIStatusError, kind: type, status: int, code: str) -> None:
    """Judges class, status, code and the headers of an error."""
    assert type(error) is kind, repr(error)
    assert error.status_code == status, repr(error)
    assert details(error)["error_code"] == code, error.body
    assert error.response.headers["tiergate-error"] == "gateway", error.response.headers
    assert len(error.response.headers["tiergate-decision"]) == 32, error.response.headers
    assert error.request_id, repr(error)


def failure(client: Anthropic, **asked: Any) -> anthropic.APIStatusError:
    """Asks what must fail, with and without streaming, and returns the error."""
    errors: list[anthropic.APIStatusError] = []
    for more in ({}, {"stream": True}):
        try:
            reply = client.messages.create(**{**messages.ASKED, **asked, **more})
        except anthropic.APIStatusError as error:
            errors.append(error)
        else:
            raise AssertionError(f"answered: {reply}")
    assert type(errors[0]) is type(errors[1]), errors
    return errors[0]


def check_credentials() -> None:
    for key in ("sk-no-such-key", "tg_0123456789"):
        error = failure(messages.client(api_key=key), model=gateway.TIER)
        check_error(error, anthropic.AuthenticationError, 401, "bad_credential")
    try:
        messages.client(api_key="sk-no-such-key").models.list()
    except anthropic.AuthenticationError as denied:
        check_error(denied, anthropic.AuthenticationError, 401, "bad_credential")
    else:
        raise AssertionError("the models were listed")


def check_denials(client: Anthropic) -> None:
    for use_case, code in (("nowhere", "use_case_undeclared"), ("support", "use_case_not_held")):
        headers = {"tiergate-use-case": use_case}
        error = failure(client, model=gateway.TIER, extra_headers=headers)
        check_error(error, anthropic.PermissionDeniedError, 403, code)


def check_names(client: Anthropic) -> None:
    """An unknown name, a sealed model and a tier that only a release serves are alike."""
    told = set()
    for name in ("no-such-model", "hidden", "fake-hidden", "capybara", "claude-opus-5"):
        error = failure(client, model=name)
        check_error(error, anthropic.NotFoundError, 404, "model_not_found")
        told.add(error.body["error"]["message"].replace(name, "NAME"))  # type: ignore[index]
    assert len(told) == 1, told


def check_bodies(client: Anthropic) -> None:
    long = [{"role": "user", "content": "x" * 100_000}]
    error = failure(client, model=gateway.TIER, messages=long)
    check_error(error, anthropic.RequestTooLargeError, 413, "body_too_large")
    for field, wrong in (("model", 7), ("max_tokens", "many"), ("stream", "yes")):
        asked: dict[str, Any] = {"model": gateway.TIER, "extra_body": {field: wrong}}
        error = failure(client, **asked)
        check_error(error, anthropic.BadRequestError, 400, "bad_request")
        assert details(error)["field"] == field, error.body
        assert field in error.body["error"]["message"], error.body  # type: ignore[index]
    error = failure(client, model="limited", max_tokens=51)
    check_error(error, anthropic.BadRequestError, 400, "max_output")
    assert details(error)["field"] == "max_tokens" and "50" in error.message, error.body


async def check_async() -> None:
    async with messages.async_client() as client:
        try:
            await client.messages.create(model="no-such-model", **messages.ASKED)
        except anthropic.NotFoundError as error:
            check_error(error, anthropic.NotFoundError, 404, "model_not_found")
        else:
            raise AssertionError("answered")


def main() -> None:
    client = messages.client()
    check_credentials()
    check_denials(client)
    check_names(client)
    check_bodies(client)
    asyncio.run(check_async())


main()
