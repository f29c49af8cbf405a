"""Anthropic's SDK calls a tool and says what it said, streamed and not."""

import os
from typing import Any

import anthropic

WORD = os.environ["TIERGATE_WORD"]
SCHEMA = {
    "type": "object",
    "properties": {"city": {"type": "string"}, "days": {"type": "integer"}},
    "required": ["city", "days"],
}
ASKED: dict[str, Any] = {
    "model": os.environ["TIERGATE_MODEL"],
    "max_tokens": 200,
    "tools": [
        {"name": "look", "description": "Reads the note of a city.", "input_schema": SCHEMA}
    ],
}

CLIENT = anthropic.Anthropic(
    base_url=os.environ["TIERGATE_URL"], api_key=os.environ["TIERGATE_KEY"], max_retries=0
)


def ask(messages: list[Any], stream: bool) -> Any:
    """Asks and gives the message."""
    if not stream:
        return CLIENT.messages.create(messages=messages, **ASKED)
    with CLIENT.messages.stream(messages=messages, **ASKED) as events:
        for _ in events:
            pass
        return events.get_final_message()


def run(stream: bool) -> None:
    """Does the task."""
    messages: list[Any] = [{"role": "user", "content": "What is it?"}]
    called = ask(messages, stream)
    assert called.stop_reason == "tool_use", called
    (call,) = [block for block in called.content if block.type == "tool_use"]
    assert (call.name, call.input) == ("look", {"city": "Paris", "days": 7}), call
    messages.append({"role": "assistant", "content": called.content})
    told = {"type": "tool_result", "tool_use_id": call.id, "content": WORD}
    messages.append({"role": "user", "content": [told]})
    said = ask(messages, stream)
    assert WORD in said.content[0].text and said.stop_reason == "end_turn", said
    assert said.usage.input_tokens and said.usage.output_tokens, said


print("version", anthropic.__version__)
for streamed in (False, True):
    run(streamed)
