"""The SDK's helpers: raw responses with their headers, and the stream that adds itself up."""

from anthropic import Anthropic

import gateway
import messages


def check_raw_responses(client: Anthropic) -> None:
    raw = client.messages.with_raw_response.create(model=gateway.TIER, **messages.ASKED)
    gateway.check_headers(raw.headers, "request-id")
    reply = raw.parse()
    messages.check_whole(reply)
    assert reply._request_id == raw.headers["request-id"], reply
    raw = client.messages.with_raw_response.create(
        model=gateway.TIER, stream=True, **messages.ASKED
    )
    gateway.check_headers(raw.headers, "request-id")
    messages.check_events(list(raw.parse()))


def check_streaming_response(client: Anthropic) -> None:
    asking = client.messages.with_streaming_response.create(model=gateway.TIER, **messages.ASKED)
    with asking as response:
        gateway.check_headers(response.headers, "request-id")
        assert response.status_code == 200, response
        messages.check_whole(response.parse())


def check_stream_helper(client: Anthropic) -> None:
    with client.messages.stream(model=gateway.TIER, **messages.ASKED) as stream:
        gateway.check_headers(stream.response.headers, "request-id")
        gateway.check_pieces(list(stream.text_stream))
        messages.check_whole(stream.get_final_message())
    with client.messages.stream(model=gateway.TIER, **messages.ASKED) as stream:
        events = list(stream)
    gateway.check_pieces([event.text for event in events if event.type == "text"])
    (stop,) = [event for event in events if event.type == "message_stop"]
    messages.check_whole(stop.message)


def main() -> None:
    client = messages.client()
    check_raw_responses(client)
    check_streaming_response(client)
    check_stream_helper(client)


main()
