"""Sorts samples of a process by the kind of instruction: python3 tools/bench/profile.py PID SAMPLES NAME

SAMPLES holds an address a line, as perf script -F ip prints. Code that lies in no file is the driver's; docs/benchmarks.md gets the shares.
"""
import collections
import datetime
import re
import subprocess
import sys
import tempfile
from pathlib import Path

PAGE = Path(__file__).resolve().parents[2] / "docs" / "benchmarks.md"
HEAD = "### Where the time of a prompt goes"
KINDS = [  # the first that fits
    ("products and sums", r"v(mul|add|fmadd\w*|fnmadd\w*)[ps]s\b"),
    ("gathering activations and weights lane by lane", r"v(pinsr|pextr|movd\b|movq\b|insert|extract|pbroadcast|broadcast|perm|shuf|punpck|unpck|movss|blend|pblend)"),
    ("registers kept on the stack", r"vmov\w* .*\[r[sb]p"),
    ("bounds of storage, loops and addresses", r"(j\w+|cmp\w*|test\w*|set\w*|mov\w*|add|sub|and|or|shl|sar|shr|lea|imul|inc|dec|bt|vpcmp\w*|k\w+) "),
    ("taking weights out of their words", r"v(pand|por|psrl|psll|psra|psub|padd|pternlog|subps|cvt|pmul|pxor|xorps|andps|orps)"),
    ("other moves", r"vmov"),
]


def samples(path):
    count = collections.Counter()
    for line in open(path):
        if line.strip():
            count[int(line, 16)] += 1
    return count


def driver_code(pid):
    """The executable mappings that belong to no file, as (start, bytes)."""
    with open(f"/proc/{pid}/mem", "rb") as memory:
        for line in open(f"/proc/{pid}/maps"):
            fields = line.split()
            if "x" in fields[1] and len(fields) == 5:
                start, end = (int(x, 16) for x in fields[0].split("-"))
                memory.seek(start)
                yield start, memory.read(end - start)


def instructions(start, code):
    with tempfile.NamedTemporaryFile() as file:
        file.write(code)
        file.flush()
        listing = subprocess.run(["objdump", "-D", "-b", "binary", "-m", "i386:x86-64", "-M", "intel", f"--adjust-vma={start}", file.name], capture_output=True, text=True)
    for line in listing.stdout.splitlines():
        if m := re.match(r"\s*([0-9a-f]+):\t[0-9a-f ]+\t(.*)", line):
            yield int(m[1], 16), m[2]


pid, path, name = sys.argv[1:]
taken, kinds = samples(path), collections.Counter()
for start, code in driver_code(pid):
    if any(start <= at < start + len(code) for at in taken):
        for at, text in instructions(start, code):
            if at in taken:
                kinds[next((kind for kind, pattern in KINDS if re.match(pattern, text + " ")), "other")] += taken[at]
total, ours = sum(taken.values()), sum(kinds.values())
lines = [HEAD, "", f"`tools/bench/profile.sh {name}` on {datetime.date.today()}: {total:,} samples while prompts of 128 tokens were read, {100 * ours / total:.0f} % of them",
         "in the code that the driver made of our kernels. Of these:", "", "| | share |", "|---|---:|"]
lines += [f"| {kind} | {100 * n / ours:.0f} % |" for kind, n in kinds.most_common()]
lines += ["", "The driver makes a product and a sum of what could be one instruction, reads storage lane by lane behind a comparison for each word, and uniforms lane",
          "by lane without; if products and sums were all there is, the device would be at the limit that `bench` prints. llama.cpp's kernels meet the same driver."]
text = "\n".join(lines) + "\n"
page = re.sub(rf"\n{HEAD}\n.*?(?=\n##|\Z)", "", PAGE.read_text(), flags=re.S)
title = "## Beside llama.cpp"
before, after = page.split(title, 1)
own, *rest = re.split(r"(?=\n## )", after, maxsplit=1)
PAGE.write_text(before + title + own.rstrip() + "\n\n" + text + "".join(rest))
print(text)
