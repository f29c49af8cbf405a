"""A provider's errors arrive as the SDK's classes, before an answer and in the middle of one."""

from typing import Any

import anthropic
from anthropic import Anthropic

import gateway
import messages

# By name: not every generation exports them all.
BY_STATUS = {
    400: "BadRequestError",
    404: "NotFoundError",
    422: "UnprocessableEntityError",
    429: "RateLimitError",
    500: "InternalServerError",
    529: "OverloadedError",
}
# How the model's stream breaks off, and what the error says then.
BREAKS = {
    "broken": "fake provider fails mid-stream",
    "cut": "the provider's answer was cut off",
    "ended": "the provider's answer ended before it was complete",
}


def check_status(client: Anthropic, status: int, is_stream: bool) -> None:
    """The model `said-N` is one whose provider answers N."""
    name = f"said-{status}"
    try:
        reply = client.messages.create(model=name, stream=is_stream, **messages.ASKED)
    except anthropic.APIStatusError as error:
        assert type(error).__name__ == BY_STATUS[status], repr(error)
        assert error.status_code == status, repr(error)
        assert f"answers {status}" in error.message, repr(error)
        assert error.response.headers["tiergate-error"] == "provider", error.response.headers
        assert error.response.headers["tiergate-tier"] == "spare", error.response.headers
    else:
        raise AssertionError(f"answered: {reply}")


def check_break(client: Anthropic, name: str) -> None:
    """What came before the break arrives, then an error: never a clean end."""
    pieces: list[str] = []
    stream = client.messages.create(model=name, stream=True, **messages.ASKED)
    try:
        for event in stream:
            if event.type == "content_block_delta":
                pieces.append(event.delta.text)
    except anthropic.APIStatusError as error:
        assert BREAKS[name] in error.body["error"]["message"], error.body  # type: ignore[index]
        assert pieces, name
    else:
        raise AssertionError(f"{name} ended well after {pieces}")


def check_break_of_helper(client: Anthropic, name: str) -> None:
    """The stream that adds itself up does not take a broken answer for a whole one."""
    try:
        with client.messages.stream(model=name, **messages.ASKED) as stream:
            message = stream.get_final_message()
    except anthropic.APIStatusError:
        return
    raise AssertionError(f"{name} ended well: {message}")


def check_retry() -> None:
    """With the SDK's own second try, a provider that is busy at times answers in the end."""
    client = Anthropic(max_retries=2)
    reply: Any = client.messages.create(model="flaky", **messages.ASKED)
    assert gateway.QUESTION in reply.content[0].text, reply


def main() -> None:
    client = messages.client()
    for status in BY_STATUS:
        for is_stream in (False, True):
            check_status(client, status, is_stream)
    for name in BREAKS:
        check_break(client, name)
        check_break_of_helper(client, name)
    check_retry()


main()
