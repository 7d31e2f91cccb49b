"""Four tiny Mistral3 checkpoints of different shapes, each written in another of the layouts that occur.

`SHAPES` says what differs. Weights are random, scaled so that attention is sharp and logits are spread: a wrong
rotation, permutation or mask then moves log-probabilities by far more than the tests' tolerance. They are rounded to
the type they are stored in before anything is computed with them. See README.md for the folders.
"""
import json
from pathlib import Path

import torch
from safetensors.torch import save_file
from transformers import Mistral3Config, Mistral3ForConditionalGeneration

ROOT = Path(__file__).resolve().parents[2]
OUT = ROOT / "model" / "testdata" / "tiny"
VOCAB, SPECIALS = 1280, 1000

# Text: dim, layers, head, heads, kv, ffn, theta. Tower: hidden, layers, heads, ffn, act, patch, image (longest side).
SHAPES = {
    # As the published model: heads of 128 and 64, four queries to a key, old names, transformers 4's config.json.
    # Its tower also sees the 1540-pixel picture of tiny_large.py.
    "hf-one-file": dict(
        layout="old", seed=0, text=(48, 3, 128, 4, 1, 80, 1e9), tower=(64, 2, 1, 96, "silu", 14, 1540)),
    # Eight queries to a key, tied embeddings, biases in the projector, GELU in the tower, new names, transformers 5's config.json.
    "hf-tied": dict(
        layout="new", seed=0, text=(40, 3, 64, 8, 1, 72, 1e6), tower=(128, 1, 2, 100, "gelu", 14, 224), tied=True, bias=True),
    # Mistral's layout: interleaved rows, params.json. A feed-forward of 100, no multiple of 8.
    "mistral": dict(
        layout="mistral", seed=0, text=(48, 5, 32, 8, 2, 100, 1e5), tower=(64, 3, 1, 72, "silu", 14, 224)),
    # Three shards with an index, F16 matrices and F32 norms, patches of 16, three queries to a key.
    "hf-shards": dict(
        layout="shards", seed=0, text=(56, 1, 64, 6, 2, 88, 1e8), tower=(64, 3, 2, 80, "silu", 16, 256)),
}


def config(shape):
    dim, layers, head, heads, kv, ffn, theta = shape["text"]
    hidden, tower_layers, tower_heads, tower_ffn, act, patch, image = shape["tower"]
    return Mistral3Config(
        text_config=dict(
            model_type="mistral", hidden_size=dim, num_hidden_layers=layers, head_dim=head, num_attention_heads=heads,
            num_key_value_heads=kv, intermediate_size=ffn, vocab_size=VOCAB, rms_norm_eps=1e-5, sliding_window=None,
            max_position_embeddings=4096, rope_parameters=dict(rope_type="default", rope_theta=theta),
            tie_word_embeddings=shape.get("tied", False)),
        vision_config=dict(
            model_type="pixtral", hidden_size=hidden, num_hidden_layers=tower_layers, num_attention_heads=tower_heads,
            intermediate_size=tower_ffn, hidden_act=act, patch_size=patch, image_size=image,
            rope_parameters=dict(rope_type="axial", rope_theta=1e4)),
        multimodal_projector_bias=shape.get("bias", False), tie_word_embeddings=shape.get("tied", False))


# Standard deviation of a matrix's outputs for inputs of deviation 1. Higher gains make the numbers tell more and the
# rounding noise larger: these keep an f32 cache within 3e-5 and an f16 cache within 2e-2 of exact.
GAINS = {"q_proj": 1.2, "k_proj": 1.2, "linear_": 1.5, "lm_head": 2.5}


def gain(name):
    return next((value for part, value in GAINS.items() if part in name), 1.0)


def random_state(model, seed, tied):
    """Weights by name, float32. Rows of special ids are short, so that the answers are ordinary tokens."""
    rng = torch.Generator().manual_seed(seed)
    state = {}
    for name, old in sorted(model.state_dict().items()):
        noise = torch.randn(old.shape, generator=rng)
        if "norm" in name or "ln_pre" in name:
            state[name] = 1 + 0.2 * noise
        elif name.endswith(".bias"):
            state[name] = 0.3 * noise
        elif "embed_tokens" in name:
            state[name] = noise
        else:
            state[name] = noise * gain(name) / old[0].numel() ** 0.5
    table = state["model.language_model.embed_tokens.weight"]
    if tied:
        # Short enough that an answer does not only echo its last token.
        table *= 1.5 / table.shape[1] ** 0.5
        state["model.language_model.norm.weight"] *= 1.7
        state["lm_head.weight"] = table
    state["lm_head.weight"][:SPECIALS] *= 0.4
    return state


def stored_type(name, shape):
    if shape["layout"] != "shards":
        return torch.bfloat16
    return torch.float32 if "norm" in name or "ln_pre" in name else torch.float16


def build(shape, seed):
    """The reference model in float32 and its weights in the types they are stored in."""
    model = Mistral3ForConditionalGeneration(config(shape)).eval()
    model.set_attn_implementation("eager")
    state = {name: value.to(stored_type(name, shape)).contiguous()
             for name, value in random_state(model, seed, shape.get("tied", False)).items()}
    model.load_state_dict({name: value.float() for name, value in state.items()})
    return model, state


def old_name(name):
    """transformers 5 attribute path -> the names of transformers 4, which 5 also writes."""
    if name == "lm_head.weight":
        return "language_model.lm_head.weight"
    name = name.removeprefix("model.")
    return name.replace("language_model.", "language_model.model.", 1) if name.startswith("language_model.") else name


def interleave(rows, head):
    """Rows of q or k in half-split order -> the pairs beside each other."""
    return rows.view(-1, 2, head // 2, rows.shape[1]).transpose(1, 2).reshape(rows.shape).contiguous()


MISTRAL = [
    ("model.vision_tower.", "vision_encoder."), ("model.language_model.", ""),
    ("model.multi_modal_projector.norm", "pre_mm_projector_norm"), ("model.multi_modal_projector.patch_merger", "patch_merger"),
    ("model.multi_modal_projector.linear_1", "vision_language_adapter.w_in"),
    ("model.multi_modal_projector.linear_2", "vision_language_adapter.w_out"),
    ("lm_head", "output"), ("embed_tokens", "tok_embeddings"), ("self_attn", "attention"), ("mlp", "feed_forward"),
    ("input_layernorm", "attention_norm"), ("post_attention_layernorm", "ffn_norm"),
    ("q_proj", "wq"), ("k_proj", "wk"), ("v_proj", "wv"), ("o_proj", "wo"),
    ("gate_proj", "w1"), ("down_proj", "w2"), ("up_proj", "w3"),
]


def mistral_state(state, shape):
    out = {}
    for name, value in state.items():
        if "q_proj" in name or "k_proj" in name:
            tower = shape["tower"]
            value = interleave(value, tower[0] // tower[2] if "vision_tower" in name else shape["text"][2])
        for old, new in MISTRAL:
            name = name.replace(old, new)
        out[name] = value
    return out


def params(shape):
    dim, layers, head, heads, kv, ffn, theta = shape["text"]
    hidden, tower_layers, tower_heads, tower_ffn, _, patch, image = shape["tower"]
    return {
        "dim": dim, "n_layers": layers, "head_dim": head, "hidden_dim": ffn, "n_heads": heads, "n_kv_heads": kv,
        "rope_theta": theta, "norm_eps": 1e-5, "vocab_size": VOCAB, "max_position_embeddings": 4096,
        "vision_encoder": {
            "hidden_size": hidden, "num_channels": 3, "max_image_size": image, "patch_size": patch, "rope_theta": 1e4,
            "intermediate_size": tower_ffn, "num_hidden_layers": tower_layers, "num_attention_heads": tower_heads,
            "adapter_bias": shape.get("bias", False), "mm_projector_id": "patch_merge", "spatial_merge_size": 2,
            "add_pre_mm_projector_layer_norm": True, "image_token_id": 10, "image_break_token_id": 12,
            "image_end_token_id": 13, "image_size": image}}


def config4(shape):
    """config.json with the fields that transformers 4 wrote for the published model."""
    p = params(shape)
    v = p["vision_encoder"]
    return {
        "architectures": ["Mistral3ForConditionalGeneration"], "image_token_index": 10, "model_type": "mistral3",
        "multimodal_projector_bias": False, "projector_hidden_act": "gelu", "spatial_merge_size": 2,
        "torch_dtype": "bfloat16", "transformers_version": "4.52.4", "vision_feature_layer": -1,
        "text_config": {
            "attention_dropout": 0.0, "head_dim": p["head_dim"], "hidden_act": "silu", "hidden_size": p["dim"],
            "initializer_range": 0.02, "intermediate_size": p["hidden_dim"], "max_position_embeddings": 4096,
            "model_type": "mistral", "num_attention_heads": p["n_heads"], "num_hidden_layers": p["n_layers"],
            "num_key_value_heads": p["n_kv_heads"], "rms_norm_eps": 1e-05, "rope_theta": p["rope_theta"],
            "sliding_window": None, "use_cache": True, "vocab_size": VOCAB},
        "vision_config": {
            "attention_dropout": 0.0, "head_dim": v["hidden_size"] // v["num_attention_heads"],
            "hidden_act": shape["tower"][4], "hidden_size": v["hidden_size"], "image_size": v["image_size"],
            "initializer_range": 0.02, "intermediate_size": v["intermediate_size"], "model_type": "pixtral",
            "num_attention_heads": v["num_attention_heads"], "num_channels": 3,
            "num_hidden_layers": v["num_hidden_layers"], "patch_size": v["patch_size"], "rope_theta": 10000.0}}


def tokenizer(shape, folder):
    """The first 280 entries of Breeze's vocabulary (all bytes and a few pairs) behind the 1,000 special ids."""
    full = json.loads((ROOT / "assets" / "breeze" / "tekken.json").read_text(encoding="utf-8"))
    full["config"]["num_vocab_tokens"] = VOCAB - SPECIALS
    full["config"]["default_vocab_size"] = VOCAB
    full["vocab"] = full["vocab"][:VOCAB - SPECIALS]
    full["special_tokens"] = full["special_tokens"][:34]  # the named ones; readers fill up the rest
    full["multimodal"] = {"image_patch_size": shape["tower"][5], "max_image_size": shape["tower"][6], "spatial_merge_size": 2}
    (folder / "tekken.json").write_text(json.dumps(full, ensure_ascii=False, separators=(",", ":")) + "\n", encoding="utf-8")


def write(shape, state, folder):
    """One checkpoint in the shape's layout."""
    folder.mkdir(parents=True, exist_ok=True)
    tokenizer(shape, folder)
    layout = shape["layout"]
    state = {n: v for n, v in state.items() if not (shape.get("tied") and n == "lm_head.weight")}
    if layout == "mistral":
        (folder / "params.json").write_text(json.dumps(params(shape), indent=4) + "\n")
        save_file(mistral_state(state, shape), folder / "consolidated.safetensors")
        return
    if layout == "new":
        config(shape).save_pretrained(folder)
        save_file(state, folder / "model.safetensors", metadata={"format": "pt"})
        return
    (folder / "config.json").write_text(json.dumps(config4(shape), indent=2, sort_keys=True) + "\n")
    state = {old_name(n): v for n, v in state.items()}
    if layout == "old":
        save_file(state, folder / "model.safetensors", metadata={"format": "pt"})
    else:
        write_shards(state, folder)


def write_shards(state, folder, shards=3):
    where, parts = {}, [{} for _ in range(shards)]
    total = sum(v.nbytes for v in state.values())
    done = 0
    for name, value in sorted(state.items()):
        at = min(shards - 1, done * shards // total)
        parts[at][name] = value
        where[name] = f"model-{at + 1:05d}-of-{shards:05d}.safetensors"
        done += value.nbytes
    for at, part in enumerate(parts):
        save_file(part, folder / f"model-{at + 1:05d}-of-{shards:05d}.safetensors", metadata={"format": "pt"})
    index = {"metadata": {"total_size": total}, "weight_map": where}
    (folder / "model.safetensors.index.json").write_text(json.dumps(index, indent=2, sort_keys=True) + "\n")
