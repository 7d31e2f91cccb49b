"""Ask an exported Breeze questions about pictures it never saw; print a Markdown table of accuracy per kind.

    python evaluate.py [--model ../../assets/breeze] [--count 200] [--errors 3] [--seed unseen]

The pictures come from seeds that no training run uses ("unseen-..."); answers are greedy and count when they
equal the expected one after lower-casing and collapsing blanks; calls when name and arguments are equal.
"""
import argparse
import json
import multiprocessing as mp
import random
import time
from collections import defaultdict
from pathlib import Path

import torch

import chats
import data
import reference
import toolchats
from vocabulary import ARGS, CALLS, FOLDER, decode

LABELS = ["colour", "shape", "count", "yes or no", "position", "relation", "describe", "word", "number", "bars", "follow-up", "several pictures",
          "cannot tell", "call from the picture", "call from the question", "parallel calls", "call from the history", "no call", "tool result", "talk"]


def normal(text):
    return " ".join(text.lower().split())


def readable(ids):
    """Text of an answer; calls become name + arguments."""
    if CALLS not in ids:
        return normal(decode(ids))
    out, part = [normal(decode(ids[:ids.index(CALLS)]))], ids[ids.index(CALLS):]
    while part:
        end = next((i for i in range(1, len(part)) if part[i] == CALLS), len(part))
        call, part = part[1:end], part[end:]
        if ARGS not in call:
            out.append("broken call " + decode(call))
            continue
        at = call.index(ARGS)
        try:
            args = json.dumps(json.loads(decode(call[at + 1:])))
        except ValueError:
            args = "broken " + decode(call[at + 1:])
        out.append(decode(call[:at]) + args)
    return " | ".join(o for o in out if o)


def cases(seed, count):
    """Pairs of (kind, prompt ids, scenes, wanted ids), at least `count` per kind."""
    rng = random.Random(f"unseen-{seed}")
    have = defaultdict(int)
    mix = {"own_prompt": .2, "card_prompt": .01, "talks": {"picture": 50, "several": 14, "tools": 34, "talk": 2},
           "tools": {"plain": 40, "picture": 30, "none": 16, "card": 14}, "kinds": {"shapes": 55, "word": 22, "number": 10, "bars": 12, "nothing": 1}}
    while any(have[k] < count for k in LABELS):
        make = None
        if have["parallel calls"] < count and rng.random() < .3:
            make = toolchats.plain_call
        messages, tools = make(rng, mix) if make else chats.conversation(rng, mix)
        ids, spans, scenes = chats.encode_chat(messages, tools)
        for start, end, kind in spans:
            if have[kind] < count:
                have[kind] += 1
                shown = sum(1 for t in ids[:start] if t in (chats.IMG_END,))
                yield kind, ids[:start], scenes[:shown], ids[start:end - 1]


def describe_error(prompt, scenes, got, want):
    asked = decode(prompt[max(i for i, t in enumerate(prompt) if t == chats.INST):])[-160:]
    facts = [s.groups or s.text or [(b["colour"], b["label"], round(b["value"], 2), b["number"]) for b in s.bars] for s in scenes]
    where = f"{facts} [{scenes[0].cols}x{scenes[0].rows}] " if scenes else ""
    return f"{where}{asked!r}: {readable(got)!r}, not {readable(want)!r}"


def work(args, part, queue):
    """Every args.processes-th case, its results one by one into the queue; None at the end."""
    torch.set_num_threads(1)
    model = reference.from_checkpoint(args.checkpoint, args.last) if args.checkpoint else reference.load(args.model)
    for i, (kind, prompt, scenes, want) in enumerate(cases(args.seed, args.count)):
        if i % args.processes != part:
            continue
        got = model.generate(prompt, [reference.pixels(s.pixels) for s in scenes], max_tokens=len(want) + 24)
        good = readable(got) == readable(want)
        queue.put((kind, good, None if good else describe_error(prompt, scenes, got, want)))
    queue.put(None)


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--model", default=str(FOLDER))
    ap.add_argument("--checkpoint", help="a training run's last.pt instead of an exported model")
    ap.add_argument("--last", action="store_true", help="with --checkpoint: the last weights, not their running mean")
    ap.add_argument("--count", type=int, default=200)
    ap.add_argument("--errors", type=int, default=0, help="show so many wrong answers per kind")
    ap.add_argument("--seed", default="1")
    ap.add_argument("--processes", type=int, default=2)
    args = ap.parse_args()
    queue = mp.Queue()
    start = time.time()
    for part in range(args.processes):
        mp.Process(target=work, args=(args, part, queue), daemon=True).start()
    right, total, wrong, running = defaultdict(int), defaultdict(int), defaultdict(list), args.processes
    while running:
        got = queue.get()
        if got is None:
            running -= 1
            continue
        kind, good, error = got
        total[kind] += 1
        right[kind] += good
        if error and len(wrong[kind]) < args.errors:
            wrong[kind].append(error)
    print("| kind | questions | right | % |\n|---|---:|---:|---:|")
    for kind in LABELS:
        print(f"| {kind} | {total[kind]} | {right[kind]} | {100 * right[kind] / max(1, total[kind]):.1f} |")
    n, r = sum(total.values()), sum(right.values())
    print(f"| **all** | {n} | {r} | **{100 * r / n:.1f}** |")
    print(f"\nSeeds `unseen-{args.seed}`, greedy decoding, {time.time() - start:.0f} s.")
    for kind in LABELS:
        for line in wrong[kind]:
            print(f"- {kind}: {line}")


if __name__ == "__main__":
    main()
