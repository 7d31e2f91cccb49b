"""Writes model/testdata/tiny: random tiny checkpoints and what transformers computes with them.

    python tools/goldens/tiny.py            # all of it
    python tools/goldens/tiny.py --bites    # also shows how far typical mistakes would move the numbers

The format of golden.json is described in README.md beside this file. Needs transformers 5, mistral-common and torch on
a CPU; takes a minute or two on one core. The 1540-pixel picture has a script of its own, tiny_large.py.
"""
import argparse
import json

import mistral_common
import numpy as np
import torch
import transformers
from PIL import Image, ImageDraw
from transformers import Mistral3ForConditionalGeneration

import tiny_bites
from tiny_checkpoints import OUT, SHAPES, build, write
from tiny_reference import FIXED, PICTURES, SYSTEM, TEXTS, good, greedy, half_cache, logprobs, picture_rows, prompt

ROWS = 8  # of the projector and of the tower


def draw(size, shapes):
    """A picture without symmetry: a slope of colours and a few shapes."""
    width, height = size
    y, x = np.mgrid[:height, :width]
    slope = np.stack([x * 200 // width + 30, y * 180 // height + 20, (x + 2 * y) * 90 // (width + height) + 60], -1)
    picture = Image.fromarray(slope.astype(np.uint8))
    pen = ImageDraw.Draw(picture)
    for kind, box, colour in shapes:
        getattr(pen, kind)(box, fill=colour)
    return picture


def draw_pictures():
    OUT.mkdir(parents=True, exist_ok=True)
    wide = draw((112, 56), [("ellipse", (10, 8, 44, 42), (220, 30, 40)), ("rectangle", (70, 20, 103, 30), (20, 60, 200))])
    tall = draw((61, 100), [("rectangle", (5, 60, 30, 95), (250, 220, 20)), ("polygon", (40, 5, 58, 40, 25, 45), (0, 120, 60))])
    wide.save(OUT / PICTURES[0], optimize=True)
    tall.save(OUT / PICTURES[1], optimize=True)


def search(shape, folder):
    """Model, prompt and answer of the first seed whose answer is clear at every step."""
    for seed in range(shape["seed"], shape["seed"] + 200):
        model, state = build(shape, seed)
        write(shape, state, folder)
        ids, pixels = prompt(folder)
        answer, least = greedy(model, ids, pixels)
        if good(answer, least):
            return seed, model, ids, pixels, answer, least
    raise SystemExit(f"{folder.name}: no seed gives a clear answer")


def check_reload(shape, folder, ids, pixels, wanted):
    """transformers itself reads the folder to the same numbers (it does not know Mistral's layout)."""
    if shape["layout"] == "mistral":
        return
    again = Mistral3ForConditionalGeneration.from_pretrained(folder, dtype=torch.float32).eval()
    again.set_attn_implementation("eager")
    far = (logprobs(again, ids, pixels)[0] - wanted).abs().max()
    assert far < 1e-6, f"{folder.name}: reading the folder back moves log-probabilities by {far}"


def spread(count, n):
    return sorted({i * (count - 1) // (n - 1) for i in range(n)})


def rounded(values, digits=6):
    return [round(float(v), digits) for v in values]


def position(logp, lse, following):
    top = logp.topk(5)
    return {
        "next": following, "logprob": round(float(logp[following]), 6),
        "top": top.indices.tolist(), "top_logprobs": rounded(top.values),
        "fixed": rounded(logp[FIXED]), "log_sum_exp": round(float(lse), 6),
        "mean": round(float(logp.mean()), 6), "deviation": round(float(logp.std(correction=0)), 6)}


def sampled(rows):
    return [{"row": i, "values": rounded(rows[i])} for i in spread(len(rows), ROWS)]


def golden(model, seed, ids, pixels, answer, least):
    whole = ids + answer
    logp, lse = logprobs(model, whole, pixels)
    half = float((half_cache(model, whole, pixels) - logp).abs().max())
    exact = logprobs(model.double(), whole, pixels)[0]
    noise = float((exact - logp).abs().max())
    model.float()
    tower, projector = picture_rows(model, pixels)
    return {
        "made_with": f"transformers {transformers.__version__}, torch {torch.__version__}, mistral-common {mistral_common.__version__}",
        "seed": seed, "system": SYSTEM, "texts": TEXTS, "pictures": [f"../{name}" for name in PICTURES],
        "sizes": [[p.shape[2], p.shape[1]] for p in pixels],
        "pixel_means": [rounded(p.mean((1, 2))) for p in pixels],
        "prompt": ids, "answer": answer, "least_margin": round(least, 6), "float32_noise": round(noise, 8), "half_cache_noise": round(half, 6),
        "fixed_ids": FIXED, "tower": sampled(tower), "projector": sampled(projector),
        "positions": [position(logp[i], lse[i], whole[i + 1]) for i in range(len(whole) - 1)]}


def dump(path, record):
    """JSON with one line per position and row, so that a diff can be read."""
    lines = []
    for key, value in record.items():
        if isinstance(value, list) and value and isinstance(value[0], dict):
            text = "[\n  " + ",\n  ".join(json.dumps(v, separators=(",", ":")) for v in value) + "\n ]"
        else:
            text = json.dumps(value)
        lines.append(f" {json.dumps(key)}: {text}")
    path.write_text("{\n" + ",\n".join(lines) + "\n}\n")


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--bites", action="store_true", help="print what typical mistakes would change")
    args = ap.parse_args()
    torch.set_num_threads(1)
    draw_pictures()
    for name, shape in SHAPES.items():
        folder = OUT / name
        seed, model, ids, pixels, answer, least = search(shape, folder)
        record = golden(model, seed, ids, pixels, answer, least)
        dump(folder / "golden.json", record)
        logp = logprobs(model, ids, pixels)[0]
        check_reload(shape, folder, ids, pixels, logp)
        size = sum(f.stat().st_size for f in folder.iterdir())
        print(f"{name:12} seed {seed:3}, {len(ids)} + {len(answer)} tokens, least margin {least:.3f}, noise {record['float32_noise']:.1e}, "
              f"with an f16 cache {record['half_cache_noise']:.1e}, {size} bytes")
        if args.bites:
            tiny_bites.report(model, ids, pixels, logp)


if __name__ == "__main__":
    main()
