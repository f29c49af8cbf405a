"""Asks AIConfigurator for rows of its own silicon sample, one after the other.

    estimate.py IDS ANSWERS

IDS is a file with one id a line; the rows are taken from the table that the package brings along.
Each answer, or why there is none, is one line of JSON at the end of ANSWERS, so that a run that was
cut short goes on where it ended. The database mode and everything that a row does not state are the
package's own defaults. It must not look at what a row measured.
"""

import contextlib
import csv
import json
import os
import sys
import time
from pathlib import Path

# A configuration that the package does not bring along counts as no answer, whoever runs this.
os.environ.setdefault("HF_HUB_OFFLINE", "1")

LAYOUT = ("tp_size", "pp_size", "attention_dp_size", "moe_tp_size", "moe_ep_size")
# Rows that are ordered among themselves.
BLOCK = 30
# Names of the table whose configuration the package holds under another one.
SAME = {
    "meta-llama/Llama-3.1-70B": "meta-llama/Meta-Llama-3.1-70B",
    "meta-llama/Llama-3.1-8B-Instruct": "meta-llama/Meta-Llama-3.1-8B",
    "nvidia/Llama-3.1-8B-Instruct-FP8": "meta-llama/Meta-Llama-3.1-8B",
    "nvidia/DeepSeek-R1-NVFP4": "deepseek-ai/DeepSeek-R1",
    "nvidia/Qwen3-32B-NVFP4": "Qwen/Qwen3-32B",
}


def asked(row):
    """Turns a row into what the estimator is called with."""
    call = {
        "model_path": SAME.get(row["model_path"], row["model_path"]),
        "system_name": row["system"],
        "mode": row["mode"],
        "backend_name": row["backend"],
        "isl": int(row["isl"]),
        "osl": int(row["osl"]),
    }
    for name in ("backend_version", "gemm_quant_mode", "moe_quant_mode"):
        if row[name]:
            call[name] = row[name]
    pools = ("",) if row["mode"] == "agg" else ("prefill_", "decode_")
    for pool in pools:
        own = ("batch_size",) if pool == "" else ("batch_size", "num_workers")
        for name in (*LAYOUT, *own):
            if row[pool + name]:
                call[pool + name] = int(row[pool + name])
    return call


def answer(estimate, row):
    """Asks once, and once more with the package's own version where it has no such one."""
    call = asked(row)
    try:
        found = estimate(**call)
    except ValueError as fault:
        has_none = any(said in str(fault) for said in ("perf database", "version query"))
        if "backend_version" not in call or not has_none:
            raise
        del call["backend_version"]
        found = estimate(**call)
    return {"ttft_ms": float(found.ttft), "tpot_ms": float(found.tpot)}


def main():
    """Answers what is not answered yet."""
    ids, answers = map(Path, sys.argv[1:])
    import aiconfigurator_core
    from aiconfigurator.cli.api import cli_estimate

    places = {id: place for place, id in enumerate(ids.read_text().split())}
    wanted = set(places)
    if answers.exists():
        wanted -= {json.loads(line)["id"] for line in answers.read_text().splitlines()}
    table = Path(aiconfigurator_core.__file__).parent / "systems" / "silicon_sample.csv"
    with table.open(newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["id"] in wanted]
    # Rows of one database follow each other, since reading one takes most of the time, but only
    # within a block: what is cut short is still a fair sample.
    database = ("system", "backend", "backend_version", "id")
    rows.sort(key=lambda row: (places[row["id"]] // BLOCK, *(row[name] for name in database)))
    for at, row in enumerate(rows):
        start = time.monotonic()
        try:
            with contextlib.redirect_stdout(sys.stderr):
                found = answer(cli_estimate, row)
        except Exception as fault:  # Whatever it raises, the row has no answer.
            found = {"fault": f"{type(fault).__name__}: {fault}"[:300]}
        found = {"id": row["id"], **found, "seconds": round(time.monotonic() - start, 2)}
        with answers.open("a") as file:
            file.write(json.dumps(found) + "\n")
        print(f"{at + 1} of {len(rows)} asked", flush=True)


if __name__ == "__main__":
    main()
