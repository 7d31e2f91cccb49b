"""Prints the text decoder's rotary values as transformers computes them.

    python tools/goldens/rope.py > model/text/testdata/rope.json

transformers: inv_freq in float32, angle = position * inv_freq in float32, cos
and sin in float32 (models/mistral/modeling_mistral.py).
"""
import json

import torch

THETA, HEAD_DIM = 1_000_000_000.0, 128

inv_freq = 1.0 / (THETA ** (torch.arange(0, HEAD_DIM, 2, dtype=torch.int64).to(torch.float) / HEAD_DIM))
rows = []
for position in (0, 1, 4095, 131071):
    angle = torch.tensor(float(position)) * inv_freq
    rows.append({"position": position, "cos": angle.cos().tolist(), "sin": angle.sin().tolist()})
print(json.dumps({"theta": THETA, "head_dim": HEAD_DIM, "rows": rows}))
