"""Writes the section "Loading" of docs/benchmarks.md: python3 tools/bench/load.py SHAPE RUNS"""
import datetime
import json
import os
import re
import statistics
import sys
from pathlib import Path

PAGE = Path(__file__).resolve().parents[2] / "docs" / "benchmarks.md"
runs = [json.loads(line) for line in open(sys.argv[2])]


def load(run):
    return next(m for m in run["measurements"] if m["name"] == "load")


def rate(name, lines):
    rates = [m["bytes"] / m[name] / 1e9 for m in lines if m.get(name)]
    return statistics.median(rates) if rates else None


def share(lines, limit):
    return statistics.median(limit(m) for m in lines)


def cell(x, form):
    return "" if x is None else form.format(x)


device = runs[0]["device"]["name"]
out = ["## Loading", "",
       f"`tools/bench/load.sh` on {datetime.date.today()}: files of the shape {sys.argv[1]} to {device}, {os.cpu_count()} processors under a load of",
       f"{os.getloadavg()[2]:.0f}; medians, GB of the file a second. \"read\": all processors read the mapped file, which the system's memory holds. \"copied\": they copy it to",
       "memory that was never used. \"maxima\": they find the maximum of every 32 values. \"disk\": one reads the file after it was taken out of the",
       "system's memory. The last two columns are seconds of all processors for a GB, which other programs disturb less.", "",
       "| file, packed as | loaded | read | copied | maxima | disk | of the limit | of copying | loading, s/GB | copying, s/GB |",
       "|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|"]
for case in dict.fromkeys(run["case"] for run in runs):
    lines = [load(run) for run in runs if run["case"] == case]
    for m in lines:  # the weights alone, without opening the device
        m["load_s"] = max(m.get("cold_s", 0), m.get("maxima_s", 0)) or m["read_s"]
        m["load_s"] /= m["fraction_of_limit"]
    kind, packed, *cold = case.split()
    name = kind + (f", {packed}" if packed != "none" else "") + (", from the disk" if cold else "")
    out.append("| " + " | ".join([
        name, cell(rate("load_s", lines), "{:.2f}"), cell(rate("read_s", lines), "{:.1f}"), cell(rate("copy_s", lines), "{:.2f}"),
        cell(rate("maxima_s", lines), "{:.1f}"), cell(rate("cold_s", lines), "{:.2f}"),
        f"{100 * share(lines, lambda m: m['fraction_of_limit']):.0f} %",
        "" if packed != "none" else f"{100 * share(lines, lambda m: m['copy_s'] / m['load_s']):.0f} %",
        f"{share(lines, lambda m: m['cpu_s'] / m['bytes'] * 1e9):.2f}", f"{share(lines, lambda m: m['copy_cpu_s'] / m['bytes'] * 1e9):.2f}",
    ]) + " |")
text = "\n".join(out) + "\n"
page = PAGE.read_text()
# What is written by hand below the table stays.
old = re.search(r"\n## Loading\n.*?(?=\n### |\n## |\Z)", page, flags=re.S)
page = page.replace(old[0], "\n" + text) if old else page.rstrip() + "\n\n" + text
PAGE.write_text(page)
print(text)
