"""LangChain's chat models of both SDKs under its standard tests, with all that each can do."""

import os
from types import SimpleNamespace
from typing import Any

import pytest
from langchain_core.language_models import BaseChatModel
from langchain_tests.integration_tests import ChatModelIntegrationTests, chat_models

import media

URL = os.environ["TIERGATE_URL"]
KEY = os.environ["TIERGATE_KEY"]
NAME = os.environ["TIERGATE_MODEL"]
DIALECT = os.environ["TIERGATE_DIALECT"]
IS_MESSAGES = DIALECT == "anthropic-messages"
IS_RESPONSES = DIALECT == "openai-responses"

if IS_MESSAGES:
    from langchain_anthropic import ChatAnthropic as Model

    OPTIONS: dict[str, Any] = {"base_url": URL, "max_tokens": 500}
else:
    from langchain_openai import ChatOpenAI as Model

    OPTIONS = {"base_url": f"{URL}/v1", "stream_usage": True, "use_responses_api": IS_RESPONSES}


@pytest.fixture(autouse=True)
def files(monkeypatch: pytest.MonkeyPatch) -> None:
    """Serves the picture, document and sound that the tests would fetch from elsewhere."""
    monkeypatch.setattr(chat_models, "httpx", SimpleNamespace(get=media.get))


class TestOverGateway(ChatModelIntegrationTests):
    """Runs them against the gateway."""

    @property
    def chat_model_class(self) -> type[BaseChatModel]:
        """Names the class."""
        return Model

    @property
    def chat_model_params(self) -> dict[str, Any]:
        """Points it at the gateway."""
        return {"model": NAME, "api_key": KEY, "max_retries": 0, **OPTIONS}

    @property
    def model_override_value(self) -> str:
        """Names another model that the key may ask for."""
        is_chat = NAME == "task-openai-chat"
        return "task-anthropic-messages" if is_chat else "task-openai-chat"

    @property
    def supports_json_mode(self) -> bool:
        """Says that OpenAI's APIs have a mode for it."""
        return not IS_MESSAGES

    @property
    def supports_image_inputs(self) -> bool:
        """Says that pictures can be sent."""
        return True

    @property
    def supports_image_urls(self) -> bool:
        """Says that a picture's address can be sent."""
        return True

    @property
    def supports_pdf_inputs(self) -> bool:
        """Says that documents can be sent."""
        return True

    @property
    def supports_audio_inputs(self) -> bool:
        """Says that Chat Completions takes sounds."""
        return DIALECT == "openai-chat"

    @property
    def supports_image_tool_message(self) -> bool:
        """Says where a tool may answer with a picture."""
        return IS_MESSAGES or IS_RESPONSES

    @property
    def supports_pdf_tool_message(self) -> bool:
        """Says where a tool may answer with a document."""
        return IS_MESSAGES or IS_RESPONSES

    @property
    def supports_anthropic_inputs(self) -> bool:
        """Says that content in Anthropic's spelling can be sent."""
        return True
