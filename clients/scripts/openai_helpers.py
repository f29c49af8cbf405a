"""The SDK's helpers: raw responses with their headers, and the stream that adds itself up."""

from typing import Any

from openai import OpenAI

import chat
import gateway


def check_raw_responses(client: OpenAI) -> None:
    raw = client.chat.completions.with_raw_response.create(model=gateway.TIER, **chat.ASKED)
    gateway.check_headers(raw.headers, "x-request-id")
    reply = raw.parse()
    chat.check_whole(reply)
    assert reply._request_id == raw.headers["x-request-id"], reply
    raw = client.chat.completions.with_raw_response.create(
        model=gateway.TIER, stream=True, **chat.ASKED
    )
    gateway.check_headers(raw.headers, "x-request-id")
    chat.check_chunks(list(raw.parse()))


def check_streaming_response(client: OpenAI) -> None:
    asking = client.chat.completions.with_streaming_response.create(
        model=gateway.TIER, **chat.ASKED
    )
    with asking as response:
        gateway.check_headers(response.headers, "x-request-id")
        assert response.status_code == 200, response
        chat.check_whole(response.parse())


def check_stream_helper(client: OpenAI) -> None:
    options: Any = {"include_usage": True}
    asking = client.chat.completions.stream(
        model=gateway.TIER, stream_options=options, **chat.ASKED
    )
    with asking as stream:
        events = list(stream)
        final = stream.get_final_completion()
    deltas = [event.delta for event in events if event.type == "content.delta"]
    gateway.check_pieces([delta for delta in deltas if delta])
    (done,) = [event for event in events if event.type == "content.done"]
    gateway.check_text(done.content)
    chat.check_whole(final)


def main() -> None:
    client = chat.client()
    check_raw_responses(client)
    check_streaming_response(client)
    check_stream_helper(client)


main()
