"""Write a checkpoint as a Mistral-layout model folder (params.json, consolidated.safetensors, tekken.json).

    python export.py --checkpoint RUN/last.pt [--ema] [--out ../../assets/breeze]
    python export.py --vocabulary tekken.json.xz        # also cut the vocabulary anew
    python export.py --untrained                        # random weights in the final shape
"""
import argparse
from pathlib import Path

import torch
from safetensors.torch import save_file

from model import Breeze, Config
from vocabulary import FOLDER, truncate


def interleave(weight, head_dim):
    """Rows of q or k: half-split order -> interleaved pairs."""
    heads = weight.shape[0] // head_dim
    return weight.view(heads, 2, head_dim // 2, -1).transpose(1, 2).reshape(weight.shape)


def mistral_name(name):
    if name == "vision.patch_conv.weight" or name == "vision.ln_pre.weight":
        return name.replace("vision.", "vision_encoder.")
    if name.startswith("vision.layers."):
        return name.replace("vision.layers.", "vision_encoder.transformer.layers.")
    return (name.replace("projector.pre_mm_projector_norm", "pre_mm_projector_norm")
            .replace("projector.merging_layer", "patch_merger.merging_layer")
            .replace("projector.w_", "vision_language_adapter.w_"))


def mistral_tensors(state, cfg):
    """State dict of model.Breeze -> tensors of consolidated.safetensors."""
    out = {}
    for name, value in state.items():
        value = value.float()
        if name.endswith(("wq.weight", "wk.weight")):
            vision = name.startswith("vision.")
            head_dim = cfg.vision_encoder.hidden_size // cfg.vision_encoder.num_attention_heads if vision else cfg.head_dim
            value = interleave(value, head_dim)
        if name == "vision.patch_conv.weight":
            p = cfg.vision_encoder.patch_size
            value = value.view(-1, 3, p, p)
        out[mistral_name(name)] = value.to(torch.bfloat16).contiguous()
    return dict(sorted(out.items()))


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--checkpoint")
    ap.add_argument("--ema", action="store_true", help="the running mean of the weights instead of the last ones")
    ap.add_argument("--untrained", action="store_true")
    ap.add_argument("--vocabulary", help="full tekken.json or tekken.json.xz to cut down")
    ap.add_argument("--out", default=str(FOLDER))
    args = ap.parse_args()
    out = Path(args.out)
    out.mkdir(parents=True, exist_ok=True)
    cfg = Config()
    (out / "params.json").write_text(cfg.params_json())
    if args.vocabulary:
        truncate(args.vocabulary, out / "tekken.json", cfg.vocab_size, cfg.vision_encoder.max_image_size)
    if args.untrained:
        torch.manual_seed(0)
        state = Breeze(cfg).state_dict()
    elif args.checkpoint:
        saved = torch.load(args.checkpoint, map_location="cpu", weights_only=True)
        state = saved["ema" if args.ema else "model"]
    else:
        return
    tensors = mistral_tensors(state, cfg)
    part = out / "consolidated.safetensors.part"
    save_file(tensors, part, metadata={"format": "pt"})
    part.replace(out / "consolidated.safetensors")
    print(f"{len(tensors)} tensors, {sum(t.numel() for t in tensors.values()):,} parameters -> {out}")


if __name__ == "__main__":
    main()
