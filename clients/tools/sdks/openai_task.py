"""OpenAI's SDK calls a tool and says what it said, streamed and not, over either of its APIs."""

import json
import os
from typing import Any

import openai

WORD = os.environ["TIERGATE_WORD"]
NAME = os.environ["TIERGATE_MODEL"]
SCHEMA = {
    "type": "object",
    "properties": {"city": {"type": "string"}, "days": {"type": "integer"}},
    "required": ["city", "days"],
}
LOOK = {"name": "look", "description": "Reads the note of a city.", "parameters": SCHEMA}
QUESTION = {"role": "user", "content": "What is it?"}

CLIENT = openai.OpenAI(
    base_url=f"{os.environ['TIERGATE_URL']}/v1",
    api_key=os.environ["TIERGATE_KEY"],
    max_retries=0,
)


def check_call(name: str, arguments: str) -> None:
    """Judges the call of the tool."""
    assert name == "look" and json.loads(arguments) == {"city": "Paris", "days": 7}, arguments


def ask_chat(messages: list[Any], stream: bool) -> Any:
    """Asks over Chat Completions and gives the answer."""
    asked: dict[str, Any] = {
        "model": NAME,
        "messages": messages,
        "tools": [{"type": "function", "function": LOOK}],
    }
    if not stream:
        return CLIENT.chat.completions.create(**asked)
    options = {"include_usage": True}
    with CLIENT.chat.completions.stream(**asked, stream_options=options) as events:
        for _ in events:
            pass
        return events.get_final_completion()


def run_chat(stream: bool) -> None:
    """Does the task over Chat Completions."""
    messages: list[Any] = [QUESTION]
    called = ask_chat(messages, stream)
    (call,) = called.choices[0].message.tool_calls
    check_call(call.function.name, call.function.arguments)
    messages.append(called.choices[0].message.to_dict())
    messages.append({"role": "tool", "tool_call_id": call.id, "content": WORD})
    said = ask_chat(messages, stream)
    assert WORD in said.choices[0].message.content, said
    assert said.usage.prompt_tokens and said.usage.completion_tokens, said


def ask_responses(items: list[Any], stream: bool) -> Any:
    """Asks over Responses and gives the answer."""
    asked: dict[str, Any] = {
        "model": NAME,
        "input": items,
        "tools": [{"type": "function", "strict": False, **LOOK}],
        "store": False,
    }
    if not stream:
        return CLIENT.responses.create(**asked)
    with CLIENT.responses.stream(**asked) as events:
        for _ in events:
            pass
        return events.get_final_response()


def run_responses(stream: bool) -> None:
    """Does the task over Responses."""
    items: list[Any] = [QUESTION]
    called = ask_responses(items, stream)
    (call,) = [item for item in called.output if item.type == "function_call"]
    check_call(call.name, call.arguments)
    items += [item.to_dict() for item in called.output]
    items.append({"type": "function_call_output", "call_id": call.call_id, "output": WORD})
    said = ask_responses(items, stream)
    assert WORD in said.output_text, said
    assert said.usage.input_tokens and said.usage.output_tokens, said


print("version", openai.__version__)
RUN = {"openai-chat": run_chat, "openai-responses": run_responses}
for streamed in (False, True):
    RUN[os.environ["TIERGATE_DIALECT"]](streamed)
