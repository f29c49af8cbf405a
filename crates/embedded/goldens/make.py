"""Makes the goldens of one converted model file with llama.cpp (through llama-cpp-python).

usage: make.py CONVERTED.gguf GOLDEN.json

Every text of texts.txt is read from an empty context; for each position the golden holds the
likeliest next token and the logits of 256 fixed vocabulary entries as half-precision hex.
"""

import json
import pathlib
import re
import sys

import llama_cpp
import numpy as np

COLUMNS = 256


def blocks():
    text = (pathlib.Path(__file__).parent / "texts.txt").read_text(encoding="utf-8")
    # A text ends at an empty line before a line that is not indented and not code.
    parts = re.split(r"\n\n(?!for )", text)
    return [part.rstrip("\n") for part in parts if part.strip()]


def main(model, target):
    llm = llama_cpp.Llama(
        model_path=model, n_ctx=1024, n_batch=64, n_threads=2, logits_all=True, verbose=False
    )
    entries = llm.metadata
    ids = [at * llm.n_vocab() // COLUMNS for at in range(COLUMNS)]
    texts = []
    for text in blocks():
        tokens = llm.tokenize(text.encode("utf-8"), add_bos=False, special=True)
        llm.reset()
        llm.eval(tokens)
        scores = llm.scores[: len(tokens)]
        texts.append({
            "text": text,
            "tokens": [int(token) for token in tokens],
            "top": [int(token) for token in scores.argmax(axis=1)],
            "logits": scores[:, ids].astype("<f2").tobytes().hex(),
        })
    golden = {
        "made_with": "llama-cpp-python " + llama_cpp.__version__,
        "source_sha256": entries["tiergate.source_sha256"],
        "content_sha256": entries["tiergate.content_sha256"],
        "ids": ids,
        "texts": texts,
    }
    pathlib.Path(target).write_text(json.dumps(golden, ensure_ascii=False) + "\n", "utf-8")
    print(sum(len(text["tokens"]) for text in texts), "positions")


if __name__ == "__main__":
    main(*sys.argv[1:])
