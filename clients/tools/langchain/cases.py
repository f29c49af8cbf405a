"""The chat models under LangChain's standard tests."""

import os
from typing import Any

from langchain_core.language_models import BaseChatModel
from langchain_tests.integration_tests import ChatModelIntegrationTests

URL = os.environ["TIERGATE_URL"]
KEY = os.environ["TIERGATE_KEY"]
NAME = os.environ["TIERGATE_MODEL"]

if os.environ["TIERGATE_DIALECT"] == "anthropic-messages":
    from langchain_anthropic import ChatAnthropic as Model

    OPTIONS: dict[str, Any] = {"base_url": URL, "max_tokens": 500}
else:
    from langchain_openai import ChatOpenAI as Model

    OPTIONS = {"base_url": f"{URL}/v1", "stream_usage": True}


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
