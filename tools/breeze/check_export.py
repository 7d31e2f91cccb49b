"""Is the exported folder truly this architecture? Compares three implementations in float32.

    python check_export.py [--model ../../assets/breeze]

1. reference.py on the exported tensors (interleaved rows),
2. transformers' Mistral3ForConditionalGeneration with q/k rows permuted to half-split,
on a prompt with two pictures made by mistral-common, whose tekken.json this also loads.
"""
import argparse
import json
from pathlib import Path

import numpy as np
import torch
from mistral_common.protocol.instruct.request import ChatCompletionRequest
from mistral_common.tokens.tokenizers.mistral import MistralTokenizer
from safetensors.torch import load_file
from transformers import Mistral3Config, Mistral3ForConditionalGeneration

import reference
from test_template import picture_url
from vocabulary import FOLDER


def half_split(weight, head_dim):
    heads = weight.shape[0] // head_dim
    return weight.view(heads, head_dim // 2, 2, -1).transpose(1, 2).reshape(weight.shape)


def hf_name(name):
    if name.startswith("vision_encoder."):
        name = name.replace("vision_encoder.", "model.vision_tower.")
        for ours, theirs in (("wq", "q_proj"), ("wk", "k_proj"), ("wv", "v_proj"), ("wo", "o_proj")):
            name = name.replace(f"attention.{ours}.", f"attention.{theirs}.")
        for ours, theirs in (("w1", "gate_proj"), ("w2", "down_proj"), ("w3", "up_proj")):
            name = name.replace(f"feed_forward.{ours}.", f"feed_forward.{theirs}.")
        return name
    fixed = {"tok_embeddings.weight": "model.language_model.embed_tokens.weight", "norm.weight": "model.language_model.norm.weight",
             "output.weight": "lm_head.weight", "pre_mm_projector_norm.weight": "model.multi_modal_projector.norm.weight",
             "patch_merger.merging_layer.weight": "model.multi_modal_projector.patch_merger.merging_layer.weight",
             "vision_language_adapter.w_in.weight": "model.multi_modal_projector.linear_1.weight",
             "vision_language_adapter.w_out.weight": "model.multi_modal_projector.linear_2.weight"}
    if name in fixed:
        return fixed[name]
    for ours, theirs in (("attention_norm", "input_layernorm"), ("ffn_norm", "post_attention_layernorm"), ("attention.wq", "self_attn.q_proj"),
                         ("attention.wk", "self_attn.k_proj"), ("attention.wv", "self_attn.v_proj"), ("attention.wo", "self_attn.o_proj"),
                         ("feed_forward.w1", "mlp.gate_proj"), ("feed_forward.w2", "mlp.down_proj"), ("feed_forward.w3", "mlp.up_proj")):
        name = name.replace(ours, theirs)
    return "model.language_model." + name


def transformers_model(folder):
    p = json.loads(Path(folder, "params.json").read_text())
    v = p["vision_encoder"]
    config = Mistral3Config(
        text_config=dict(model_type="mistral", hidden_size=p["dim"], num_hidden_layers=p["n_layers"], head_dim=p["head_dim"], intermediate_size=p["hidden_dim"],
                         num_attention_heads=p["n_heads"], num_key_value_heads=p["n_kv_heads"], rms_norm_eps=p["norm_eps"], vocab_size=p["vocab_size"],
                         max_position_embeddings=p["max_position_embeddings"], sliding_window=None, tie_word_embeddings=False,
                         rope_parameters={"rope_theta": p["rope_theta"], "rope_type": "default"}),
        vision_config=dict(model_type="pixtral", hidden_size=v["hidden_size"], num_hidden_layers=v["num_hidden_layers"], num_attention_heads=v["num_attention_heads"],
                           head_dim=v["hidden_size"] // v["num_attention_heads"], intermediate_size=v["intermediate_size"], image_size=v["image_size"],
                           patch_size=v["patch_size"], hidden_act="silu", rope_parameters={"rope_theta": v["rope_theta"], "rope_type": "default"}),
        image_token_index=10, projector_hidden_act="gelu", multimodal_projector_bias=False, spatial_merge_size=2, vision_feature_layer=-1,
        tie_word_embeddings=False)
    model = Mistral3ForConditionalGeneration(config).float().eval()
    state = {}
    for name, t in load_file(Path(folder, "consolidated.safetensors")).items():
        t = t.float()
        if name.endswith(("wq.weight", "wk.weight")):
            t = half_split(t, p["head_dim"] if not name.startswith("vision") else v["hidden_size"] // v["num_attention_heads"])
        state[hf_name(name)] = t
    missing, unexpected = model.load_state_dict(state, strict=False)
    assert not unexpected and not [m for m in missing if "inv_freq" not in m], (missing, unexpected)
    return model


def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--model", default=str(FOLDER))
    args = ap.parse_args()
    tokenizer = MistralTokenizer.from_file(str(Path(args.model, "tekken.json")))
    request = ChatCompletionRequest.from_openai([{"role": "user", "content": [
        {"type": "image_url", "image_url": {"url": picture_url(4, 5)}}, {"type": "text", "text": "Which picture shows a star, this one"},
        {"type": "image_url", "image_url": {"url": picture_url(3, 3)}}, {"type": "text", "text": "or this one?"}]}])
    tokens = tokenizer.encode_chat_completion(request).tokens
    gen = np.random.default_rng(0)
    pictures = [reference.pixels(gen.uniform(0, 255, (112, 140, 3)).astype(np.float32)), reference.pixels(gen.uniform(0, 255, (84, 84, 3)).astype(np.float32))]
    ours, theirs = reference.load(args.model), transformers_model(args.model)
    with torch.no_grad():
        features = torch.cat([ours.projector(ours.vision(p[None]))[0] for p in pictures])
        a = ours.output(ours.decode(ours.embed(torch.tensor([tokens]), features)))[0]
        padded = torch.zeros(2, 3, 112, 140)
        for i, p in enumerate(pictures):
            padded[i, :, :p.shape[1], :p.shape[2]] = p
        sizes = torch.tensor([[p.shape[1], p.shape[2]] for p in pictures])
        b = theirs(input_ids=torch.tensor([tokens]), pixel_values=padded, image_sizes=sizes).logits[0]
    gap = (a.log_softmax(-1) - b.log_softmax(-1)).abs().max().item()
    print(f"{len(tokens)} tokens, largest difference of log-probabilities: {gap:.2e}; largest logit {a.abs().max():.2f}")
    assert gap < 1e-3


if __name__ == "__main__":
    main()
