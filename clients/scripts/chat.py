"""The OpenAI SDK: its clients, what is asked in its dialect, and how its answers are judged."""

from collections.abc import Iterable
from typing import Any

from openai import AsyncOpenAI, OpenAI
from openai.types.chat import ChatCompletion, ChatCompletionChunk

import gateway

MESSAGES: list[Any] = [
    {"role": "system", "content": gateway.SYSTEM},
    {"role": "user", "content": gateway.QUESTION},
]
ASKED: dict[str, Any] = {"messages": MESSAGES, "max_tokens": gateway.MAX_TOKENS}
WITH_USAGE: dict[str, Any] = {"stream": True, "stream_options": {"include_usage": True}}


def client(**options: Any) -> OpenAI:
    """Makes a client that does not hide a failure behind a second try."""
    return OpenAI(max_retries=0, **options)


def async_client(**options: Any) -> AsyncOpenAI:
    """Makes the asynchronous one."""
    return AsyncOpenAI(max_retries=0, **options)


def check_whole(reply: ChatCompletion) -> None:
    """Judges an answer that was not streamed."""
    assert reply.object == "chat.completion", reply
    assert reply.id and reply.model, reply
    (choice,) = reply.choices
    assert choice.message.role == "assistant", choice
    assert choice.finish_reason == "stop", choice
    gateway.check_text(choice.message.content or "")
    check_usage(reply.usage)


def check_chunks(chunks: list[ChatCompletionChunk]) -> None:
    """Judges a stream that was asked for without usage."""
    assert all(chunk.usage is None for chunk in chunks), chunks
    assert all(chunk.choices for chunk in chunks), chunks
    check_stream(chunks)


def check_chunks_with_usage(chunks: list[ChatCompletionChunk]) -> None:
    """Judges a stream that was asked for with usage, which comes last and alone."""
    last = chunks.pop()
    assert not last.choices, last
    check_usage(last.usage)
    check_chunks(chunks)


def check_stream(chunks: Iterable[ChatCompletionChunk]) -> None:
    """Judges the content and the end of a stream."""
    choices = [choice for chunk in chunks for choice in chunk.choices]
    pieces = [choice.delta.content for choice in choices if choice.delta.content]
    gateway.check_pieces(pieces)
    reasons = [choice.finish_reason for choice in choices if choice.finish_reason]
    assert reasons == ["stop"], reasons
    assert choices[0].delta.role == "assistant", choices[0]


def check_usage(usage: Any) -> None:
    """Judges the usage of an answer."""
    gateway.check_tokens(usage.prompt_tokens, usage.completion_tokens)
    assert usage.total_tokens == usage.prompt_tokens + usage.completion_tokens, usage
