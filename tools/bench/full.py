"""Writes the section "Full size" of docs/benchmarks.md: python3 tools/bench/full.py REPORT PEAK_KB COMMAND"""
import datetime
import json
import os
import re
import sys
from pathlib import Path

PAGE = Path(__file__).resolve().parents[2] / "docs" / "benchmarks.md"
report = json.load(open(sys.argv[1]))
peak, planned = int(sys.argv[2]) * 1024, report["memory"]["planned_bytes"]
image = re.search(r"--image (\S+)", sys.argv[3])[1]
lines = [f"## Full size: {report['model']['name']}, picture of {image}", "",
         f"`tools/bench/full.sh` on {datetime.date.today()}, {report['device']['name']}, {os.cpu_count()} processors under a load of {os.getloadavg()[2]:.0f}:", "",
         f"    {sys.argv[3]}", "",
         f"{report['model']['parameters']:,} parameters. Planned {planned / 1e9:.2f} GB; allocated at most {report['memory']['allocated_bytes'] / 1e9:.2f} GB; the process's own",
         f"memory (RssAnon) was at most {peak / 1e9:.2f} GB, {100 * (peak / planned - 1):+.1f} % from the plan, which counts a picture of the largest size.", "",
         "| | figure | processor seconds |", "|---|---:|---:|"]
for m in report["measurements"]:
    what = {"prefill": f"prefill of {m.get('prompt')}", "decode": f"decode of {m.get('generate')}",
            "image": f"picture of {m.get('width')} × {m.get('height')}", "load": "load"}[m["name"]]
    lines.append(f"| {what} | {m['median']:.2f} {m['unit']} | {m.get('cpu_s', 0):.0f} |" if m.get("cpu_s") else f"| {what} | {m['median']:.2f} {m['unit']} | |")
text = "\n".join(lines) + "\n"
page = re.sub(rf"\n{re.escape(lines[0])}\n.*?(?=\n## |\Z)", "", PAGE.read_text(), flags=re.S)
PAGE.write_text(page.rstrip() + "\n\n" + text)
print(text)
