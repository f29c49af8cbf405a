"""The LiteLLM SDK calls a tool and says what it said, streamed and not, over three APIs."""

import json
import os
from importlib.metadata import version
from typing import Any

# What models cost stands in the package as well; it is not fetched.
os.environ["LITELLM_LOCAL_MODEL_COST_MAP"] = "True"

import litellm

WORD = os.environ["TIERGATE_WORD"]
URL = os.environ["TIERGATE_URL"]
DIALECT = os.environ["TIERGATE_DIALECT"]
VENDOR = "anthropic" if DIALECT == "anthropic-messages" else "openai"
LOOK = {
    "name": "look",
    "description": "Reads the note of a city.",
    "parameters": {
        "type": "object",
        "properties": {"city": {"type": "string"}, "days": {"type": "integer"}},
        "required": ["city", "days"],
    },
}
QUESTION = {"role": "user", "content": "What is it?"}
ASKED: dict[str, Any] = {
    "model": f"{VENDOR}/{os.environ['TIERGATE_MODEL']}",
    "api_base": URL if VENDOR == "anthropic" else f"{URL}/v1",
    "api_key": os.environ["TIERGATE_KEY"],
    "num_retries": 0,
}


def check_call(name: str, arguments: str) -> None:
    """Judges the call of the tool."""
    assert name == "look" and json.loads(arguments) == {"city": "Paris", "days": 7}, arguments


def ask(messages: list[Any], stream: bool) -> Any:
    """Asks in messages and gives the message."""
    asked = {**ASKED, "max_tokens": 200, "tools": [{"type": "function", "function": LOOK}]}
    if not stream:
        return litellm.completion(messages=messages, **asked).choices[0].message
    chunks = list(litellm.completion(messages=messages, stream=True, **asked))
    return litellm.stream_chunk_builder(chunks, messages=messages).choices[0].message


def run(stream: bool) -> None:
    """Does the task in messages."""
    messages: list[Any] = [QUESTION]
    called = ask(messages, stream)
    (call,) = called.tool_calls
    check_call(call.function.name, call.function.arguments)
    messages.append(called.model_dump(exclude_none=True))
    messages.append({"role": "tool", "tool_call_id": call.id, "content": WORD})
    answer = ask(messages, stream)
    assert WORD in answer.content, answer


def ask_responses(items: list[Any], stream: bool) -> Any:
    """Asks in items and gives the response."""
    tools = [{"type": "function", "strict": False, **LOOK}]
    reply = litellm.responses(input=items, tools=tools, stream=stream, store=False, **ASKED)
    if not stream:
        return reply
    (last,) = [event for event in reply if event.type == "response.completed"]
    return last.response


def run_responses(stream: bool) -> None:
    """Does the task in items."""
    items: list[Any] = [QUESTION]
    called = ask_responses(items, stream)
    (call,) = [item for item in called.output if item.type == "function_call"]
    check_call(call.name, call.arguments)
    items += [item.model_dump(exclude_none=True) for item in called.output]
    items.append({"type": "function_call_output", "call_id": call.call_id, "output": WORD})
    said = ask_responses(items, stream)
    texts = [part.text for item in said.output for part in item.content]
    assert WORD in "".join(texts), said


print("version", version("litellm"))
for streamed in (False, True):
    (run_responses if DIALECT == "openai-responses" else run)(streamed)
