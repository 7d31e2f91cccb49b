"""Writes the section "Beside llama.cpp" of docs/benchmarks.md for one type: python3 tools/bench/peer.py TYPE RUNS

RUNS holds a JSON object a line, those of `sirocco bench --json` and of peer.mjs in turn.
"""
import datetime
import json
import os
import re
import statistics
import sys
from pathlib import Path

PAGE = Path(__file__).resolve().parents[2] / "docs" / "benchmarks.md"


def figures(run):
    """One run as {what: (figure, processor seconds)}: tokens a second, and seconds to load or from a picture to the first word."""
    if "picture" in run:
        return {("picture", None): tuple(statistics.median(p[key] for p in run["picture"]) for key in ("clock", "cpu"))}
    if run.get("engine") == "llama.cpp":
        found = {("load", None): (run["load"]["clock"], run["load"]["cpu"])}
        for name in ("prefill", "decode"):
            found.update({(name, int(n)): (v["tokens"] / v["clock"], v["cpu"]) for n, v in run[name].items()})
        return found
    found = {}
    for m in run["measurements"]:
        if m["name"] == "image":  # then a prompt as long as it and a question was read, too
            read = next(p for p in run["measurements"] if p["name"] == "prefill")
            return {("picture", None): (m["median"] + read["prompt"] / read["median"], m.get("cpu_s", 0) + read.get("cpu_s", 0))}
        figure = m["median"], m.get("cpu_s", 0)
        if m["name"] == "load":
            found["load", None] = figure
        elif m["name"] == "prefill" and m["depth"] == 0:
            found["prefill", m["prompt"]] = figure
        elif m["name"] == "decode":
            found["decode", m["depth"]] = figure
    return found


def median(runs, what, which):
    return statistics.median(figures(r)[what][which] for r in runs if what in figures(r))


def section(kind, runs):
    theirs = [r for r in runs if r.get("engine") == "llama.cpp"]
    first = next(r for r in theirs if "picture" not in r)
    ours = [r for r in runs if "measurements" in r]
    rounds = sum(("load", None) in figures(r) for r in ours)
    head = f"### {kind}"
    lines = [head, "", f"`make bench-peer` on {datetime.date.today()}: {rounds} round(s) in turn, {os.cpu_count()} processors under a load of {os.getloadavg()[2]:.0f}. Sirocco on",
             f"{ours[0]['device']['name']}; llama.cpp {first['release']} on {', '.join(first['devices'])}, {first['layers_on_device']} layers there. Medians; a ratio above 1 is",
             "in our favour. The last ratio is of the processors' seconds for the same work, which other programs disturb less.", "",
             "| | Sirocco | llama.cpp | ratio | by processor time |", "|---|---:|---:|---:|---:|"]
    names = {"prefill": "prefill of {}", "decode": "decode at depth {}", "load": "load", "picture": "picture to first word"}
    for what in dict.fromkeys(what for run in theirs for what in figures(run)):
        a, b = (median(runs, what, 0) for runs in (ours, theirs))
        unit, ratio = ("s", b / a) if what[0] in ("load", "picture") else ("tokens/s", a / b)
        cpu = median(ours, what, 1)
        by_cpu = f"{median(theirs, what, 1) / cpu:.1f}" if cpu else ""
        lines.append(f"| {names[what[0]].format(what[1])} | {a:.2f} {unit} | {b:.2f} {unit} | {ratio:.1f} | {by_cpu} |")
    return head, "\n".join(lines) + "\n"


kind, path = sys.argv[1:]
head, text = section(kind, [json.loads(line) for line in open(path)])
page = PAGE.read_text()
title = "## Beside llama.cpp"
if title not in page:
    page = page.rstrip() + f"\n\n{title}\n\nThe same GGUF file (random weights, 8 layers × 1024, feed-forward 6656) on the same Vulkan device, in one run.\n"
page = re.sub(rf"\n{re.escape(head)}\n.*?(?=\n##|\Z)", "", page, flags=re.S)
before, after = page.split(title, 1)
own, *rest = re.split(r"(?=\n## )", after, maxsplit=1)
PAGE.write_text(before + title + own.rstrip() + "\n\n" + text + "".join(rest))
print(text)
