"""A provider's errors arrive as the SDK's classes, before an answer and in the middle of one."""

import openai
from openai import OpenAI

import chat
import gateway

BY_STATUS: dict[int, type[openai.APIStatusError]] = {
    400: openai.BadRequestError,
    404: openai.NotFoundError,
    422: openai.UnprocessableEntityError,
    429: openai.RateLimitError,
    500: openai.InternalServerError,
    503: openai.InternalServerError,
}
# How the model's stream breaks off, and what the error says then.
BREAKS = {
    "broken": "fake provider fails mid-stream",
    "cut": "the provider's answer was cut off",
    "ended": "the provider's answer ended before it was complete",
}


def check_status(client: OpenAI, status: int, is_stream: bool) -> None:
    """The model `said-N` is one whose provider answers N."""
    name = f"said-{status}"
    try:
        reply = client.chat.completions.create(model=name, stream=is_stream, **chat.ASKED)
    except openai.APIStatusError as error:
        assert type(error) is BY_STATUS[status], repr(error)
        assert error.status_code == status, repr(error)
        assert f"answers {status}" in error.message, repr(error)
        assert error.response.headers["tiergate-error"] == "provider", error.response.headers
        assert error.response.headers["tiergate-tier"] == "spare", error.response.headers
    else:
        raise AssertionError(f"answered: {reply}")


def check_break(client: OpenAI, name: str) -> None:
    """What came before the break arrives, then an error: never a clean end."""
    pieces: list[str] = []
    stream = client.chat.completions.create(model=name, stream=True, **chat.ASKED)
    try:
        for chunk in stream:
            pieces += [choice.delta.content or "" for choice in chunk.choices]
    except openai.APIError as error:
        assert type(error) is openai.APIError, repr(error)
        assert BREAKS[name] in error.message, repr(error)
        assert [piece for piece in pieces if piece], pieces
    else:
        raise AssertionError(f"{name} ended well after {pieces}")


def check_retry() -> None:
    """With the SDK's own second try, a provider that is busy at times answers in the end."""
    client = openai.OpenAI(max_retries=2)
    reply = client.chat.completions.create(model="flaky", **chat.ASKED)
    assert gateway.QUESTION in (reply.choices[0].message.content or ""), reply


def main() -> None:
    client = chat.client()
    for status in BY_STATUS:
        for is_stream in (False, True):
            check_status(client, status, is_stream)
    for name in BREAKS:
        check_break(client, name)
    check_retry()


main()
