"""The Google Gen AI SDK: how a client is made, what is asked, and how its answers are judged."""

from typing import Any

from google import genai
from google.genai import types

import gateway

CONFIG = types.GenerateContentConfig(
    system_instruction=gateway.SYSTEM,
    max_output_tokens=gateway.MAX_TOKENS,
)
ASKED: dict[str, Any] = {"contents": gateway.QUESTION, "config": CONFIG}


def client(**more: Any) -> genai.Client:
    """Makes a client by the SDK's own variables."""
    return genai.Client(**more)


def check_usage(usage: types.GenerateContentResponseUsageMetadata | None) -> None:
    assert usage is not None
    gateway.check_tokens(usage.prompt_token_count, usage.candidates_token_count)
    assert usage.prompt_token_count and usage.candidates_token_count
    total = usage.prompt_token_count + usage.candidates_token_count
    assert usage.total_token_count == total, usage


def check_whole(reply: types.GenerateContentResponse) -> None:
    """Judges an answer to the question that is not streamed."""
    assert reply.candidates and len(reply.candidates) == 1, reply
    assert reply.candidates[0].finish_reason == types.FinishReason.STOP, reply
    assert reply.response_id and reply.model_version, reply
    gateway.check_text(reply.text or "")
    check_usage(reply.usage_metadata)


def check_chunks(chunks: list[types.GenerateContentResponse]) -> None:
    """Judges a streamed answer to the question."""
    gateway.check_pieces([chunk.text for chunk in chunks if chunk.text])
    (last,) = chunks[-1].candidates or []
    assert last.finish_reason == types.FinishReason.STOP, chunks[-1]
    check_usage(chunks[-1].usage_metadata)


def check_usage_is_there(reply: types.GenerateContentResponse) -> None:
    """Judges an answer to another question."""
    usage = reply.usage_metadata
    assert usage and usage.prompt_token_count and usage.candidates_token_count, reply
