"""The responses API: answers streamed and not, at once and awaited, tools, refusals by name."""

import asyncio
import json
from typing import Any

import openai

import chat
import gateway

ASKED: dict[str, Any] = {
    "instructions": gateway.SYSTEM,
    "input": gateway.QUESTION,
    "max_output_tokens": gateway.MAX_TOKENS,
}
# The model `caller` calls the first tool twice with the last user text.
SAID = 'Wie heißt "東京" in\nWorten? 🗼 \\ 12345678901234567890'
SCHEMA = {"type": "object", "properties": {"text": {"type": "string"}}, "required": ["text"]}
TOOLS: list[Any] = [
    {"type": "function", "name": "find_weather", "parameters": SCHEMA, "strict": False}
]


def check_whole(reply: Any) -> None:
    assert (reply.object, reply.status, reply.error) == ("response", "completed", None), reply
    gateway.check_text(reply.output_text)
    # What was asked is said again.
    assert reply.instructions == gateway.SYSTEM, reply
    assert reply.max_output_tokens == gateway.MAX_TOKENS, reply
    usage = reply.usage
    gateway.check_tokens(usage.input_tokens, usage.output_tokens)
    assert usage.total_tokens == usage.input_tokens + usage.output_tokens, usage


def check_events(events: list[Any]) -> None:
    assert [event.sequence_number for event in events] == list(range(len(events))), events
    assert events[0].type == "response.created", events[0]
    assert events[-1].type == "response.completed", events[-1]
    deltas = [event.delta for event in events if event.type == "response.output_text.delta"]
    gateway.check_pieces(deltas)
    check_whole(events[-1].response)


def check_calls(reply: Any) -> list[Any]:
    calls = [item for item in reply.output if item.type == "function_call"]
    ids = {call.call_id for call in calls}
    assert len(calls) == 2 and len(ids) == 2 and all(ids), reply
    for call in calls:
        assert call.name == "find_weather", call
        assert json.loads(call.arguments) == {"text": SAID}, call
    return calls


def check_tools(client: openai.OpenAI) -> None:
    question = {"role": "user", "content": SAID}
    asked: dict[str, Any] = {"tools": TOOLS, "tool_choice": "required"}
    reply = client.responses.create(model="caller", input=[question], **asked)
    calls = check_calls(reply)
    with client.responses.stream(model="caller", input=[question], **asked) as stream:
        for _ in stream:
            pass
        check_calls(stream.get_final_response())
    answers = [
        {"type": "function_call_output", "call_id": call.call_id, "output": f"sun {at}"}
        for at, call in enumerate(calls)
    ]
    items = [question, *(item.model_dump(exclude_none=True) for item in reply.output), *answers]
    reply = client.responses.create(model=gateway.TIER, input=items, tools=TOOLS)
    assert reply.status == "completed" and reply.output_text, reply


def check_errors(client: openai.OpenAI) -> None:
    for asked, kind, code in (
        ({"model": "no-such-model"}, openai.NotFoundError, "model_not_found"),
        ({"model": "hidden"}, openai.NotFoundError, "model_not_found"),
    ):
        try:
            reply = client.responses.create(**{**ASKED, **asked})
        except openai.APIStatusError as error:
            assert type(error) is kind and error.code == code, repr(error)
        else:
            raise AssertionError(f"answered: {reply}")


async def check_async() -> None:
    async with chat.async_client() as client:
        check_whole(await client.responses.create(model=gateway.TIER, **ASKED))


def main() -> None:
    client = chat.client()
    for name in gateway.NAMES:
        check_whole(client.responses.create(model=name, **ASKED))
    check_events(list(client.responses.create(model=gateway.TIER, stream=True, **ASKED)))
    check_tools(client)
    check_errors(client)
    asyncio.run(check_async())


main()
