"""Both versions of the API with both headers for the key, beside what the SDK sends by itself.

The test sees in order which version the provider was sent.
"""

import os
from typing import Any

import anthropic
from anthropic import Anthropic, Omit

import gateway
import messages

KEY = os.environ["ANTHROPIC_API_KEY"]
WRONG = "sk-no-such-key"
OLD, NEW = "2023-06-01", "2026-10-21"


def only(version: str, **credentials: str) -> Anthropic:
    """Makes a client that sends exactly these credential headers and this version."""
    headers: dict[str, Any] = {"X-Api-Key": Omit(), "Authorization": Omit()}
    if "key" in credentials:
        headers["X-Api-Key"] = credentials["key"]
    if "token" in credentials:
        headers["Authorization"] = f"Bearer {credentials['token']}"
    return messages.client(default_headers={"anthropic-version": version, **headers})


def check_answers(client: Anthropic) -> None:
    messages.check_whole(client.messages.create(model=gateway.TIER, **messages.ASKED))
    stream = client.messages.create(model=gateway.TIER, stream=True, **messages.ASKED)
    messages.check_events(list(stream))


def check_refused(client: Anthropic) -> None:
    try:
        client.messages.create(model=gateway.TIER, **messages.ASKED)
    except anthropic.AuthenticationError as error:
        assert error.status_code == 401, repr(error)
    else:
        raise AssertionError("answered")


def check_sampling() -> None:
    """The old version has a temperature; the new one has none, which a translation must say."""
    asked: dict[str, Any] = {"model": gateway.TIER, **messages.ASKED}
    asked["extra_body"] = {"temperature": 0.5}
    messages.check_whole(only(OLD, key=KEY).messages.create(**asked))
    if gateway.UPSTREAM == "anthropic-messages":
        return
    try:
        only(NEW, key=KEY).messages.create(**asked)
    except anthropic.BadRequestError as error:
        body: Any = error.body
        assert body["error"]["details"]["field"] == "temperature", body
    else:
        raise AssertionError("answered")


def main() -> None:
    check_answers(messages.client())
    for version in (OLD, NEW):
        check_answers(only(version, key=KEY))
        check_answers(only(version, token=KEY))
        # Where both are there, `x-api-key` counts, as with the API itself.
        check_answers(only(version, key=KEY, token=WRONG))
        check_refused(only(version, key=WRONG, token=KEY))
    check_sampling()


main()
