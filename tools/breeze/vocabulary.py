"""The truncated tekken vocabulary: writing it and encoding with it."""
import base64
import json
import lzma
from functools import lru_cache
from pathlib import Path

import tiktoken

SPECIALS = 1000
FOLDER = Path(__file__).resolve().parents[2] / "assets" / "breeze"

BOS, EOS, INST, END_INST, TOOLS, END_TOOLS = 1, 2, 3, 4, 5, 6
RESULTS, END_RESULTS, CALLS, IMG, PAD, IMG_BREAK, IMG_END = 7, 8, 9, 10, 11, 12, 13
SYSTEM, END_SYSTEM, CONTENT, ARGS, CALL_ID = 17, 18, 19, 32, 33


def truncate(source, target, size, max_image_size):
    """Cut a full tekken.json (or .xz of one) down to `size` ids, the specials included."""
    opener = lzma.open if str(source).endswith(".xz") else open
    with opener(source, "rt", encoding="utf-8") as f:
        full = json.load(f)
    keep = size - SPECIALS
    full["config"]["num_vocab_tokens"] = keep
    full["config"]["default_vocab_size"] = size
    full["vocab"] = full["vocab"][:keep]
    full["multimodal"]["max_image_size"] = max_image_size
    with open(target, "w", encoding="utf-8") as f:
        json.dump(full, f, ensure_ascii=False, separators=(",", ":"))
        f.write("\n")


@lru_cache(None)
def encoding(path=None):
    data = json.loads((Path(path) if path else FOLDER / "tekken.json").read_text(encoding="utf-8"))
    ranks = {base64.b64decode(v["token_bytes"]): v["rank"] for v in data["vocab"]}
    return tiktoken.Encoding("breeze", pat_str=data["config"]["pattern"], mergeable_ranks=ranks, special_tokens={})


@lru_cache(200_000)
def encode(text):
    """Ids of plain text (never special ones), as a tuple."""
    return tuple(i + SPECIALS for i in encoding().encode(text, disallowed_special=()))


def decode(ids):
    """Text of the ordinary ids; special ids are left out."""
    plain = [i - SPECIALS for i in ids if i >= SPECIALS]
    return encoding().decode_bytes(plain).decode("utf-8", "replace")
