"""What every script stands on: what is asked, and how an answer is judged.

The test that starts a script sets the SDKs' own variables for base URL and key, so that the
clients are made as any application makes them, and `TIERGATE_UPSTREAM` for who answers.
"""

import faulthandler
import os
import re
import sys
from collections.abc import Mapping

# A script that hangs ends with the stack of every thread instead of with nothing.
faulthandler.dump_traceback_later(150, exit=True)

UPSTREAM = os.environ["TIERGATE_UPSTREAM"]
IS_FAKE = UPSTREAM != "embedded"

TIER = "haiku"
MODEL = "plain"
ALIASES = ("claude-haiku-4-5-20251001", "gpt-4o-mini-2024-07-18")
NAMES = (TIER, MODEL, *ALIASES)

SYSTEM = "Answer in brief."
QUESTION = "What is the capital of France?"
MAX_TOKENS = 40
# The fake provider says its own id and what it heard, a piece a word, and counts words.
SAID = f"fake-plain heard: {QUESTION}"
INPUT_WORDS = len(f"{SYSTEM} {QUESTION}".split())
OUTPUT_PIECES = len(SAID.split())


def check_text(text: str) -> None:
    """Judges a whole answer to `QUESTION`."""
    if IS_FAKE:
        assert text == SAID, text
    else:
        assert "Paris" in text, text


def check_pieces(pieces: list[str]) -> None:
    """Judges a streamed answer to `QUESTION`: it comes piece by piece, and nothing is lost."""
    check_text("".join(pieces))
    assert len(pieces) > 1, pieces
    if IS_FAKE:
        assert len(pieces) == OUTPUT_PIECES, pieces


def check_tokens(input_tokens: int | None, output_tokens: int | None) -> None:
    """Judges the usage of an answer to `QUESTION`."""
    used = (input_tokens, output_tokens)
    if IS_FAKE:
        assert used == (INPUT_WORDS, OUTPUT_PIECES), used
    else:
        assert input_tokens and output_tokens, used
        assert output_tokens <= MAX_TOKENS, used


def check_headers(headers: Mapping[str, str], request_id: str) -> None:
    """Judges what an answer's headers say of its decision."""
    assert re.fullmatch("[0-9a-f]{32}", headers["tiergate-decision"]), dict(headers)
    assert headers["tiergate-tier"] == TIER, dict(headers)
    assert headers["tiergate-model"] == MODEL, dict(headers)
    assert "tiergate-error" not in headers, dict(headers)
    assert headers[request_id], dict(headers)


def meet(word: str) -> None:
    """Says where the script is, and waits until the test has looked."""
    print(word, flush=True)
    assert sys.stdin.readline(), "the test has gone"
