"""Tools: the calls arrive whole, streamed and not, and a conversation goes on after them."""

from typing import Any

from google.genai import types

import gateway
import googlesdk as google

# The model `caller` calls the first tool twice with the last user text.
SAID = 'Wie heißt "東京" in\nWorten? 🗼 \\ 12345678901234567890'
SCHEMA = {"type": "object", "properties": {"text": {"type": "string"}}, "required": ["text"]}
WEATHER = types.FunctionDeclaration(
    name="find_weather", description="Tells the weather.", parameters_json_schema=SCHEMA
)
CONFIG = types.GenerateContentConfig(
    tools=[types.Tool(function_declarations=[WEATHER])],
    tool_config=types.ToolConfig(
        function_calling_config=types.FunctionCallingConfig(mode=types.FunctionCallingConfigMode.ANY)
    ),
    max_output_tokens=gateway.MAX_TOKENS,
)


def check_calls(calls: list[types.FunctionCall]) -> None:
    ids = {call.id for call in calls}
    assert len(calls) == 2 and len(ids) == 2 and all(ids), calls
    for call in calls:
        assert call.name == "find_weather", calls
        assert call.args == {"text": SAID}, calls


def calls_of(content: types.Content | None) -> list[types.FunctionCall]:
    parts = content.parts or [] if content else []
    return [part.function_call for part in parts if part.function_call]


def main() -> None:
    client = google.client()
    question = types.Content(role="user", parts=[types.Part(text=SAID)])
    asked: dict[str, Any] = {"model": "caller", "contents": [question], "config": CONFIG}
    reply = client.models.generate_content(**asked)
    assert reply.candidates, reply
    content = reply.candidates[0].content
    check_calls(calls_of(content))
    streamed: list[types.FunctionCall] = []
    for chunk in client.models.generate_content_stream(**asked):
        for candidate in chunk.candidates or []:
            streamed += calls_of(candidate.content)
    check_calls(streamed)
    # The model's turn goes back as it came, with an answer to each call.
    answers = [
        types.Part(
            function_response=types.FunctionResponse(
                id=call.id, name=call.name, response={"output": f"sun {at}"}
            )
        )
        for at, call in enumerate(calls_of(content))
    ]
    assert content is not None
    turns = [question, content, types.Content(role="user", parts=answers)]
    google.check_usage_is_there(
        client.models.generate_content(model=gateway.TIER, contents=turns, config=CONFIG)
    )


main()
