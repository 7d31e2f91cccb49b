"""Compares `sirocco tokens` with mistral-common on random chats.

    python tools/goldens/chats_fuzz.py [--chats 3000] [--seed 1] [--version v11] [--command "go run -tags headless . tokens --tokenizer {}"]

{} in the command stands for the tekken.json of that version. Prints every request on which the two differ.
"""
import argparse
import json
import random
import shlex
import subprocess
import tempfile

from chats_parts import dumps
from chats_random import random_chat
from chats_reference import ROOT, VERSIONS, answer, reference, write_vocabulary


def sirocco(command, version, lines):
    with tempfile.TemporaryDirectory() as folder:
        path = str(write_vocabulary(folder, version))
        words = [path if word == "{}" else word for word in shlex.split(command)]
        out = subprocess.run(words, cwd=ROOT, input="".join(line + "\n" for line in lines).encode(), capture_output=True, check=True).stdout
    return [json.loads(line) for line in out.splitlines()]


def differ(want, got):
    """What is different, or None."""
    if ("error" in want) != ("error" in got):
        return f"reference {want.get('error', 'takes it')!r}, sirocco {got.get('error', 'takes it')!r}"
    if "error" in want:
        return None
    if want["ids"] != got["ids"]:
        return f"ids {want['ids']}\nnot {got['ids']}"
    if want["images"] != [[g["width"], g["height"]] for g in got["images"]]:
        return f"images {want['images']} not {got['images']}"
    edges = [s["start"] for s in got["spans"]] + [len(got["ids"])]
    if edges[0] != 0 or [s["end"] for s in got["spans"]] != edges[1:] or any(s["start"] >= s["end"] for s in got["spans"]):
        return f"spans {got['spans']}"
    return None


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--chats", type=int, default=3000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--version", choices=VERSIONS, default="v11")
    parser.add_argument("--broken", type=float, default=0.2, help="share of chats that are damaged on purpose")
    parser.add_argument("--command", default="go run -tags headless . tokens --tokenizer {}")
    options = parser.parse_args()
    rng = random.Random(options.seed)
    lines = [dumps(random_chat(rng, options.broken)) for _ in range(options.chats)]
    judge = reference(options.version)
    wants = [answer(judge, line) for line in lines]
    gots = sirocco(options.command, options.version, lines)
    assert len(gots) == len(lines), f"{len(gots)} answers to {len(lines)} lines"
    bad = 0
    for line, want, got in zip(lines, wants, gots):
        if problem := differ(want, got):
            bad += 1
            print(f"{line[:2000]}\n  {problem[:2000]}\n")
    taken = sum("ids" in want for want in wants)
    print(f"{options.version}, seed {options.seed}: {len(lines)} chats, {taken} taken and {len(lines) - taken} refused by the reference; {bad} differ")
    raise SystemExit(bad > 0)


if __name__ == "__main__":
    main()
