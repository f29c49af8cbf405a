"""pydantic-ai calls a tool and says what it said, streamed and not."""

import asyncio
import os
from importlib.metadata import version
from typing import Any

from pydantic_ai import Agent

WORD = os.environ["TIERGATE_WORD"]
URL = os.environ["TIERGATE_URL"]
KEY = os.environ["TIERGATE_KEY"]
NAME = os.environ["TIERGATE_MODEL"]


def model() -> Any:
    """Makes the model of the dialect that is asked for."""
    if os.environ["TIERGATE_DIALECT"] == "anthropic-messages":
        from anthropic import AsyncAnthropic
        from pydantic_ai.models.anthropic import AnthropicModel
        from pydantic_ai.providers.anthropic import AnthropicProvider

        client = AsyncAnthropic(base_url=URL, api_key=KEY, max_retries=0)
        return AnthropicModel(NAME, provider=AnthropicProvider(anthropic_client=client))
    from pydantic_ai.models import openai
    from pydantic_ai.providers.openai import OpenAIProvider

    provider = OpenAIProvider(base_url=f"{URL}/v1", api_key=KEY)
    if os.environ["TIERGATE_DIALECT"] == "openai-responses":
        return openai.OpenAIResponsesModel(NAME, provider=provider)
    return openai.OpenAIChatModel(NAME, provider=provider)


agent = Agent(model())
asked: list[tuple[str, int]] = []


@agent.tool_plain
def look(city: str, days: int) -> str:
    """Reads the note of a city."""
    asked.append((city, days))
    return WORD


async def main() -> None:
    """Asks both ways."""
    whole = await agent.run("What is it?")
    assert WORD in whole.output, whole
    assert whole.usage().input_tokens and whole.usage().output_tokens, whole.usage()
    async with agent.run_stream("What is it?") as streamed:
        said = await streamed.get_output()
    assert said == whole.output, said
    assert asked == [("Paris", 7)] * 2, asked


print("version", version("pydantic-ai-slim"))
asyncio.run(main())
