"""Write a copying circuit into Breeze's decoder by hand.

    python heads.py --run RUN        # changes RUN/last.pt

Training as such would wash the circuit out: Muon moves every matrix in all directions alike. So train.py keeps it as it
is (Circuit.keep after every step) and only lets the rest of the network learn to use it.

Copying ("what came after this token the last time?") takes two heads: one in layer 0 that looks at the previous
token (and a third that looks at the one before it) and notes which it was, one in layer 1 that looks for the place whose note equals the present token and passes on
the token found there. Small models find this pair late and suddenly; here both are set from the embeddings, and training
goes on from them. Query group 4..7 of both layers is overwritten, the rest only loses the few
directions of the residual stream that the notes take.
"""
import argparse
from pathlib import Path

import torch

from model import Breeze, Config

HEAD = 4          # the first query head of the second key/value group
NOTE = 28         # directions of the note: the slow pairs of the rotation, which turn little over a thousand tokens
BEFORE = .7       # how much the token before the present one counts
OWN = 44          # directions in which every token says which it is, undisturbed by other layers
SLOW = 18         # first slow pair
LOUD = 16         # a copied token against the names of the present one
LOGIT = 14        # of a copied token


def reading(model):
    """(matrix, norm) of everything that reads the residual stream."""
    for layer in model.layers:
        a, f = layer.attention, layer.feed_forward
        yield from ((w, layer.attention_norm) for w in (a.wq, a.wk, a.wv))
        yield from ((w, layer.ffn_norm) for w in (f.w1, f.w3))
    yield model.output, model.norm


def forget(model, basis):
    """Nobody reads the directions in basis [256, n] any more."""
    for w, norm in reading(model):
        g = norm.weight
        w.weight -= (w.weight * g) @ basis @ basis.T / g


def look_back(attention, norm, always, strength):
    """The places one and two before: the score of a key is the sum of r_j^2 cos(f_j (distance - n))."""
    D = attention.head_dim
    freq = Config.rope_theta ** (-torch.arange(0, D, 2).double() / D)
    r = torch.zeros(D // 2)
    r[:7] = torch.tensor([3., 2.2, 1.4, 1, .8, .6, .5]).sqrt()
    r = r * (26 * 8 / r.square().sum()).sqrt() / strength
    point = always.T / norm.weight
    attention.wk.weight[D:2 * D] = torch.cat([r, torch.zeros(D // 2)])[:, None] @ point
    for n in (1, 2):
        rows = slice((HEAD + n - 1) * D, (HEAD + n) * D)
        attention.wq.weight[rows] = torch.cat([r * torch.cos(n * freq).float(), -r * torch.sin(n * freq).float()])[:, None] @ point


def rms_before(model, tokens, n):
    """Root mean square of the residual stream before layer n."""
    x = model.embed(tokens)
    T = tokens.shape[1]
    mask = torch.full((T, T), -1e9).triu(1)
    for layer in model.layers[:n]:
        x = layer(x, model.cos[:T], model.sin[:T], mask)
    return x.square().mean(-1).sqrt().mean()


def craft(model, known, tokens):
    """known: ids of the words that matter; tokens [N, T]: a sample of text."""
    D = model.cfg.head_dim
    E = model.tok_embeddings.weight
    _, _, right = torch.linalg.svd(E[known], full_matrices=True)
    free = right[-(1 + 2 * NOTE + OWN):].T           # least used by the words that matter
    always, notes, notes2, own = free.split([1, NOTE, NOTE, OWN], 1)
    forget(model, free)
    E -= E @ free @ free.T
    for w in [model.projector.w_out, *(w for layer in model.layers for w in (layer.attention.wo, layer.feed_forward.w2))]:
        w.weight -= free @ (free.T @ w.weight)       # nor does anybody write there, but the new heads
    size = E[known].norm(dim=1).mean()
    mean = E[known].mean(0)
    code = torch.linalg.svd(E[known] - mean, full_matrices=False)[2][:OWN]
    names = (E - mean) @ code.T
    names *= .5 * size / names.norm(dim=1, keepdim=True).clamp(min=1)
    E += .5 * size * always.T + names @ own.T
    kv, head = slice(D, 2 * D), slice(HEAD * D, (HEAD + 1) * D)

    first, norm = model.layers[0].attention, model.layers[0].attention_norm
    rms = rms_before(model, tokens, 0)
    look_back(first, norm, always, .5 * size / rms)
    first.wv.weight[kv] = 0
    first.wv.weight[kv][:NOTE] = own[:, :NOTE].T / norm.weight * rms
    first.wo.weight[:, HEAD * D:(HEAD + 2) * D] = 0
    first.wo.weight[:, head][:, :NOTE] = notes
    first.wo.weight[:, HEAD * D + D:][:, :NOTE] = notes2

    second, norm = model.layers[1].attention, model.layers[1].attention_norm
    rms = rms_before(model, tokens, 1)
    places = torch.cat([torch.arange(SLOW, D // 2), torch.arange(SLOW, D // 2) + D // 2])
    gain = (40 * 8) ** .5 / names[known][:, :NOTE].norm(dim=1).mean() * rms
    k, q = torch.zeros(D, len(own)), torch.zeros(D, len(own))
    turn = torch.linalg.qr(torch.randn(NOTE, NOTE, generator=torch.Generator().manual_seed(1)))[0] * BEFORE ** .5
    k[places] = (notes.T + turn @ notes2.T) * gain / norm.weight
    q[places] = (own[:, :NOTE].T + turn @ notes.T) * gain / norm.weight
    second.wk.weight[kv], second.wq.weight[head] = k, q
    second.wv.weight[kv] = 0
    second.wv.weight[kv][:OWN] = own.T / norm.weight * rms
    second.wo.weight[:, head] = 0
    second.wo.weight[:, head][:, :OWN] = LOUD * own
    end = rms_before(model, tokens, len(model.layers))
    model.output.weight += LOGIT * end / LOUD / (.5 * size) ** 2 * names @ own.T / model.norm.weight
    return free


class Circuit:
    """What training must leave alone: the free directions, which nobody else may write, and the heads' own weights."""

    def __init__(self, saved):
        self.free, self.names, self.parts = saved["free"], saved["names"], saved["parts"]

    @staticmethod
    def of(model, free):
        D = model.cfg.head_dim
        kv, heads, one = (D, 2 * D), (HEAD * D, (HEAD + 2) * D), (HEAD * D, (HEAD + 1) * D)
        parts = {}
        for n, queries in ((0, heads), (1, one)):
            a, at = model.layers[n].attention, f"layers.{n}.attention"
            parts[f"{at}.wk.weight"] = (0, *kv, a.wk.weight[slice(*kv)].clone())
            parts[f"{at}.wv.weight"] = (0, *kv, a.wv.weight[slice(*kv)].clone())
            parts[f"{at}.wq.weight"] = (0, *queries, a.wq.weight[slice(*queries)].clone())
            parts[f"{at}.wo.weight"] = (1, *queries, a.wo.weight[:, slice(*queries)].clone())
            parts[f"{at}_norm.weight"] = (0, 0, model.cfg.dim, model.layers[n].attention_norm.weight.clone())
        return {"free": free, "names": model.tok_embeddings.weight @ free, "parts": parts}

    @staticmethod
    def found(model):
        """The circuit of weights that were trained with one, or None: its directions are those that nobody but its heads writes."""
        D, heads = model.cfg.head_dim, {0: (HEAD, HEAD + 2), 1: (HEAD, HEAD + 1)}
        writers = [model.projector.w_out.weight, *(layer.feed_forward.w2.weight for layer in model.layers)]
        for n, layer in enumerate(model.layers):
            a, b = heads.get(n, (0, 0))
            wo = layer.attention.wo.weight
            writers += [wo[:, :a * D], wo[:, b * D:]]
        left, sizes, _ = torch.linalg.svd(torch.cat(writers, 1), full_matrices=False)
        n = 1 + 2 * NOTE + OWN
        if sizes[-n] > .05 * sizes[-n - 1]:
            return None
        return Circuit.of(model, left[:, -n:])

    def keep(self, name, p):
        """Undo what a step did to the circuit in parameter p."""
        if name == "tok_embeddings.weight":
            p += (self.names - p @ self.free) @ self.free.T
        elif name.startswith("layers") and name.endswith(("wo.weight", "w2.weight")) or name == "projector.w_out.weight":
            p -= self.free @ (self.free.T @ p)
        if name in self.parts:
            axis, start, end, value = self.parts[name]
            p.narrow(axis, start, end - start).copy_(value)


def sample():
    """(ids of the words that matter, a batch of text)"""
    import random

    from chats import Batcher, collate, drill
    rng = random.Random(1)
    known = Batcher(rng).known
    return torch.tensor(known), torch.from_numpy(collate([drill(rng, known) for _ in range(16)])["tokens"][:, :120]).long()


@torch.no_grad()
def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--run", required=True)
    path = Path(ap.parse_args().run, "last.pt")
    saved = torch.load(path, map_location="cpu", weights_only=True)
    model = Breeze(Config())
    model.load_state_dict(saved["model"])
    saved["circuit"] = Circuit.of(model, craft(model, *sample()))
    saved["model"] = model.state_dict()
    saved["ema"] = {k: v.clone() for k, v in model.state_dict().items()}
    torch.save(saved, path)


if __name__ == "__main__":
    main()
