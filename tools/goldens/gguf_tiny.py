"""Writes model/testdata/tiny/gguf-*: tiny checkpoints as GGUF files and what transformers computes with their weights.

    python tools/goldens/gguf_tiny.py [NAME ...]

The files are written by PyPI's gguf. There is no tekken.json beside them: the vocabulary inside is the tokenizer. Quantised
matrices are random blocks, scaled so that their values have the deviation that the other checkpoints' matrices have; the
reference computes with gguf's own dequantised values. golden.json is in the format of tiny.py. Takes a few minutes.
"""
import argparse
import json
import tempfile
from base64 import b64decode
from pathlib import Path

import gguf
import numpy as np
import torch
from gguf.constants import GGML_QUANT_SIZES, GGMLQuantizationType as Type
from gguf.quants import dequantize
from transformers import Mistral3ForConditionalGeneration

from gguf_blocks import SCALES
from tiny import dump, golden, logprobs
from tiny_checkpoints import OUT, SPECIALS, VOCAB, config, mistral_state, random_state, tokenizer
from tiny_reference import good, greedy, prompt

# Every type at least once, in the order of the decoder's matrices.
EVERY = "Q4_K Q4_0 Q6_K Q5_K Q4_1 Q5_0 Q8_0 Q2_K Q3_K Q5_1 IQ4_NL IQ4_XS F16 BF16 F32 Q4_K Q4_K Q6_K Q4_K Q4_K Q6_K".split()

SHAPES = {
    # llama.cpp's form: the text model in parts as gguf splits it, F16 with F32 norms, and a vision file.
    "gguf-f16": dict(seed=0, text=(48, 2, 64, 4, 1, 80, 1e9), tower=(64, 2, 1, 96, "silu", 14, 224), form="split",
                     types=lambda name, i: "F16"),
    # Ollama's form: one file without an ending, in which the tower's q and k rows are half-split.
    "gguf-ollama": dict(seed=0, text=(64, 2, 32, 8, 2, 96, 1e6), tower=(64, 3, 2, 80, "silu", 14, 224), form="ollama",
                        types=lambda name, i: "F16" if name.startswith(("v.", "mm.")) else "Q8_0"),
    # Every quantised type, mixed inside each layer, and a quantised vision file.
    "gguf-mixed": dict(seed=0, text=(256, 3, 64, 4, 1, 256, 1e7), tower=(64, 2, 1, 96, "silu", 14, 224), form="two",
                       types=lambda name, i: {"token_embd.weight": "Q4_K", "output.weight": "Q6_K", "mm.2.weight": "Q6_K"}.get(name)
                       or (("Q8_0" if "attn" in name else "Q5_0") if name.startswith(("v.", "mm.")) else EVERY[i % len(EVERY)])),
}

TEXT = [("tok_embeddings", "token_embd"), ("attention.wq", "attn_q"), ("attention.wk", "attn_k"), ("attention.wv", "attn_v"),
        ("attention.wo", "attn_output"), ("feed_forward.w1", "ffn_gate"), ("feed_forward.w2", "ffn_down"), ("feed_forward.w3", "ffn_up"),
        ("attention_norm", "attn_norm"), ("transformer.layers.", "blk."), ("layers.", "blk."), ("vision_encoder.", "v.")]
LLAMA = [("v.patch_conv", "v.patch_embd"), ("v.ln_pre", "v.pre_ln"), (".attn_norm", ".ln1"), (".ffn_norm", ".ln2"), (".attn_output", ".attn_out"),
         ("pre_mm_projector_norm", "mm.input_norm"), ("patch_merger.merging_layer", "mm.patch_merger"),
         ("vision_language_adapter.w_in", "mm.1"), ("vision_language_adapter.w_out", "mm.2")]
OLLAMA = [("v.ln_pre", "v.encoder_norm"), ("pre_mm_projector_norm", "mm.norm"), ("patch_merger.merging_layer", "mm.patch_merger.merging_layer"),
          ("vision_language_adapter.w_in", "mm.linear_1"), ("vision_language_adapter.w_out", "mm.linear_2")]


def gguf_name(mistral, form):
    name = "output_norm.weight" if mistral == "norm.weight" else mistral
    for old, new in TEXT:
        name = name.replace(old, new)
    if name.startswith(("v.", "pre_mm", "patch_merger", "vision_language")):
        for old, new in OLLAMA if form == "ollama" else LLAMA:
            name = name.replace(old, new)
    return name


def blocks_like(values, name, rng):
    """Random blocks of a type whose values have the deviation of the rows given; rows of special ids keep theirs."""
    rows, columns = values.shape
    per, size = GGML_QUANT_SIZES[Type[name]]
    blocks = rng.integers(0, 256, (rows, columns // per, size), np.uint8)

    def scaled(*scales):
        for at, scale in zip(SCALES[name], scales):
            blocks[:, :, at:at + 2] = np.broadcast_to(np.asarray(scale, np.float16)[..., None], blocks.shape[:2])[..., None].view(np.uint8)
        return dequantize(blocks.reshape(rows, -1), Type[name])

    first = scaled(1, 0)
    share = 0.0
    if len(SCALES[name]) == 2:
        share = -first.mean() / scaled(0, 1).mean()
        first = first + share * scaled(0, 1)
    scale = values.std(1) / first.std()
    return blocks, scaled(scale, share * scale)


def store(values, name, rng):
    """A tensor in a type: what goes into the file, and its values as float32."""
    if values.ndim == 1 or name == "F32":
        return values.astype(np.float32), values.astype(np.float32)
    if values.ndim > 2 or name == "F16":
        half = values.astype(np.float16)
        return half, half.astype(np.float32)
    if name == "BF16":
        half = gguf.quants.quantize(values.astype(np.float32), Type.BF16)
        return half, dequantize(half, Type.BF16)
    blocks, exact = blocks_like(values, name, rng)
    return blocks.reshape(len(values), -1), exact


def half_split(rows, head):
    """Rows of q or k with the pairs beside each other -> Hugging Face's order."""
    return rows.view(-1, head // 2, 2, rows.shape[1]).transpose(1, 2).reshape(rows.shape).contiguous()


def build(shape, seed):
    """The reference model in float32, and what the files hold: name -> (array, type)."""
    model = Mistral3ForConditionalGeneration(config(shape)).eval()
    model.set_attn_implementation("eager")
    random, rng = random_state(model, seed, False), np.random.default_rng(seed)
    tensors, matrices = {}, 0
    for hf, value in random.items():
        tower = "vision_tower" in hf
        turned = "q_proj" in hf or "k_proj" in hf
        head = shape["tower"][0] // shape["tower"][2] if tower else shape["text"][2]
        (mistral, canonical), = mistral_state({hf: value}, shape).items()
        name = gguf_name(mistral, shape["form"])
        kind = shape["types"](name, matrices)
        raw, exact = store((value if turned and tower and shape["form"] == "ollama" else canonical).numpy(), kind, rng)
        exact = torch.from_numpy(np.ascontiguousarray(exact)).reshape(value.shape)
        random[hf] = half_split(exact, head) if turned and not (tower and shape["form"] == "ollama") else exact
        tensors[name] = raw, Type[kind] if raw.dtype == np.uint8 else None
        matrices += name.startswith("blk.") and value.ndim == 2
    model.load_state_dict(random)
    return model, tensors


def spelled(data):
    """Bytes in GPT-2's spelling."""
    plain = [b for b in range(256) if 0x21 <= b <= 0x7e or 0xa1 <= b != 0xad]
    odd = [b for b in range(256) if b not in plain]
    return "".join(chr(b) if b in plain else chr(0x100 + odd.index(b)) for b in data)


def add_vocabulary(w, folder, pattern):
    """The tekken.json as converters write it; ids 32 and 33 go by the names of 3.1's tokenizer."""
    file = json.loads((folder / "tekken.json").read_text(encoding="utf-8"))
    names = [t["token_str"] for t in file["special_tokens"]]
    names += [f"<SPECIAL_{i}>" for i in range(len(names), SPECIALS)]
    names[32:34] = "<SPECIAL_32>", "<SPECIAL_33>"
    w.add_tokenizer_model("gpt2")
    w.add_tokenizer_pre(pattern)
    w.add_token_list(names + [spelled(b64decode(t["token_bytes"])) for t in file["vocab"]])
    w.add_token_types([3] * SPECIALS + [1] * (VOCAB - SPECIALS))
    w.add_bos_token_id(1)
    w.add_eos_token_id(2)


def add_text(w, shape):
    dim, layers, head, heads, kv, ffn, theta = shape["text"]
    w.add_type("model")
    w.add_name("Tiny Mistral Small 3.2")
    w.add_block_count(layers)
    w.add_context_length(4096)
    w.add_embedding_length(dim)
    w.add_feed_forward_length(ffn)
    w.add_head_count(heads)
    w.add_head_count_kv(kv)
    w.add_key_length(head)
    w.add_value_length(head)
    w.add_layer_norm_rms_eps(1e-5)
    w.add_rope_freq_base(theta)
    w.add_rope_dimension_count(dim // layers if shape["form"] == "ollama" else head)
    w.add_vocab_size(VOCAB)


def add_ollama_vision(w, shape):
    hidden, layers, heads, ffn, _, patch, image = shape["tower"]
    for key, value in {"block_count": layers, "embedding_length": hidden, "feed_forward_length": ffn, "attention.head_count": heads,
                       "attention.key_length": hidden // heads, "image_size": image, "patch_size": patch, "num_channels": 3}.items():
        w.add_uint32(f"mistral3.vision.{key}", value)
    w.add_float32("mistral3.vision.rope.freq_base", 1e4)
    w.add_uint32("mistral3.image_token_index", 10)
    w.add_uint32("mistral3.spatial_merge_size", 2)
    w.add_bool("mistral3.mm.projector_bias", False)
    w.add_string("mistral3.mm.projector_hidden_act", "gelu")


def add_vision(w, shape):
    hidden, layers, heads, ffn, _, patch, image = shape["tower"]
    w.add_type("mmproj")
    w.add_clip_has_vision_encoder(True)
    w.add_clip_projector_type("pixtral")
    w.add_vision_use_silu(True)
    w.add_vision_image_size(image)
    w.add_vision_patch_size(patch)
    w.add_vision_embedding_length(hidden)
    w.add_vision_feed_forward_length(ffn)
    w.add_vision_block_count(layers)
    w.add_vision_head_count(heads)
    w.add_vision_attention_layernorm_eps(1e-5)
    w.add_vision_projection_dim(shape["text"][0])
    w.add_vision_spatial_merge_size(2)


def finish(w, tensors):
    for name, (raw, kind) in tensors.items():
        w.add_tensor(name, np.ascontiguousarray(raw), raw_dtype=kind)
    w.write_header_to_file()
    w.write_kv_data_to_file()
    w.write_tensors_to_file()
    w.close()


def write(shape, tensors, folder, vocabulary):
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.iterdir():
        old.unlink()
    vision = {n: t for n, t in tensors.items() if n.startswith(("v.", "mm."))}
    text = {n: t for n, t in tensors.items() if n not in vision}
    if shape["form"] == "ollama":
        w = gguf.GGUFWriter(folder / "sha256-tiny", "mistral3")
        add_ollama_vision(w, shape)
        text |= vision
    else:
        w = gguf.GGUFWriter(folder / "tiny.gguf", "llama", split_max_tensors=8 if shape["form"] == "split" else 0)
        v = gguf.GGUFWriter(folder / "mmproj-tiny.gguf", "clip")
        add_vision(v, shape)
        # Converters repeat row 12 of the embedding here.
        finish(v, vision | {"v.token_embd.img_break": (np.zeros(shape["text"][0], np.float32), None)})
    add_text(w, shape)
    add_vocabulary(w, vocabulary, "default" if shape["form"] == "ollama" else "tekken")
    finish(w, text)


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("names", nargs="*", default=list(SHAPES))
    torch.set_num_threads(1)
    for name in ap.parse_args().names:
        shape, folder = SHAPES[name], OUT / name
        with tempfile.TemporaryDirectory() as temp:
            vocabulary = Path(temp)
            tokenizer(shape, vocabulary)
            ids, pixels = prompt(vocabulary)
            for seed in range(shape["seed"], shape["seed"] + 200):
                model, tensors = build(shape, seed)
                answer, least = greedy(model, ids, pixels)
                if good(answer, least):
                    break
            else:
                raise SystemExit(f"{name}: no seed gives a clear answer")
            write(shape, tensors, folder, vocabulary)
        record = golden(model, seed, ids, pixels, answer, least)
        dump(folder / "golden.json", record)
        size = sum(f.stat().st_size for f in folder.iterdir())
        print(f"{name:12} seed {seed:3}, least margin {least:.3f}, noise {record['float32_noise']:.1e}, "
              f"with an f16 cache {record['half_cache_noise']:.1e}, {size} bytes", flush=True)


if __name__ == "__main__":
    main()
