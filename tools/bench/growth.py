"""Writes the section "Growth" of docs/benchmarks.md: python3 tools/bench/growth.py REPORT"""
import datetime
import json
import os
import re
import sys
from pathlib import Path

PAGE = Path(__file__).resolve().parents[2] / "docs" / "benchmarks.md"
HEAD = "## Growth"
report = json.load(open(sys.argv[1]))


def number(value, unit):
    return f"{value / 1e6:.1f} MB" if unit == "bytes" else f"{value:.3g}"


def table(line):
    terms = " + ".join(f"{c:.2g}{p}" for c, p in zip(line["fit"], ("", "·n", "·n²"))).replace("+ -", "− ")
    text = [f"**{line['name'].capitalize()}** against n {line['size']}: {terms} {line['unit']}, at most {100 * line.get('worst', 0):.0f} % off.", "",
            "| n | " + " | ".join(f"{p['size']:,}" for p in line["points"]) + " |", "|---|" + "---:|" * len(line["points"]),
            f"| {'' if line['unit'] == 'bytes' else 's'} | " + " | ".join(number(p["value"], line["unit"]) for p in line["points"]) + " |"]
    if any(p.get("cpu_s") for p in line["points"]):
        text.append("| processor s | " + " | ".join(number(p["cpu_s"], "s") for p in line["points"]) + " |")
    return "\n".join(text)


def depth(lines):
    points = next(line["points"] for line in lines if line["name"] == "a token")
    key = "cpu_s" if points[0].get("cpu_s") else "value"
    return f"Decoding behind {points[-1]['size']:,} tokens has {points[0][key] / points[-1][key]:.2f} times the speed of depth 0."


text = "\n\n".join([
    HEAD,
    f"`tools/bench/growth.sh` on {datetime.date.today()}, {report['device']['name']}, {os.cpu_count()} processors under a load of {os.getloadavg()[2]:.0f}:\n"
    f"{report['model']['name']} (2 layers × 1024, 8 query and 2 key heads of 128, a tower of one layer), made up. The polynomials are\n"
    "fitted to the processors' seconds where the device is software, since other programs disturb those less than the clock.",
    *map(table, report["lines"]), depth(report["lines"])]) + "\n"
page = re.sub(rf"\n{HEAD}\n.*?(?=\n## |\Z)", "", PAGE.read_text(), flags=re.S)
PAGE.write_text(page.rstrip() + "\n\n" + text)
print(text)
