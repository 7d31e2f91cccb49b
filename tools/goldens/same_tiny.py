"""Writes model/testdata/tiny/same-mistral and same-gguf: the weights of hf-shards, bit for bit, in Mistral's layout and as GGUF files.

    python tools/goldens/same_tiny.py

There is no golden.json in them: what transformers computes with hf-shards is to come out of all three. The GGUF file is written
by PyPI's gguf and brings its own vocabulary. Needs what tiny.py and gguf_tiny.py need; takes seconds.
"""
import json
import tempfile
from pathlib import Path

import torch
from safetensors.torch import load_file

import gguf_tiny
import tiny_checkpoints as tiny

SHAPE = tiny.SHAPES["hf-shards"]


def stored():
    """The weights of hf-shards by transformers 5's names; what the seed gives must be what its files hold."""
    folder = tiny.OUT / "hf-shards"
    seed = json.loads((folder / "golden.json").read_text())["seed"]
    _, state = tiny.build(SHAPE, seed)
    files = {name: value for shard in folder.glob("*.safetensors") for name, value in load_file(shard).items()}
    assert files.keys() == {tiny.old_name(n) for n in state}
    assert all(torch.equal(files[tiny.old_name(n)], v) for n, v in state.items())
    return state


def main():
    state = stored()
    tiny.write(dict(SHAPE, layout="mistral"), state, tiny.OUT / "same-mistral")
    shape = dict(SHAPE, form="two")
    tensors = {gguf_tiny.gguf_name(n, "two"): (v.numpy(), None) for n, v in tiny.mistral_state(state, SHAPE).items()}
    with tempfile.TemporaryDirectory() as temp:
        tiny.tokenizer(SHAPE, Path(temp))
        gguf_tiny.write(shape, tensors, tiny.OUT / "same-gguf", Path(temp))


if __name__ == "__main__":
    main()
