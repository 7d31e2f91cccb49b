"""Give a checkpoint the layers that model.py has and it lacks: at first they add nothing, and training goes on from there.

    python deepen.py --run RUN        # changes RUN/last.pt
"""
import argparse
from pathlib import Path

import torch

from model import Breeze, Config


@torch.no_grad()
def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--run", required=True)
    path = Path(ap.parse_args().run, "last.pt")
    saved = torch.load(path, map_location="cpu", weights_only=True)
    torch.manual_seed(2)
    fresh = Breeze(Config()).state_dict()
    for name, value in fresh.items():
        if name not in saved["model"]:
            saved["model"][name] = torch.zeros_like(value) if name.endswith(("wo.weight", "w2.weight")) else value
            saved["ema"][name] = saved["model"][name].clone()
    torch.save(saved, path)


if __name__ == "__main__":
    main()
