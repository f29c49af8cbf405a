"""Tools: the calls arrive whole, streamed and not, and a conversation goes on after them."""

import asyncio
import json
from typing import Any

from openai import OpenAI

import chat
import gateway

# The model `caller` calls the first tool twice with the last user text, in two pieces each.
SAID = 'Wie heißt "東京" in\nWorten? 🗼 \\ 12345678901234567890'
SCHEMA = {"type": "object", "properties": {"text": {"type": "string"}}, "required": ["text"]}
FUNCTION = {"name": "find_weather", "description": "Tells the weather.", "parameters": SCHEMA}
TOOLS: list[Any] = [{"type": "function", "function": FUNCTION}]
QUESTION: dict[str, Any] = {"role": "user", "content": SAID}
ASKED: dict[str, Any] = {
    "model": "caller",
    "messages": [QUESTION],
    "tools": TOOLS,
    "tool_choice": "required",
    "max_tokens": gateway.MAX_TOKENS,
}


def check_calls(calls: list[tuple[str, str, str]]) -> None:
    """Judges ids, names and arguments of the calls."""
    ids = {call_id for call_id, _, _ in calls}
    assert len(calls) == 2 and len(ids) == 2 and all(ids), calls
    for _, name, arguments in calls:
        assert name == "find_weather", calls
        assert json.loads(arguments) == {"text": SAID}, calls


def check_message(reply: Any) -> None:
    (choice,) = reply.choices
    assert choice.finish_reason == "tool_calls", choice
    assert not choice.message.content, choice
    calls = choice.message.tool_calls
    assert all(call.type == "function" for call in calls), calls
    check_calls([(call.id, call.function.name, call.function.arguments) for call in calls])
    assert reply.usage.prompt_tokens and reply.usage.completion_tokens, reply


def check_chunks(chunks: list[Any]) -> None:
    """Adds the deltas up by index, as every agent does."""
    calls: dict[int, list[str]] = {}
    for delta in [call for chunk in chunks for call in chunk.choices[0].delta.tool_calls or []]:
        call = calls.setdefault(delta.index, ["", "", ""])
        call[0] += delta.id or ""
        call[1] += delta.function.name or ""
        call[2] += delta.function.arguments or ""
    assert sorted(calls) == [0, 1], calls
    check_calls([(call[0], call[1], call[2]) for call in calls.values()])
    reasons = [chunk.choices[0].finish_reason for chunk in chunks]
    assert [reason for reason in reasons if reason] == ["tool_calls"], reasons


def check_stream_helper(client: OpenAI) -> None:
    options: Any = {"include_usage": True}
    with client.chat.completions.stream(stream_options=options, **ASKED) as stream:
        done = [e for e in stream if e.type == "tool_calls.function.arguments.done"]
        check_message(stream.get_final_completion())
    assert [json.loads(event.arguments) for event in done] == [{"text": SAID}] * 2, done


def check_next_turn(client: OpenAI) -> None:
    """Gives the results back; the provider must get calls and results as they were."""
    reply = client.chat.completions.create(**ASKED)
    calls = reply.choices[0].message.tool_calls or []
    results: list[Any] = [
        {"role": "tool", "tool_call_id": call.id, "content": f"rain {at}"}
        for at, call in enumerate(calls)
    ]
    turns: list[Any] = [QUESTION, reply.choices[0].message, *results]
    last: Any = {"role": "user", "content": gateway.QUESTION}
    answer = client.chat.completions.create(
        model=gateway.TIER, messages=[*turns, last], tools=TOOLS, max_tokens=gateway.MAX_TOKENS
    )
    assert answer.choices[0].message.content == gateway.SAID, answer


async def check_async() -> None:
    async with chat.async_client() as client:
        check_message(await client.chat.completions.create(**ASKED))
        stream = await client.chat.completions.create(stream=True, **ASKED)
        check_chunks([chunk async for chunk in stream])


def main() -> None:
    client = chat.client()
    check_message(client.chat.completions.create(**ASKED))
    check_chunks(list(client.chat.completions.create(stream=True, **ASKED)))
    check_stream_helper(client)
    asyncio.run(check_async())
    check_next_turn(client)


main()
