"""Tells the options of engines from their packages' sources, read as syntax: nothing is run.

    python3 options.py FOLDER_OF_WHEELS

Writes {"vllm": {"--option": {"takes_value": bool | null, "choices": [...] | null}}, ...}: null
where the source does not say it in place. Also tells under "versions" which packages were read.
"""

import ast
import json
import sys
import zipfile
from pathlib import Path


def constant(node):
    return node.value if isinstance(node, ast.Constant) else None


def listed(node):
    if not isinstance(node, (ast.List, ast.Tuple)):
        return None
    values = [constant(one) for one in node.elts]
    return None if None in values else values


def kebab(name):
    return "--" + name.replace("_", "-")


def keywords(call):
    return {one.arg: one.value for one in call.keywords if one.arg}


def of_calls(tree, found):
    """Takes `add_argument("--x", …)` and Dynamo's `add_argument(group, flag_name="--x", …)`."""
    for call in ast.walk(tree):
        if not isinstance(call, ast.Call):
            continue
        name = getattr(call.func, "attr", getattr(call.func, "id", ""))
        if name not in ("add_argument", "add_negatable_bool_argument"):
            continue
        given = keywords(call)
        names = [constant(one) for one in call.args]
        names.append(constant(given.get("flag_name")) if "flag_name" in given else None)
        action = constant(given["action"]) if "action" in given else None
        takes = None
        if name == "add_negatable_bool_argument" or action in ("store_true", "store_false"):
            takes = False
        elif "type" in given or "choices" in given:
            takes = True
        choices = listed(given["choices"]) if "choices" in given else None
        for option in names:
            if isinstance(option, str) and option.startswith("--"):
                found[option] = {"takes_value": takes, "choices": choices}


def of_fields(tree, found, classes=None):
    """Takes fields of classes: `x: A[int, Arg(…)]` of SGLang, or plain ones of vLLM's frontend."""
    for made in ast.walk(tree):
        if not isinstance(made, ast.ClassDef) or (classes and made.name not in classes):
            continue
        for field in made.body:
            if not isinstance(field, ast.AnnAssign) or not isinstance(field.target, ast.Name):
                continue
            kind, name, names, choices = field.annotation, field.target.id, [], None
            is_annotated = (
                isinstance(kind, ast.Subscript) and getattr(kind.value, "id", "") == "A"
            )
            if not is_annotated and not classes:
                continue
            if is_annotated:
                parts = kind.slice.elts if isinstance(kind.slice, ast.Tuple) else [kind.slice]
                given = keywords(parts[-1]) if isinstance(parts[-1], ast.Call) else {}
                if constant(given.get("no_cli", ast.Constant(False))):
                    continue
                own = constant(given["cli_name"]) if "cli_name" in given else None
                names = [own or kebab(name)]
                names += listed(given["aliases"]) or [] if "aliases" in given else []
                choices = listed(given["choices"]) if "choices" in given else None
                kind = parts[0]
            else:
                names = [kebab(name)]
            takes = not (isinstance(kind, ast.Name) and kind.id == "bool")
            for option in names:
                found[option] = {"takes_value": takes, "choices": choices}


def main(folder):
    told = {"versions": {}, "vllm": {}, "sglang": {}, "dynamo.frontend": {}, "dynamo.vllm": {},
            "dynamo.sglang": {}}
    for wheel in sorted(Path(folder).glob("*.whl")):
        package, version = wheel.name.split("-")[:2]
        told["versions"][package.replace("_", "-")] = version
        with zipfile.ZipFile(wheel) as files:
            names = [name for name in files.namelist() if name.endswith(".py")]
            tree = lambda name: ast.parse(files.read(name))
            if package == "vllm":
                for name in ("vllm/engine/arg_utils.py", "vllm/entrypoints/common/cli_args.py"):
                    of_calls(tree(name), told["vllm"])
                frontend = tree("vllm/entrypoints/common/cli_args.py")
                of_fields(frontend, told["vllm"], {"FrontendArgs", "BaseFrontendArgs"})
            elif package == "sglang":
                of_calls(tree("sglang/srt/server_args.py"), told["sglang"])
                for name in names:
                    if name.startswith("sglang/srt/arg_groups/fields/"):
                        of_fields(tree(name), told["sglang"])
            elif package == "ai_dynamo":
                groups = [name for name in names
                          if name.startswith("dynamo/common/configuration/groups/")]
                of_calls(tree("dynamo/frontend/frontend_args.py"), told["dynamo.frontend"])
                for engine in ("vllm", "sglang"):
                    of_calls(tree(f"dynamo/{engine}/backend_args.py"), told[f"dynamo.{engine}"])
                for name in groups:
                    for part in ("frontend", "vllm", "sglang"):
                        of_calls(tree(name), told[f"dynamo.{part}"])
    # Dynamo's workers take their engine's own options, too.
    told["dynamo.vllm"] = {**told["vllm"], **told["dynamo.vllm"]}
    told["dynamo.sglang"] = {**told["sglang"], **told["dynamo.sglang"]}
    json.dump(told, sys.stdout)


main(sys.argv[1])
