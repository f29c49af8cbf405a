"""Tools: the calls arrive whole, streamed and not, and a conversation goes on after them."""

import asyncio
import json
from typing import Any

from anthropic import Anthropic

import gateway
import messages

# The model `caller` calls the first tool twice with the last user text, in two pieces each.
SAID = 'Wie heißt "東京" in\nWorten? 🗼 \\ 12345678901234567890'
SCHEMA = {"type": "object", "properties": {"text": {"type": "string"}}, "required": ["text"]}
TOOLS: list[Any] = [
    {"name": "find_weather", "description": "Tells the weather.", "input_schema": SCHEMA}
]
QUESTION: dict[str, Any] = {"role": "user", "content": SAID}
ASKED: dict[str, Any] = {
    "model": "caller",
    "messages": [QUESTION],
    "tools": TOOLS,
    "tool_choice": {"type": "any"},
    "max_tokens": gateway.MAX_TOKENS,
}


def check_message(reply: Any) -> None:
    """Judges stop reason, ids, names and inputs of the calls."""
    assert reply.stop_reason == "tool_use", reply
    assert [block.type for block in reply.content] == ["tool_use"] * 2, reply
    ids = {block.id for block in reply.content}
    assert len(ids) == 2 and all(ids), reply
    for block in reply.content:
        assert (block.name, block.input) == ("find_weather", {"text": SAID}), block
    assert reply.usage.input_tokens and reply.usage.output_tokens, reply


def check_events(events: list[Any]) -> None:
    """Adds the partial JSON up by index, as every agent does."""
    started = {e.index: e.content_block for e in events if e.type == "content_block_start"}
    assert [block.type for block in started.values()] == ["tool_use"] * 2, started
    inputs = dict.fromkeys(started, "")
    for event in [event for event in events if event.type == "content_block_delta"]:
        inputs[event.index] += event.delta.partial_json
    assert [json.loads(text) for text in inputs.values()] == [{"text": SAID}] * 2, inputs
    stopped = [event.index for event in events if event.type == "content_block_stop"]
    assert stopped == list(started), events
    (end,) = [event for event in events if event.type == "message_delta"]
    assert end.delta.stop_reason == "tool_use", end


def check_next_turn(client: Anthropic) -> None:
    """Gives the results back; the provider must get calls and results as they were."""
    reply = client.messages.create(**ASKED)
    results: list[Any] = [
        {"type": "tool_result", "tool_use_id": block.id, "content": f"rain {at}"}
        for at, block in enumerate(reply.content)
    ]
    turns: list[Any] = [
        QUESTION,
        {"role": "assistant", "content": reply.content},
        {"role": "user", "content": [*results, {"type": "text", "text": gateway.QUESTION}]},
    ]
    answer: Any = client.messages.create(
        model=gateway.TIER, messages=turns, tools=TOOLS, max_tokens=gateway.MAX_TOKENS
    )
    assert answer.content[0].text == gateway.SAID, answer


async def check_async() -> None:
    async with messages.async_client() as client:
        check_message(await client.messages.create(**ASKED))
        async with client.messages.stream(**ASKED) as stream:
            check_message(await stream.get_final_message())


def main() -> None:
    client = messages.client()
    check_message(client.messages.create(**ASKED))
    check_events(list(client.messages.create(stream=True, **ASKED)))
    with client.messages.stream(**ASKED) as stream:
        check_message(stream.get_final_message())
    asyncio.run(check_async())
    check_next_turn(client)


main()
