"""Breeze's network: the Mistral-Small-3.2 architecture (Pixtral tower, patch merger,
Mistral decoder) in plain PyTorch, small enough to train on two CPU cores.

Inside this file q and k rows are in the half-split order (row j turns with row j + D/2),
because slicing halves is quicker than slicing every other row; export.py reorders them to
the interleaved rows of Mistral's own checkpoints.
"""
import json
import math
from dataclasses import asdict, dataclass, field

import torch
import torch.nn as nn
import torch.nn.functional as F

MEAN = (0.48145466, 0.4578275, 0.40821073)
STD = (0.26862954, 0.26130258, 0.27577711)


@dataclass
class VisionConfig:
    hidden_size: int = 192
    num_channels: int = 3
    max_image_size: int = 224
    patch_size: int = 14
    rope_theta: float = 10000.0
    intermediate_size: int = 576
    num_hidden_layers: int = 5
    num_attention_heads: int = 3
    adapter_bias: bool = False
    mm_projector_id: str = "patch_merge"
    spatial_merge_size: int = 2
    add_pre_mm_projector_layer_norm: bool = True
    image_token_id: int = 10
    image_break_token_id: int = 12
    image_end_token_id: int = 13
    image_size: int = 224


@dataclass
class Config:
    dim: int = 256
    n_layers: int = 5
    head_dim: int = 64
    hidden_dim: int = 768
    n_heads: int = 8
    n_kv_heads: int = 2
    rope_theta: float = 100000.0
    norm_eps: float = 1e-05
    vocab_size: int = 4096
    max_position_embeddings: int = 8192
    vision_encoder: VisionConfig = field(default_factory=VisionConfig)

    def params_json(self):
        return json.dumps(asdict(self), indent=4) + "\n"


def rope_angles(cfg_dim, theta, positions):
    """Angles [len(positions), cfg_dim / 2] of one-dimensional RoPE."""
    freqs = theta ** (-torch.arange(0, cfg_dim, 2, dtype=torch.float64) / cfg_dim)
    return positions.double()[:, None] * freqs[None, :]


def grid_angles(head_dim, theta, rows, cols):
    """2-D RoPE: rows take the even-numbered frequencies, columns the odd-numbered ones."""
    freqs = theta ** (-torch.arange(0, head_dim, 2, dtype=torch.float64) / head_dim)
    r = torch.arange(rows, dtype=torch.float64)[:, None, None] * freqs[None, None, 0::2]
    c = torch.arange(cols, dtype=torch.float64)[None, :, None] * freqs[None, None, 1::2]
    quarter = head_dim // 4
    both = torch.cat([r.expand(rows, cols, quarter), c.expand(rows, cols, quarter)], -1)
    return both.reshape(rows * cols, head_dim // 2)


def cos_sin(angles):
    full = torch.cat([angles, angles], -1)
    return full.cos().float(), full.sin().float()


def rotate(x, cos, sin):
    half = x.shape[-1] // 2
    turned = torch.cat([-x[..., half:], x[..., :half]], -1)
    return x * cos.to(x.dtype) + turned * sin.to(x.dtype)


class RMSNorm(nn.Module):
    def __init__(self, dim, eps=1e-5):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(dim))
        self.eps = eps

    def forward(self, x):
        return F.rms_norm(x, x.shape[-1:], self.weight.to(x.dtype), self.eps)


class Attention(nn.Module):
    """Grouped-query attention; plain matrix products, since the fused one is slower backwards on a CPU."""

    def __init__(self, dim, heads, kv_heads, head_dim):
        super().__init__()
        self.heads, self.kv_heads, self.head_dim = heads, kv_heads, head_dim
        self.rotate = rotate
        self.watched, self.seen = False, None       # training looks at the attention of some layers
        self.wq = nn.Linear(dim, heads * head_dim, bias=False)
        self.wk = nn.Linear(dim, kv_heads * head_dim, bias=False)
        self.wv = nn.Linear(dim, kv_heads * head_dim, bias=False)
        self.wo = nn.Linear(heads * head_dim, dim, bias=False)

    def forward(self, x, cos, sin, mask=None, cache=None):
        B, T, _ = x.shape
        q = self.wq(x).view(B, T, self.heads, self.head_dim).transpose(1, 2)
        k = self.wk(x).view(B, T, self.kv_heads, self.head_dim).transpose(1, 2)
        v = self.wv(x).view(B, T, self.kv_heads, self.head_dim).transpose(1, 2)
        q = self.rotate(q * self.head_dim ** -0.5, cos, sin)
        k = self.rotate(k, cos, sin)
        if cache is not None:
            k, v = cache.extend(self, k, v)
        group = self.heads // self.kv_heads
        S = k.shape[2]
        q = q.reshape(B, self.kv_heads, group * T, self.head_dim)
        scores = q @ k.transpose(2, 3)
        if mask is not None:
            scores = (scores.view(B, self.kv_heads, group, T, S) + mask.to(scores.dtype)).view(B, self.kv_heads, group * T, S)
        shares = torch.softmax(scores, -1)
        if self.watched:
            self.seen = shares.view(B, self.heads, T, S)
        out = shares.to(v.dtype) @ v
        out = out.view(B, self.heads, T, self.head_dim).transpose(1, 2).reshape(B, T, -1)
        return self.wo(out)


class FeedForward(nn.Module):
    def __init__(self, dim, hidden):
        super().__init__()
        self.w1 = nn.Linear(dim, hidden, bias=False)
        self.w2 = nn.Linear(hidden, dim, bias=False)
        self.w3 = nn.Linear(dim, hidden, bias=False)

    def forward(self, x):
        return self.w2(F.silu(self.w1(x)) * self.w3(x))


class Block(nn.Module):
    def __init__(self, dim, heads, kv_heads, head_dim, hidden, eps):
        super().__init__()
        self.attention = Attention(dim, heads, kv_heads, head_dim)
        self.feed_forward = FeedForward(dim, hidden)
        self.attention_norm = RMSNorm(dim, eps)
        self.ffn_norm = RMSNorm(dim, eps)

    def forward(self, x, cos, sin, mask=None, cache=None):
        x = x + self.attention(self.attention_norm(x), cos, sin, mask, cache)
        return x + self.feed_forward(self.ffn_norm(x))


class VisionTower(nn.Module):
    def __init__(self, v):
        super().__init__()
        self.v = v
        self.head_dim = v.hidden_size // v.num_attention_heads
        self.patch_conv = nn.Linear(3 * v.patch_size ** 2, v.hidden_size, bias=False)
        self.ln_pre = RMSNorm(v.hidden_size)
        self.layers = nn.ModuleList(
            Block(v.hidden_size, v.num_attention_heads, v.num_attention_heads, self.head_dim, v.intermediate_size, 1e-5)
            for _ in range(v.num_hidden_layers))
        self.tables = {}

    def forward(self, pixels):
        """pixels [N, 3, H, W], all of one size -> patches [N, H/14, W/14, hidden]."""
        N, _, H, W = pixels.shape
        p = self.v.patch_size
        h, w = H // p, W // p
        x = pixels.view(N, 3, h, p, w, p).permute(0, 2, 4, 1, 3, 5).reshape(N, h * w, 3 * p * p)
        x = self.ln_pre(self.patch_conv(x))
        if (h, w) not in self.tables:
            self.tables[h, w] = cos_sin(grid_angles(self.head_dim, self.v.rope_theta, h, w))
        cos, sin = self.tables[h, w]
        for layer in self.layers:
            x = layer(x, cos, sin)
        return x.view(N, h, w, -1)


class Projector(nn.Module):
    def __init__(self, cfg):
        super().__init__()
        hidden = cfg.vision_encoder.hidden_size
        self.pre_mm_projector_norm = RMSNorm(hidden)
        self.merging_layer = nn.Linear(hidden * 4, hidden, bias=False)
        self.w_in = nn.Linear(hidden, cfg.dim, bias=False)
        self.w_out = nn.Linear(cfg.dim, cfg.dim, bias=False)

    def forward(self, x):
        """[N, h, w, C] -> [N, h/2 * w/2, dim]; merged features are channel-major (c*4 + dy*2 + dx)."""
        N, h, w, C = x.shape
        x = self.pre_mm_projector_norm(x)
        x = x.view(N, h // 2, 2, w // 2, 2, C).permute(0, 1, 3, 5, 2, 4).reshape(N, h * w // 4, 4 * C)
        return self.w_out(F.gelu(self.w_in(self.merging_layer(x))))


class Cache:
    """Key/value cache of one generation run."""

    def __init__(self):
        self.kv = {}

    def extend(self, owner, k, v):
        if owner in self.kv:
            k = torch.cat([self.kv[owner][0], k], 2)
            v = torch.cat([self.kv[owner][1], v], 2)
        self.kv[owner] = (k, v)
        return k, v


class Breeze(nn.Module):
    def __init__(self, cfg=None):
        super().__init__()
        cfg = cfg or Config()
        self.cfg = cfg
        self.vision = VisionTower(cfg.vision_encoder)
        self.projector = Projector(cfg)
        self.tok_embeddings = nn.Embedding(cfg.vocab_size, cfg.dim)
        self.layers = nn.ModuleList(
            Block(cfg.dim, cfg.n_heads, cfg.n_kv_heads, cfg.head_dim, cfg.hidden_dim, cfg.norm_eps)
            for _ in range(cfg.n_layers))
        self.norm = RMSNorm(cfg.dim, cfg.norm_eps)
        self.output = nn.Linear(cfg.dim, cfg.vocab_size, bias=False)
        cos, sin = cos_sin(rope_angles(cfg.head_dim, cfg.rope_theta, torch.arange(cfg.max_position_embeddings)))
        self.register_buffer("cos", cos, persistent=False)
        self.register_buffer("sin", sin, persistent=False)
        self.init_weights()

    def init_weights(self):
        for name, p in self.named_parameters():
            if p.dim() < 2:
                continue
            if "tok_embeddings" in name:
                nn.init.normal_(p, std=0.5)
            elif name == "output.weight":
                nn.init.normal_(p, std=0.02)
            else:
                nn.init.normal_(p, std=p.shape[1] ** -0.5)
                if name.endswith(("wo.weight", "w2.weight")):
                    p.data.mul_(0.3)

    def image_features(self, groups):
        """groups: list of pixel tensors [N, 3, H, W]; gives one [N, tokens, dim] per group."""
        return [self.projector(self.vision(g)) for g in groups]

    def embed(self, tokens, features=None):
        """Token embeddings with the [IMG] rows replaced; features [total, dim] in order of appearance."""
        x = self.tok_embeddings(tokens)
        if features is not None and len(features):
            where = (tokens == self.cfg.vision_encoder.image_token_id).reshape(-1).nonzero()[:, 0]
            x = x.reshape(-1, x.shape[-1]).index_copy(0, where, features.to(x.dtype)).view(*tokens.shape, -1)
        return x

    def decode(self, x, start=0, cache=None, states=None):
        """Hidden states (after the last norm) of embeddings x [B, T, dim]; the list states takes those after each layer."""
        T = x.shape[1]
        cos, sin = self.cos[start:start + T], self.sin[start:start + T]
        mask = None
        if T > 1:
            mask = torch.full((T, start + T), -1e9).triu(start + 1)
        for layer in self.layers:
            x = layer(x, cos, sin, mask, cache)
            if states is not None:
                states.append(x)
        return self.norm(x)

    @torch.no_grad()
    def generate(self, tokens, images=(), max_tokens=80, stop=2):
        """Greedy answer to one conversation; images: list of pixel tensors [3, H, W]."""
        features = None
        if images:
            features = torch.cat([self.projector(self.vision(im[None]))[0] for im in images])
        ids = torch.tensor([tokens])
        cache = Cache()
        hidden = self.decode(self.embed(ids, features), 0, cache)[:, -1]
        out = []
        while len(out) < max_tokens:
            nxt = int(self.output(hidden)[0].argmax())
            if nxt == stop:
                break
            out.append(nxt)
            hidden = self.decode(self.tok_embeddings(torch.tensor([[nxt]])), len(tokens) + len(out) - 1, cache)[:, -1]
        return out


def normalise(pixels):
    """float pixels 0..255 [..., 3, H, W] -> the values the tower sees."""
    mean = torch.tensor(MEAN).view(3, 1, 1)
    std = torch.tensor(STD).view(3, 1, 1)
    return (pixels.float() / 255 - mean) / std
