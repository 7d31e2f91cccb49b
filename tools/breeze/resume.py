"""Make a checkpoint of an exported folder, so that training can go on from the weights in the repository.

    python resume.py --run RUN [--folder ../../assets/breeze]
    python train.py --run RUN --stage chat --accumulate 2 --restart --end HH:MM

The optimisers' state and the heads of the dense targets are not in the folder; both begin anew.
"""
import argparse
import time
from pathlib import Path

import torch
from safetensors.torch import load_file

import reference
from export import mistral_name, mistral_tensors
from heads import Circuit
from model import Breeze, Config
from vocabulary import FOLDER


def half_split(weight, head_dim):
    """Rows of q or k: interleaved pairs -> half-split order, the inverse of export.interleave."""
    heads = weight.shape[0] // head_dim
    return weight.view(heads, head_dim // 2, 2, -1).transpose(1, 2).reshape(weight.shape)


def state_of(folder):
    """State dict of model.Breeze from consolidated.safetensors."""
    cfg = reference.config(folder)
    tensors = load_file(Path(folder, "consolidated.safetensors"))
    state = {}
    for name, p in Breeze(cfg).state_dict().items():
        value = tensors[mistral_name(name)].float().reshape(p.shape)
        if name.endswith(("wq.weight", "wk.weight")):
            tower = cfg.vision_encoder
            value = half_split(value, tower.hidden_size // tower.num_attention_heads if name.startswith("vision.") else cfg.head_dim)
        state[name] = value.contiguous()
    back = mistral_tensors(state, cfg)
    assert all(torch.equal(back[name], tensors[name]) for name in tensors), "the way back gives other weights"
    return state


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--run", required=True)
    ap.add_argument("--folder", default=str(FOLDER))
    args = ap.parse_args()
    run = Path(args.run)
    run.mkdir(parents=True, exist_ok=True)
    state = state_of(args.folder)
    model = Breeze(Config(vocab_size=len(state["tok_embeddings.weight"])))
    model.load_state_dict(state)
    with torch.no_grad():
        circuit = Circuit.found(model)
    torch.save({**({"circuit": circuit} if circuit else {}), "model": state, "heads": {}, "ema": {k: v.clone() for k, v in state.items()},
                "step": 0, "pictures": 0, "stage": "chat", "stage_start": time.time()}, run / "last.pt")
    print(f"{run / 'last.pt'}: {len(state)} tensors, the copying circuit {'kept' if circuit else 'not found'}")


if __name__ == "__main__":
    main()
