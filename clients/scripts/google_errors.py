"""Errors of the gateway's own arrive as the SDK's classes, with status, field and remedy."""

from typing import Any

from google import genai
from google.genai import errors, types

import gateway
import googlesdk as google


def failure(client: genai.Client, **asked: Any) -> errors.APIError:
    """Asks what must fail, with and without streaming, and returns the error."""
    seen: list[errors.APIError] = []
    asked = {**google.ASKED, **asked}
    for ask in (
        lambda: client.models.generate_content(**asked),
        lambda: list(client.models.generate_content_stream(**asked)),
    ):
        try:
            reply = ask()
        except errors.APIError as error:
            seen.append(error)
        else:
            raise AssertionError(f"answered: {reply}")
    assert type(seen[0]) is type(seen[1]), seen
    return seen[0]


def check(error: errors.APIError, code: int, status: str, reason: str) -> None:
    assert isinstance(error, errors.ClientError), repr(error)
    assert (error.code, error.status) == (code, status), repr(error)
    details = error.details["error"]["details"]
    assert any(detail.get("reason") == reason for detail in details), details


def main() -> None:
    client = google.client()
    error = failure(google.client(api_key="sk-no-such-key"), model=gateway.TIER)
    check(error, 401, "UNAUTHENTICATED", "bad_credential")
    told = set()
    for name in ("no-such-model", "hidden", "fake-hidden", "capybara", "claude-opus-5"):
        error = failure(client, model=name)
        check(error, 404, "NOT_FOUND", "model_not_found")
        told.add((error.message or "").replace(name, "NAME"))
    assert len(told) == 1, told
    headers = types.HttpOptions(headers={"tiergate-use-case": "nowhere"})
    config = types.GenerateContentConfig(http_options=headers)
    error = failure(client, model=gateway.TIER, config=config)
    check(error, 403, "PERMISSION_DENIED", "use_case_undeclared")
    error = failure(client, model=gateway.TIER, contents="x" * 100_000)
    check(error, 413, "OUT_OF_RANGE", "body_too_large")
    config = types.GenerateContentConfig(max_output_tokens=51)
    error = failure(client, model="limited", config=config)
    check(error, 400, "INVALID_ARGUMENT", "max_output")


main()
