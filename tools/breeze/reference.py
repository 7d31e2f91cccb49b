"""A second, minimal forward pass: reads an exported folder and turns interleaved q/k pairs, as Mistral's own code does.

Shares the modules of model.py but for the rotation, which here works on pairs (2j, 2j + 1).
"""
import json
from pathlib import Path

import torch
from safetensors.torch import load_file

import model as net
from export import mistral_name


def rotate_pairs(x, cos, sin):
    half = x.shape[-1] // 2
    cos, sin = cos[..., :half].to(x.dtype), sin[..., :half].to(x.dtype)
    a, b = x[..., 0::2], x[..., 1::2]
    return torch.stack([a * cos - b * sin, a * sin + b * cos], -1).flatten(-2)


def config(folder):
    raw = json.loads(Path(folder, "params.json").read_text())
    raw["vision_encoder"] = net.VisionConfig(**raw["vision_encoder"])
    return net.Config(**raw)


def load(folder):
    """The exported model in float32."""
    breeze = net.Breeze(config(folder))
    tensors = load_file(Path(folder, "consolidated.safetensors"))
    state = {}
    for name, p in breeze.state_dict().items():
        state[name] = tensors.pop(mistral_name(name)).float().reshape(p.shape)
    assert not tensors, f"left over: {list(tensors)}"
    breeze.load_state_dict(state)
    for m in breeze.modules():
        if isinstance(m, net.Attention):
            m.rotate = rotate_pairs
    return breeze.eval()


def from_checkpoint(path, last=False):
    breeze = net.Breeze()
    breeze.load_state_dict(torch.load(path, map_location="cpu", weights_only=True)["model" if last else "ema"])
    return breeze.eval()


def pixels(array):
    """float pixels [H, W, 3], 0..255 -> normalised [3, H, W]."""
    return net.normalise(torch.from_numpy(array).permute(2, 0, 1))
