"""LangChain's standard tests of chat models, over the models of both SDKs.

The provider behind the gateway does one task whatever it is asked, so the tests that need a
model with judgement of its own are left out by name, each with what it would need.
"""

import os
import sys
from importlib.metadata import version
from pathlib import Path

import pytest

# A scripted provider answers each of these in a way that no model would.
LEFT_OUT = {
    "structured_output": "needs an object of the wanted form",
    "structured_few_shot": "needs an object of the wanted form",
    "json_mode": "needs an object of the wanted form",
    "tool_choice": "needs a model that chooses among tools",
    "stop_sequence": "needs a model that would go on",
    "agent_loop": "needs a model that reads a weather report",
}

os.environ["TIERGATE_CASES"] = os.environ["TIERGATE_DIALECT"]
print("version", version("langchain-tests"))
cases = Path(__file__).with_name("cases.py")
skipped = " and ".join(f"not {name}" for name in LEFT_OUT)
options = ["-q", "-x", "--no-header", "-p", "no:cacheprovider", "-o", "asyncio_mode=auto"]
sys.exit(pytest.main([str(cases), "-k", skipped, *options]))
