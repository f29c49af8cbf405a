"""The Anthropic SDK: its clients, what is asked in its dialect, and how its answers are judged."""

from typing import Any

from anthropic import Anthropic, AsyncAnthropic
from anthropic.types import Message, RawMessageStreamEvent

import gateway

MESSAGES: list[Any] = [{"role": "user", "content": gateway.QUESTION}]
ASKED: dict[str, Any] = {
    "system": gateway.SYSTEM,
    "messages": MESSAGES,
    "max_tokens": gateway.MAX_TOKENS,
}


def client(**options: Any) -> Anthropic:
    """Makes a client that does not hide a failure behind a second try."""
    return Anthropic(max_retries=0, **options)


def async_client(**options: Any) -> AsyncAnthropic:
    """Makes the asynchronous one."""
    return AsyncAnthropic(max_retries=0, **options)


def check_whole(reply: Message) -> None:
    """Judges an answer, whether it was streamed or not."""
    assert (reply.type, reply.role) == ("message", "assistant"), reply
    assert reply.id and reply.model, reply
    (block,) = reply.content
    assert block.type == "text", block
    gateway.check_text(block.text)
    assert reply.stop_reason == "end_turn", reply
    gateway.check_tokens(reply.usage.input_tokens, reply.usage.output_tokens)


def check_events(events: list[RawMessageStreamEvent]) -> None:
    """Judges the events of a stream: their order, their content and the usage."""
    kinds = [event.type for event in events if event.type != "content_block_delta"]
    wanted = ["message_start", "content_block_start", "content_block_stop"]
    assert kinds == [*wanted, "message_delta", "message_stop"], kinds
    deltas = [event.delta for event in events if event.type == "content_block_delta"]
    gateway.check_pieces([delta.text for delta in deltas if delta.type == "text_delta"])
    start, end = events[0], events[-2]
    assert start.type == "message_start" and end.type == "message_delta", events
    assert end.delta.stop_reason == "end_turn", end
    # What the beginning could not know, the end says; the end's counts are totals.
    input_tokens = end.usage.input_tokens or start.message.usage.input_tokens
    gateway.check_tokens(input_tokens, end.usage.output_tokens)
