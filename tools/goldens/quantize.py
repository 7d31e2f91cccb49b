"""Writes model/checkpoint/ggml/testdata/quantize.json: 1,024 values as PyPI gguf packs them into Q4_0 and Q8_0.

    python tools/goldens/quantize.py
"""
import base64
import json
from pathlib import Path

import numpy as np
from gguf.constants import GGMLQuantizationType as Type
from gguf.quants import quantize

OUT = Path(__file__).resolve().parents[2] / "model" / "weights" / "ggml" / "testdata" / "quantize.json"


def values():
    """The same numbers as goldenValues in quantize_test.go: 24 bits of a hash, times a power of two for each block of 32."""
    i = np.arange(1024, dtype=np.uint64)
    bits = (i * 2654435761 % 2**32 >> 8).astype(np.float64)
    v = (bits - 2**23) / 2**23 * 2.0 ** (i // 32 % 12).astype(np.float64) / 64
    v[96:128] = 0
    return v.astype(np.float32)


OUT.write_text(json.dumps({name: base64.b64encode(quantize(values(), Type[name]).tobytes()).decode() for name in ("Q4_0", "Q8_0")}, indent=1) + "\n")
