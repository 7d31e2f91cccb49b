"""Writes app/cli/testdata/chats.jsonl.gz: chat requests and what mistral-common makes of them.

    python tools/goldens/chats.py

A line is {"version", "line": the request as text, "ids", "images": [[width, height]…]}, or, for a request
that is refused, {"version", "line", "error"}. Versions v7, v11 and v13 use the vocabulary of
assets/tekken/tekken-v11.json.zst. Needs the command `zstd`.
"""
import gzip
import json
import random

from chats_invalid import refused
from chats_parts import dumps
from chats_random import random_chat
from chats_reference import ROOT, VERSIONS, answer, reference
from chats_valid import written

TARGET = ROOT / "app" / "cli" / "testdata" / "chats.jsonl.gz"
RANDOM = {"v11": 150, "v7": 40, "v13": 40}
BAD_LINES = ["", "{", "null", "[]", "5", '"text"', "{}", '{"text": 5}', '{"text": null}', '{"messages": [{"role": "user", "content": "a"}]} trailing']


def goldens(version):
    judge = reference(version)
    for request in written():
        golden = answer(judge, dumps(request))
        if version == "v11" and "error" in golden:
            raise SystemExit(f"the reference refuses {dumps(request)[:300]}: {golden}")
        yield dumps(request), golden
    for request in refused(version):
        golden = answer(judge, dumps(request))
        if "error" not in golden:
            raise SystemExit(f"the reference takes {dumps(request)[:300]}")
        yield dumps(request), golden
    rng = random.Random(11)
    for _ in range(RANDOM[version]):
        line = dumps(random_chat(rng))
        yield line, answer(judge, line)
    for line in BAD_LINES:
        yield line, {"error": "not a request"}


def main():
    TARGET.parent.mkdir(parents=True, exist_ok=True)
    lines = []
    for version in VERSIONS:
        answers = list(goldens(version))
        taken = sum("ids" in golden for _, golden in answers)
        print(f"{version}: {taken} taken, {len(answers) - taken} refused")
        lines += [json.dumps({"version": version, "line": line, **golden}, ensure_ascii=True) for line, golden in answers]
    TARGET.write_bytes(gzip.compress("\n".join(lines).encode() + b"\n", 9, mtime=0))
    print(f"{TARGET.relative_to(ROOT)}: {TARGET.stat().st_size} bytes")


if __name__ == "__main__":
    main()
