"""Writes model/tokenizer/testdata/goldens.json.gz: what mistral-common makes of many texts, ids and bytes.

    python tools/goldens/tekken.py

  texts   {"text", "ids" with the full vocabulary, "few" with the same file cut to 4,096 ids}
  decode  {"ids", "text"}: special ids dropped, U+FFFD per maximal invalid subpart
  bytes   {"hex", "ids"}: bytes that may be no UTF-8, decoded by Python with errors="replace" first

The full vocabulary is assets/tekken/tekken-v11.json.zst; needs the command `zstd`.
"""
import gzip
import json
import random
import subprocess
import tempfile
import unicodedata
from pathlib import Path

from mistral_common.tokens.tokenizers.tekken import Tekkenizer

from tekken_hostile import hostile
from tekken_languages import LANGUAGES

ROOT = Path(__file__).resolve().parents[2]
VOCABULARY = ROOT / "assets" / "tekken" / "tekken-v11.json.zst"
TARGET = ROOT / "model" / "tekken" / "testdata" / "goldens.json.gz"
BROKEN = [
    "ff", "80", "c0af", "c3", "c328", "e282", "e28228", "e282ac", "f09f", "f09f98", "f09f9980", "f09f998061", "f0808080", "f4908080", "f88888", "eda080", "edbfbf", "eda0bdedb880",
    "61ff62", "c3a9c3", "e0a080", "e08080", "e0a0", "f1808080", "f18080", "f180", "fefeffff", "20ff20", "ffffffff", "c2c2c2", "e282e282", "f09f98f09f98", "68656c6c6f20e9",
    "efbfbd", "efbfbdef", "efbf", "0a80", "80" * 40, "c3" * 33 + "a9",
]


def languages():
    for texts in LANGUAGES.values():
        yield from texts
        first, second = texts[0], texts[1]
        yield " ".join(texts) + "\n"
        yield first.upper()
        yield second.title() + "\n\n" + second.lower()
        yield unicodedata.normalize("NFD", first)
        yield unicodedata.normalize("NFKC", second).replace(" ", "")
        yield first[::-1]


def tokenizers():
    data = subprocess.run(["zstd", "-dc", VOCABULARY], capture_output=True, check=True).stdout
    few = data.replace(b'"default_vocab_size":131072', b'"default_vocab_size":4096')
    assert few != data
    with tempfile.TemporaryDirectory() as folder:
        for name, content in ("full", data), ("few", few):
            path = Path(folder) / f"tekken-{name}.json"
            path.write_bytes(content)
            yield Tekkenizer.from_file(path)


def decodings(full, texts):
    """Ids that cut characters, go backwards, mix with special ids or come from anywhere."""
    rng = random.Random(5)
    for text in texts:
        ids = full.encode(text, bos=False, eos=False)
        yield ids[: rng.randint(1, len(ids))]
        for _ in range(2):
            ids.insert(rng.randrange(len(ids) + 1), rng.randrange(1000))
        yield ids
    for _ in range(200):
        yield [rng.choice([rng.randrange(1000, 1256), rng.randrange(131072), rng.randrange(1000)]) for _ in range(rng.randint(1, 12))]
    for code in BROKEN:
        yield [1000 + b for b in bytes.fromhex(code)]


def main():
    full, few = tokenizers()

    def ids(text, tokenizer=full):
        return tokenizer.encode(text, bos=False, eos=False)

    texts = list(dict.fromkeys([*languages(), *hostile()]))
    tails = ["🙂", "Größe 日本語 🙂", *(t[-1] for t in LANGUAGES.values()), "🫨🪿🩷", "\U0002ebf0"]
    goldens = {
        "texts": [{"text": t, "ids": ids(t), "few": ids(t, few)} for t in texts],
        "decode": [{"ids": i, "text": full.decode(i)} for i in decodings(full, tails)],
        "bytes": [{"hex": h, "ids": ids(bytes.fromhex(h).decode("utf-8", "replace"))} for h in BROKEN],
    }
    TARGET.parent.mkdir(exist_ok=True)
    packed = gzip.compress(json.dumps(goldens, separators=(",", ":")).encode(), 9, mtime=0)
    TARGET.write_bytes(packed)
    print(f"{len(texts)} texts, {len(goldens['decode'])} decodings, {len(packed)} bytes")


if __name__ == "__main__":
    main()
