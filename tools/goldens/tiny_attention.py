"""Writes model/testdata/tiny/*/attention.json: what chosen positions of the tiny checkpoints attend to.

    python tools/goldens/tiny_attention.py

transformers' output_attentions with eager attention, in float32, for the prompt and answer of golden.json: the weights of a
position averaged over all heads of the last third of the layers (rounded up), for the image tokens of each picture. Needs
tiny.py to have run; half a minute on one core.
"""
import json

import torch
import transformers

from tiny import dump
from tiny_checkpoints import OUT, SHAPES, build
from tiny_reference import batch, prompt

FOLDERS = ["hf-one-file", "hf-tied", "mistral"]
SAID = [0, 1, 5, 31]  # tokens of the answer that have been said when the model looks
IMG, IMG_END = 10, 13


def pictures(ids):
    """The places of the image tokens of each picture, without breaks and ends."""
    found, now = [], []
    for at, token in enumerate(ids):
        if token == IMG:
            now.append(at)
        elif token == IMG_END:
            found.append(now)
            now = []
    return found


@torch.no_grad()
def attention(model, ids, pixels):
    """[positions, positions]: averaged over heads and the last third of the layers."""
    layers = model(input_ids=torch.tensor([ids]), output_attentions=True, **batch(pixels)).attentions
    last = layers[-((len(layers) + 2) // 3):]
    return torch.stack([layer[0].mean(0) for layer in last]).mean(0)


def main():
    torch.set_num_threads(1)
    for name in FOLDERS:
        known = json.loads((OUT / name / "golden.json").read_text())
        model, _ = build(SHAPES[name], known["seed"])
        model.float().eval().set_attn_implementation("eager")
        ids, pixels = prompt(OUT / name)
        assert ids == known["prompt"], name
        weights = attention(model, ids + known["answer"], pixels)
        places = pictures(ids)
        dump(OUT / name / "attention.json", {
            "made_with": f"transformers {transformers.__version__}, torch {torch.__version__}",
            "looks": [{"said": said, "pictures": [[round(float(w), 7) for w in weights[len(ids) - 1 + said, at]] for at in places]} for said in SAID]})
        row = weights[len(ids) - 1, [p for at in places for p in at]]
        print(f"{name:12} {[len(at) for at in places]} patches, {float(row.sum()):.3f} of the weight, from {float(row.min()):.1e} to {float(row.max()):.1e}")


if __name__ == "__main__":
    main()
