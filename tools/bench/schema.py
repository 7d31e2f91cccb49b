"""JSON Schema masks: sirocco beside llguidance, over MaskBench, in one run.

    git clone https://github.com/guidance-ai/jsonschemabench        # not committed here: 157 MB
    pip install llguidance numpy tiktoken
    python tools/bench/schema.py --data jsonschemabench/maskbench/data --tokenizer tekken.json [--sample 500] [--seed 1] [--write docs/schema.md]

Both engines get the same files in the same order, the same token ids (made by `sirocco tokens`) and the full vocabulary, on one
thread each. A file counts as passed when its schema compiles, every valid instance is let through to the end and every
invalid one is not. Times are what a processor worked for the thread, so that other work on the machine does not count (where the
system does not tell, the wall's). Prints the table of docs/schema.md, and puts it there with --write.
"""

import argparse
import base64
import json
import pathlib
import random
import subprocess
import time

import llguidance
import llguidance.numpy
import tiktoken

clock = getattr(time, "thread_time", time.perf_counter)


class Sirocco:
    name = "sirocco"

    def __init__(self, binary, tokenizer):
        def serve(*command):
            return subprocess.Popen([binary, *command, "--tokenizer", tokenizer], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

        self.schemas, self.tokens = serve("schema", "--each"), serve("tokens")

    @staticmethod
    def ask(process, line):
        process.stdin.write(line + "\n")
        process.stdin.flush()
        return json.loads(process.stdout.readline())

    def ids(self, text):
        return self.ask(self.tokens, json.dumps({"text": text}))["ids"]

    def compile(self, schema):
        self.schema = json.dumps(schema)
        answer = self.ask(self.schemas, f'{{"schema": {self.schema}, "text": ""}}')
        if not answer["compiled"]:
            raise ValueError(answer["error"])
        return answer["compile_ms"] / 1e3

    def check(self, text, ids):
        answer = self.ask(self.schemas, f'{{"schema": {self.schema}, "text": {json.dumps(text)}}}')
        return answer["accepted"], [us / 1e6 for us in answer.get("mask_us", [])]


class LLGuidance:
    name = llguidance.get_version().split(" ")[0].replace("@", " ")

    def __init__(self, tokenizer):
        data = json.loads(pathlib.Path(tokenizer).read_text())
        specials, size = data["config"]["default_num_special_tokens"], data["config"]["default_vocab_size"]
        tokens = [b"\xff<%d>" % i for i in range(specials)]
        tokens += [base64.b64decode(entry["token_bytes"]) for entry in data["vocab"][: size - specials]]

        ranks = {token: rank for rank, token in enumerate(tokens[specials:])}
        split = tiktoken.Encoding("tekken", pat_str=data["config"]["pattern"], mergeable_ranks=ranks, special_tokens={})

        class Tokens:  # llguidance asks for the usual tokens of text that the schema forces, and allows no others there
            eos_token_id, bos_token_id, special_token_ids = 2, 1, list(range(specials))

            def __call__(self, text):
                return [specials + rank for rank in split.encode_ordinary(text)]

        Tokens.tokens = tokens
        self.tokenizer = llguidance.LLTokenizer(llguidance.TokenizerWrapper(Tokens()))
        self.mask = llguidance.numpy.allocate_token_bitmask(1, self.tokenizer.vocab_size)

    def compile(self, schema):
        grammar = json.dumps({"grammars": [{"json_schema": schema}]})
        start = clock()
        self.first = llguidance.LLMatcher(self.tokenizer, grammar)
        if self.first.is_error():
            raise ValueError(self.first.get_error())
        return clock() - start

    def check(self, text, ids):
        matcher, times = self.first.deep_copy(), []
        for token in ids:
            start = clock()
            llguidance.numpy.fill_next_token_bitmask(matcher, self.mask, 0)
            times.append(clock() - start)
            if not self.mask[0, token // 32] >> (token % 32) & 1 or not matcher.consume_token(token):
                return False, times
        return matcher.is_accepting(), times


class Score:
    def __init__(self):
        self.files = self.passed = self.refused = self.accepted = self.rejected = 0
        self.compiles, self.masks, self.wrong = [], [], []

    def add(self, engine, path, case, texts):
        self.files += 1
        try:
            self.compiles.append(engine.compile(case["schema"]))
        except ValueError:
            self.refused += 1
            return
        good = True
        for test, (text, ids) in zip(case["tests"], texts):
            answer, times = engine.check(text, ids)
            self.masks += times
            if answer != test["valid"]:
                good = False
                self.wrong.append((path.name, test["valid"]))
                self.accepted += answer
                self.rejected += not answer
        self.passed += good


def quantile(times, q):
    return sorted(times)[min(len(times) - 1, int(q * len(times)))] if times else 0.0


ROWS = [
    ("files passed", lambda s: f"{s.passed} of {s.files} ({100 * s.passed / s.files:.1f} %)"),
    ("schemas not compiled", lambda s: str(s.refused)),
    ("instances wrongly accepted", lambda s: str(s.accepted)),
    ("instances wrongly refused", lambda s: str(s.rejected)),
    ("masks computed", lambda s: str(len(s.masks))),
    ("mask, median", lambda s: f"{1e6 * quantile(s.masks, 0.5):.1f} µs"),
    ("mask, mean", lambda s: f"{1e6 * sum(s.masks) / max(1, len(s.masks)):.1f} µs"),
    ("mask, p99", lambda s: f"{1e6 * quantile(s.masks, 0.99):.0f} µs"),
    ("mask, p99.9", lambda s: f"{1e6 * quantile(s.masks, 0.999):.0f} µs"),
    ("mask, worst", lambda s: f"{1e3 * max(s.masks, default=0):.1f} ms"),
    ("compile, median", lambda s: f"{1e3 * quantile(s.compiles, 0.5):.2f} ms"),
    ("compile, p99", lambda s: f"{1e3 * quantile(s.compiles, 0.99):.1f} ms"),
]


def table(engines, scores):
    lines = ["| | " + " | ".join(engine.name for engine in engines) + " |", "|---|" + "---:|" * len(engines)]
    for label, cell in ROWS:
        lines.append(f"| {label} | " + " | ".join(cell(score) for score in scores) + " |")
    return "\n".join(lines)


def write(path, text):
    """Puts the table between its marks in a document."""
    head, rest = path.read_text().split("<!-- bench-schema -->\n")
    path.write_text(head + "<!-- bench-schema -->\n" + text + "\n<!-- end -->\n" + rest.split("<!-- end -->\n")[1])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", required=True, type=pathlib.Path)
    parser.add_argument("--tokenizer", required=True)
    parser.add_argument("--sirocco", default="bin/sirocco")
    parser.add_argument("--sample", type=int, help="so many files, drawn by --seed; all without it")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--minutes", type=float, help="end after so long, with what was drawn by then")
    parser.add_argument("--write", type=pathlib.Path, help="the document whose table this is")
    options = parser.parse_args()

    ours = Sirocco(options.sirocco, options.tokenizer)
    engines = [ours, LLGuidance(options.tokenizer)]
    scores = [Score() for _ in engines]
    files = sorted(options.data.glob("*.json"))
    random.Random(options.seed).shuffle(files)
    begun, part = time.time(), ""
    for path in files:
        case = json.loads(path.read_text())
        if not case.get("tests"):
            continue
        texts = [json.dumps(test["data"], ensure_ascii=False) for test in case["tests"]]
        texts = [(text, ours.ids(text)) for text in texts]
        for engine, score in zip(engines, scores):
            score.add(engine, path, case, texts)
        if options.sample and scores[0].files >= options.sample or options.minutes and time.time() > begun + 60 * options.minutes:
            part = f", drawn by seed {options.seed}"
            break
    print(table(engines, scores))
    if options.write:
        write(options.write, f"{scores[0].files} files{part}:\n\n" + table(engines, scores))
    for engine, score in zip(engines, scores):
        for name, valid in score.wrong[:50]:
            print(f"{engine.name}: {name}: {'valid refused' if valid else 'invalid accepted'}")


if __name__ == "__main__":
    main()
