"""The LiteLLM SDK calls a tool and says what it said, streamed and not."""

import json
import os
from importlib.metadata import version
from typing import Any

import litellm

PREFIX = {"openai-chat": "openai", "anthropic-messages": "anthropic"}
WORD = os.environ["TIERGATE_WORD"]
URL = os.environ["TIERGATE_URL"]
DIALECT = os.environ["TIERGATE_DIALECT"]

print("version", version("litellm"))
BASE = f"{URL}/v1" if DIALECT == "openai-chat" else URL
ASKED: dict[str, Any] = {
    "model": f"{PREFIX[DIALECT]}/{os.environ['TIERGATE_MODEL']}",
    "api_base": BASE,
    "api_key": os.environ["TIERGATE_KEY"],
    "max_tokens": 200,
    "num_retries": 0,
    "tools": [
        {
            "type": "function",
            "function": {
                "name": "look",
                "description": "Reads the note of a city.",
                "parameters": {
                    "type": "object",
                    "properties": {"city": {"type": "string"}, "days": {"type": "integer"}},
                    "required": ["city", "days"],
                },
            },
        }
    ],
}


def ask(messages: list[Any], stream: bool) -> Any:
    """Asks and gives the message."""
    if not stream:
        return litellm.completion(messages=messages, **ASKED).choices[0].message
    chunks = list(litellm.completion(messages=messages, stream=True, **ASKED))
    return litellm.stream_chunk_builder(chunks, messages=messages).choices[0].message


for stream in (False, True):
    messages: list[Any] = [{"role": "user", "content": "What is it?"}]
    called = ask(messages, stream)
    (call,) = called.tool_calls
    assert call.function.name == "look", call
    assert json.loads(call.function.arguments) == {"city": "Paris", "days": 7}, call
    messages.append(called.model_dump(exclude_none=True))
    messages.append({"role": "tool", "tool_call_id": call.id, "content": WORD})
    answer = ask(messages, stream)
    assert WORD in answer.content, answer
