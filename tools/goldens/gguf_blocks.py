"""Writes model/checkpoint/ggml/testdata/blocks.json: random blocks of every GGUF type and PyPI gguf's values for them.

    python tools/goldens/gguf_blocks.py
"""
import base64
import json
from pathlib import Path

import numpy as np
from gguf.constants import GGML_QUANT_SIZES, GGMLQuantizationType as Type
from gguf.quants import dequantize

OUT = Path(__file__).resolve().parents[2] / "model" / "weights" / "ggml" / "testdata" / "blocks.json"
TYPES = "F32 F16 BF16 Q4_0 Q4_1 Q5_0 Q5_1 Q8_0 Q2_K Q3_K Q4_K Q5_K Q6_K IQ4_NL IQ4_XS".split()
VALUES = 1024  # of each type
# Where the f16 scales lie in a block; all other bytes may be anything.
SCALES = {"F16": [0], "Q4_0": [0], "Q4_1": [0, 2], "Q5_0": [0], "Q5_1": [0, 2], "Q8_0": [0], "Q2_K": [80, 82], "Q3_K": [108],
          "Q4_K": [0, 2], "Q5_K": [0, 2], "Q6_K": [208], "IQ4_NL": [0], "IQ4_XS": [0]}


def random_blocks(name, rng):
    """Blocks of random bits with finite scales: the first is subnormal, the second zero, the others of any size and sign."""
    values, size = GGML_QUANT_SIZES[Type[name]]
    count = VALUES // values
    if name == "F32":
        return rng.standard_normal(count, np.float32).view(np.uint8)
    if name == "BF16":
        return (rng.standard_normal(count, np.float32).view(np.uint32) >> 16).astype(np.uint16).view(np.uint8)
    blocks = rng.integers(0, 256, (count, size), np.uint8)
    for at in SCALES[name]:
        scales = (rng.standard_normal(count) * 10.0 ** rng.integers(-4, 2, count)).astype(np.float16)
        scales[:2] = 3e-7, 0
        blocks[:, at:at + 2] = scales.view(np.uint8).reshape(count, 2)
    return blocks.reshape(-1)


def text(data):
    return base64.b64encode(np.ascontiguousarray(data).tobytes()).decode()


def main():
    rng = np.random.default_rng(4)
    record = {}
    for name in TYPES:
        blocks = random_blocks(name, rng)
        plain = {"F32": np.float32, "F16": np.float16}.get(name)
        values = blocks.view(plain).astype(np.float32) if plain else dequantize(blocks, Type[name])
        record[name] = {"blocks": text(blocks), "values": text(values.reshape(-1).astype(np.float32))}
    OUT.parent.mkdir(parents=True, exist_ok=True)
    OUT.write_text("{\n" + ",\n".join(f"{json.dumps(k)}: {json.dumps(v)}" for k, v in record.items()) + "\n}\n")


if __name__ == "__main__":
    main()
