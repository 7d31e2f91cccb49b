"""The mean of two checkpoints of one training run.

    python blend.py FIRST.pt SECOND.pt --share .6 --out BOTH.pt     # SECOND counts .6

Stages with different mixes of data forget different things; the mean of their ends keeps more of both.
"""
import argparse

import torch


@torch.no_grad()
def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("first")
    ap.add_argument("second")
    ap.add_argument("--share", type=float, default=.5)
    ap.add_argument("--out", required=True)
    args = ap.parse_args()
    saved, other = (torch.load(p, map_location="cpu", weights_only=True) for p in (args.first, args.second))
    for key, value in saved["ema"].items():
        value.lerp_(other["ema"][key], args.share)
    saved["model"] = {k: v.clone() for k, v in saved["ema"].items()}
    torch.save(saved, args.out)


if __name__ == "__main__":
    main()
