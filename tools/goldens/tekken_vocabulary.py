"""Writes assets/tekken/tekken-v11.json.zst: the full vocabulary in the layout of Mistral Small 3.2.

    python tools/goldens/tekken_vocabulary.py

The entries come from the tekken_240718.json inside PyPI's mistral-common (Apache-2.0): its first 130,072, which are
those that get an id. The 1,000 special tokens are the twenty of that package and the two that v11 adds, the rest are
fillers; the image block is that of Mistral Small 3.2. Needs the command `zstd`.
"""
import hashlib
import json
import subprocess
from pathlib import Path

import mistral_common
from mistral_common.tokens.tokenizers.tekken import Tekkenizer

TARGET = Path(__file__).resolve().parents[2] / "assets" / "tekken" / "tekken-v11.json.zst"
SOURCE = Path(mistral_common.__path__[0]) / "data" / "tekken_240718.json"
SHA256 = "23e0a1de9b44fb0863deffad6709c7aed84b7954a2ba34faf3d79715dd9d33a7"
SIZE, SPECIALS = 131072, 1000
ADDED = {32: "[ARGS]", 33: "[CALL_ID]"}


def special_tokens():
    named = {t["rank"]: str(t["token_str"].value) for t in Tekkenizer.DEPRECATED_SPECIAL_TOKENS} | ADDED
    return [
        {"rank": i, "token_str": named.get(i, f"<SPECIAL_{i}>"), "is_control": True}
        for i in range(SPECIALS)
    ]


def main():
    source = json.loads(SOURCE.read_text(encoding="utf-8"))
    config = source["config"] | {"num_vocab_tokens": SIZE - SPECIALS, "version": "v11"}
    full = {
        "config": config,
        "vocab": source["vocab"][: SIZE - SPECIALS],
        "special_tokens": special_tokens(),
        "multimodal": {"image_patch_size": 14, "max_image_size": 1540, "spatial_merge_size": 2},
    }
    text = json.dumps(full, ensure_ascii=False, separators=(",", ":")).encode()
    assert hashlib.sha256(text).hexdigest() == SHA256, "not the vocabulary that is committed"
    packed = subprocess.run(["zstd", "-q", "-19", "--ultra", "-c"], input=text, capture_output=True, check=True)
    TARGET.write_bytes(packed.stdout)


if __name__ == "__main__":
    main()
