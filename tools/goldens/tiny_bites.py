"""How far typical mistakes move the log-probabilities of the tiny checkpoints: the goldens must notice each."""
from contextlib import contextmanager
from unittest import mock

import torch
from transformers.models.pixtral import modeling_pixtral

from tiny_checkpoints import interleave
from tiny_reference import logprobs


@contextmanager
def rotation(module, change):
    """Other rotary frequencies for a while."""
    before = module.inv_freq
    module.inv_freq = change(before)
    yield
    module.inv_freq = before


@contextmanager
def rows_as(model, part, change):
    """The rows of q and k of the tower or of the decoder in another order for a while."""
    kept = []
    for name, weight in model.named_parameters():
        if part in name and ("q_proj" in name or "k_proj" in name):
            kept.append((weight, weight.data))
            weight.data = change(name, weight.data)
    yield
    for weight, data in kept:
        weight.data = data


def mistakes(model):
    text = model.model.language_model.rotary_emb
    tower = model.model.vision_tower.patch_positional_embedding
    head_text = model.config.text_config.head_dim
    head_tower = model.config.vision_config.head_dim
    everything = mock.patch.object(
        modeling_pixtral, "generate_block_attention_mask", lambda lengths, x: torch.zeros(1, 1, x.shape[1], x.shape[1], dtype=x.dtype))
    yield "text rope_theta 10 times larger", rotation(text, lambda f: f * 10 ** -torch.linspace(0, 1, len(f)))
    yield "tower: rows and columns exchanged", rotation(tower, lambda f: f.roll(len(f) // 2))
    yield "text q/k rows in the other order", rows_as(model, "language_model", lambda n, w: interleave(w, head_text))
    yield "tower q/k rows in the other order", rows_as(model, "vision_tower", lambda n, w: interleave(w, head_tower))
    yield "pictures see each other in the tower", everything
    projector, layers = model.model.multi_modal_projector, model.model.vision_tower.transformer.layers
    yield "GELU by tanh in the projector", mock.patch.object(projector, "act", torch.nn.GELU(approximate="tanh"))
    yield "the other activation in the tower", activation(layers, torch.nn.GELU() if "silu" in model.config.vision_config.hidden_act else torch.nn.SiLU())
    yield "norms with epsilon 1e-6", epsilon(model, 1e-6)


@contextmanager
def activation(layers, other):
    before = [layer.feed_forward.act_fn for layer in layers]
    for layer in layers:
        layer.feed_forward.act_fn = other
    yield
    for layer, act in zip(layers, before):
        layer.feed_forward.act_fn = act


@contextmanager
def epsilon(model, value):
    norms = [m for m in model.modules() if hasattr(m, "variance_epsilon")]
    before = [m.variance_epsilon for m in norms]
    for m in norms:
        m.variance_epsilon = value
    yield
    for m, old in zip(norms, before):
        m.variance_epsilon = old


def report(model, ids, pixels, right):
    for name, mistake in mistakes(model):
        with mistake:
            wrong = logprobs(model, ids, pixels)[0]
        print(f"    {name:40} moves a log-probability by up to {(wrong - right).abs().max():.4f}")
