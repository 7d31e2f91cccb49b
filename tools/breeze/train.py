"""Train Breeze.

    python train.py --run RUN --stage vision --vision-minutes 25 --end 15:00    # until RUN/stop exists
    python train.py --run RUN --stage chat --end 15:00

Two stages. In the first the tower alone learns from the dense targets that data.py draws along with
each picture (what covers each patch, which object or glyph sits there): no text, so it is quick. In the
second, whole conversations; the dense targets stay as a small auxiliary loss. The heads for them are
not exported.

The learning rate is a function of the wall clock, so a slow machine still ends annealed. RUN/end.txt
("HH:MM" today, or seconds since 1970) moves the end while it runs; RUN/mix.json changes the shares of the
data while it runs. RUN/last.pt is written every few minutes, and the same command resumes from it.

Each rank is one process with one thread: on a machine shared with other work this is quicker than one process
with many threads, which wait for one another after every operation. The weights lie in shared memory; each
rank computes gradients on a batch of its own, then updates its share of the weights with the mean of all.
"""
import argparse
import datetime
import json
import math
import multiprocessing as mp
import os
import random
import time
from pathlib import Path

import numpy as np

from marks import ASK, COPY, FIRST, SAY, SECOND

AUX = {"cover_shape": "shape", "cover_colour": "colour", "obj_shape": "shape", "obj_colour": "colour", "char": "char",
       "bar_label": "char", "bar_number": "number"}
# (layer, heads, the marks whose targets they should look at): objects that are asked for or said,
# what is copied, the phrases of the question
LOOK = [(2, slice(0, 2), (ASK, SAY)), (3, slice(0, 1), (SAY,)), (2, slice(4, 6), (COPY,)), (3, slice(4, 5), (COPY,)),
        (3, slice(5, 6), (FIRST,)), (3, slice(6, 7), (SECOND,))]


# ------------------------------------------------------------------ data worker

def read_mix(run):
    path = Path(run, "mix.json")
    try:
        return json.loads(path.read_text())
    except (OSError, ValueError):
        return {}


def stack(scenes):
    """Scenes of one grid -> (pixels float16 [N, H, W, 3], targets)."""
    pixels = np.stack([s.pixels for s in scenes]).astype(np.float16)
    return pixels, {k: np.stack([s.targets[k] for s in scenes]) for k in scenes[0].targets}


def vision_batch(rng, mix, count=3):
    import data
    kinds = list(data.MAKERS)
    shares = mix.get("vision_kinds", {"crowd": 30, "shapes": 10, "page": 40, "word": 8, "number": 4, "bars": 8})
    groups = []
    for _ in range(count):
        kind = rng.choices(kinds, [shares.get(k, 0) for k in kinds])[0]
        rows, cols = data.pick_grid(rng, kind, mix.get("vision_big", .35))
        n = max(4, int(mix.get("vision_patches", 1600) / (rows * cols * 4)))
        scenes = []
        for _ in range(n):
            other = rng.choices(kinds, [shares.get(k, 0) for k in kinds])[0]
            if other == "bars" and rows < 3 or other in ("word", "number") and cols < 3 or other == "page" and cols < 3:
                other = kind
            scenes.append(data.draw(rng, other, rows, cols))
        groups.append(stack(scenes))
    return {"groups": groups, "pictures": sum(len(g[0]) for g in groups)}


def worker(run, seed, stage, ranks, queue):
    os.environ["OMP_NUM_THREADS"] = "1"
    rng = random.Random(f"train-{seed}")
    mix, looked = read_mix(run), time.time()
    make = None
    if stage == "chat":
        from chats import Batcher
        make = Batcher(rng)
    while True:
        if time.time() - looked > 20:
            mix, looked = read_mix(run), time.time()
        if stage == "vision":
            queue.put(vision_batch(rng, mix))
        else:
            for i, batch in enumerate(make.batches(mix)):
                if i % ranks == 0:      # alike for all ranks: they wait for the slowest
                    detach, extra = mix.get("detach", 0) > rng.random(), mix.get("extra", .5) > rng.random()
                batch["detach"] = detach
                if extra and not detach:      # pages and crowds for the tower alone
                    batch["extra"] = vision_batch(rng, {**mix, "vision_patches": mix.get("extra_patches", 800)}, 1)["groups"]
                queue.put(batch)


# ------------------------------------------------------------------ schedule

def parse_end(text):
    text = text.strip()
    if ":" in text:
        h, m = text.split(":")
        return datetime.datetime.now().replace(hour=int(h), minute=int(m), second=0).timestamp()
    return float(text)


def end_time(run, default):
    try:
        return parse_end(Path(run, "end.txt").read_text())
    except (OSError, ValueError):
        return default


def rate(now, start, end):
    """Share of the peak rate: a minute of warm-up, then a cosine to nothing."""
    f = min(1.0, max(0.0, (now - start) / max(1, end - start)))
    return min(1.0, (now - start + 2) / 40) * (0.5 + 0.5 * math.cos(math.pi * f))


def vision_rate(now, start, minutes):
    """The tower's own stage: falls to a third over its minutes, then stays."""
    f = min(1.0, (now - start) / 60 / minutes)
    return min(1.0, (now - start + 2) / 30) * (1 - f * 2 / 3)


# ------------------------------------------------------------------ training

def main():
    ap = argparse.ArgumentParser()
    ap.add_argument("--run", required=True)
    ap.add_argument("--end", default="15:00")
    ap.add_argument("--stage", choices=["vision", "chat"], required=True)
    ap.add_argument("--vision-minutes", type=float, default=25)
    ap.add_argument("--accumulate", type=int, default=1, help="batches per rank and step")
    ap.add_argument("--ranks", type=int, default=2)
    ap.add_argument("--muon", type=float, default=0.02)
    ap.add_argument("--adam", type=float, default=3e-3)
    ap.add_argument("--peak", type=float, default=1.0, help="scales both rates")
    ap.add_argument("--restart", action="store_true", help="begin the schedule anew from last.pt")
    args = ap.parse_args()
    run = Path(args.run)
    run.mkdir(parents=True, exist_ok=True)
    (run / "stop").unlink(missing_ok=True)

    queue = mp.Queue(3 * args.ranks)
    mp.Process(target=worker, args=(str(run), int(time.time()), args.stage, args.ranks, queue), daemon=True).start()

    import torch
    torch.set_num_threads(1)
    shared = Shared(args, run)
    ranks = [mp.Process(target=run_rank, args=(args, run, shared, rank, queue)) for rank in range(1, args.ranks)]
    for p in ranks:
        p.start()
    run_rank(args, run, shared, 0, queue)
    for p in ranks:
        p.join()


def run_rank(args, run, shared, rank, queue):
    Trainer(args, run, shared, rank).loop(queue)


class Shared:
    """What all ranks see: the weights, one gradient buffer per rank, a barrier and a stop flag."""

    def __init__(self, args, run):
        import torch
        import torch.nn as nn
        from data import CHAR_CLASSES, COLOUR_CLASSES, NONE_NUMBER, SHAPE_CLASSES
        from marks import FACTS, NAMED, PAIR, SAID, SPELT
        from model import Breeze
        torch.manual_seed(1)
        self.model = Breeze()
        self.classes = {"shape": SHAPE_CLASSES, "colour": COLOUR_CLASSES, "char": CHAR_CLASSES, "number": NONE_NUMBER + 1}
        dim = self.model.cfg.dim
        self.heads = nn.ModuleDict({k: nn.Linear(dim, 4 * self.classes[c]) for k, c in AUX.items()})
        self.heads["size"] = nn.Linear(dim, 4)
        self.heads["place"] = nn.Linear(dim, 2)      # row and column: the rotary tower only knows distances
        self.heads["offset"] = nn.Linear(dim, 8)
        # what the decoder's hidden states should tell: where an [IMG] token stands, what a phrase names, what it means
        self.probes = nn.ModuleDict({"grid0": nn.Linear(dim, 18), "grid1": nn.Linear(dim, 40), "named": nn.Linear(dim, sum(NAMED.values())),
                                     "facts": nn.Linear(dim, sum(FACTS.values())), "pair": nn.Linear(dim, sum(PAIR.values())),
                                     "said": nn.Linear(dim, sum(SAID.values())), "spelt": nn.Linear(dim, sum(SPELT.values()))})
        self.ema = {k: v.detach().clone() for k, v in self.model.state_dict().items()}
        self.circuit = None
        self.progress = {"step": 0, "pictures": 0, "stage": args.stage, "stage_start": time.time()}
        if (run / "last.pt").exists():
            self.load(run / "last.pt", None if args.restart else args.stage)
        self.model.share_memory()
        self.heads.share_memory()
        self.probes.share_memory()
        trained = [(n, p) for n, p in [*self.model.named_parameters(), *self.heads.named_parameters(), *self.probes.named_parameters()]
                   if args.stage == "chat" or n.startswith(("vision", "projector")) or not n.startswith(("tok_", "layers", "norm", "output"))]
        self.params = trained
        self.grads = torch.zeros(args.ranks, sum(p.numel() for _, p in trained)).share_memory_()
        self.pictures = torch.zeros(args.ranks, dtype=torch.long).share_memory_()
        self.stop = mp.Value("i", 0)
        self.barrier = mp.Barrier(args.ranks)

    def load(self, path, stage):
        import torch
        saved = torch.load(path, map_location="cpu", weights_only=True)
        self.model.load_state_dict(saved["model"])
        self.heads.load_state_dict(saved["heads"], strict=False)
        self.probes.load_state_dict(saved.get("probes", {}), strict=False)
        self.ema = saved["ema"]
        if "circuit" in saved:
            from heads import Circuit
            self.circuit = Circuit(saved["circuit"])
        for key in self.progress:
            if key in saved and (key in ("step", "pictures") or saved["stage"] == stage):
                self.progress[key] = saved[key]
        print(f"resumed: {self.progress}", flush=True)


class Trainer:
    def __init__(self, args, run, shared, rank):
        import torch
        torch.set_num_threads(1)
        self.args, self.run, self.torch, self.shared, self.rank = args, run, torch, shared, rank
        self.model, self.heads, self.probes = shared.model, shared.heads, shared.probes
        for layer, *_ in LOOK:
            self.model.layers[layer].attention.watched = True
        self.none = {k: shared.classes[c] - 1 for k, c in AUX.items()}
        self.stage, self.stage_start = args.stage, shared.progress["stage_start"]
        self.step, self.pictures = shared.progress["step"], shared.progress["pictures"]
        self.peak = read_mix(run).get("peak", args.peak)
        self.weights = read_mix(run).get("weights", {})
        self.sums, self.usual = {}, None
        self.bind_gradients()
        self.optimisers = self.make_optimisers()
        path = run / f"optimiser-{args.stage}-{rank}of{args.ranks}.pt"
        self.optimiser_path = path
        if path.exists() and not args.restart:
            for o, s in zip(self.optimisers, torch.load(path, weights_only=True)):
                mine = [p for g in o.param_groups for p in g["params"]]
                shapes = [next(iter(s["state"][i].values() if "momentum" in s["state"][i] else [s["state"][i]["exp_avg"]])).shape for i in s["state"]]
                if shapes == [p.shape for p in mine]:
                    o.load_state_dict(s)
                else:
                    print("the probes changed: one optimiser begins anew", flush=True)

    def bind_gradients(self):
        """Every .grad is a view into this rank's shared buffer, so nothing has to be copied."""
        at = 0
        self.slices, self.names = {}, {}
        for name, p in self.shared.params:
            self.names[p] = name
            self.slices[p] = (at, at + p.numel())
            p.grad = self.shared.grads[self.rank, at:at + p.numel()].view_as(p)
            at += p.numel()

    def make_optimisers(self):
        """Optimisers over this rank's share of the parameters, split evenly by size."""
        from muon import Muon
        torch, n = self.torch, self.args.ranks
        matrices, rest = [], []
        for name, p in self.shared.params:
            plain = p.dim() == 2 and not any(s in name for s in ("tok_embeddings", "output", "patch_conv", "obj_", "cover_", "char", "size", "place", "offset", "bar_", "grid", "named", "facts", "pair", "said", "spelt"))
            (matrices if plain else rest).append(p)
        matrices.sort(key=lambda p: tuple(p.shape))
        mine = matrices[self.rank::n]
        tower = {p for name, p in self.shared.params if name.startswith(("vision", "projector"))}
        loads, share = [0] * n, []
        for p in sorted(rest, key=lambda p: -p.numel()):
            r = loads.index(min(loads))
            loads[r] += p.numel()
            if r == self.rank:
                share.append(p)
        self.mine = mine + share
        # in the second stage the tower has learnt already and moves less than the decoder
        calm = read_mix(self.run).get("tower", .6) if self.stage == "chat" else 1.0
        groups = [{"params": [p for p in mine if p in tower], "scale": calm}, {"params": [p for p in mine if p not in tower], "scale": 1.0}]
        return [Muon([g for g in groups if g["params"]], lr=self.args.muon, weight_decay=.05),
                torch.optim.AdamW(share, lr=self.args.adam, betas=(.9, .98), weight_decay=.0)]

    def save(self):
        torch = self.torch
        torch.save([o.state_dict() for o in self.optimisers], self.optimiser_path)
        if self.rank:
            return
        saved = {"model": {k: v.clone() for k, v in self.model.state_dict().items()},
                 "heads": {k: v.clone() for k, v in self.heads.state_dict().items()},
                 "probes": {k: v.clone() for k, v in self.probes.state_dict().items()}, "ema": self.shared.ema,
                 **({"circuit": vars(self.shared.circuit)} if self.shared.circuit else {}),
                 "step": self.step, "pictures": self.pictures, "stage": self.stage, "stage_start": self.stage_start}
        torch.save(saved, self.run / "last.part")
        (self.run / "last.part").replace(self.run / "last.pt")

    def aux_loss(self, features, targets, rows, cols):
        """Dense losses of one group; features [N, rows*cols, dim]."""
        torch, F = self.torch, self.torch.nn.functional
        total = 0.0

        def cells(t):
            n = t.shape[0]
            return torch.from_numpy(t).view(n, rows, 2, cols, 2, *t.shape[3:]).transpose(2, 3).reshape(-1, *t.shape[3:])
        for key, head in self.heads.items():
            out = head(features)
            if key == "place":
                r, c = torch.meshgrid((torch.arange(rows) + .5) / rows, (torch.arange(cols) + .5) / cols, indexing="ij")
                total = total + 4 * F.mse_loss(out.float(), torch.stack([r, c], -1).view(1, -1, 2).expand(len(out), -1, -1))
                continue
            want = cells(targets[key])
            if key in ("size", "offset"):
                here = cells(targets["obj_shape"]) != self.none["obj_shape"]
                if here.any():
                    total = total + (4 if key == "size" else 1) * F.mse_loss(out.reshape(want.shape)[here].float(), want[here])
                continue
            out = out.reshape(len(want), -1).float()
            here = want != self.none[key]
            weight = torch.where(here, 1.0, .25)
            ce = F.cross_entropy(out, want, reduction="none")
            total = total + (ce * weight).sum() / weight.sum()
            if self.step % 5 == 0 and here.any():
                self.note("acc_" + key, (out[here].argmax(-1) == want[here]).float().mean().item())
        return total

    def note(self, key, value):
        s = self.sums.setdefault(key, [0.0, 0])
        s[0] += value
        s[1] += 1

    def forward(self, batch, aux_weight):
        torch = self.torch
        from model import normalise
        feats, aux = [], 0.0
        groups = batch["groups"] + batch.get("extra", [])
        count = sum(len(g[0]) for g in groups)
        for i, (pixels, targets) in enumerate(groups):
            px = normalise(torch.from_numpy(pixels).permute(0, 3, 1, 2)).contiguous()
            if batch.get("detach"):      # the decoder alone learns: two thirds of the tower's cost saved
                with torch.no_grad():
                    feats.append(self.model.projector(self.model.vision(px)))
                continue
            f = self.model.projector(self.model.vision(px))
            if aux_weight:
                rows, cols = px.shape[2] // 28, px.shape[3] // 28
                aux = aux + self.aux_loss(f, targets, rows, cols) * (len(px) / max(1, count))
            if i < len(batch["groups"]):
                feats.append(f)
        loss = aux * aux_weight
        if aux_weight and groups and not batch.get("detach"):
            self.note("aux", float(aux.detach()))
        if "tokens" in batch:
            loss = loss + self.text_loss(batch, feats)
        return loss

    def text_loss(self, batch, feats):
        torch, F = self.torch, self.torch.nn.functional
        tokens = torch.from_numpy(batch["tokens"]).long()
        features = None
        if feats:
            flat = torch.cat([f.reshape(-1, f.shape[-1]) for f in feats])
            features = flat[torch.from_numpy(batch["order"])]
        states = []
        hidden = self.model.decode(self.model.embed(tokens, features), states=states)
        rows, cols = torch.from_numpy(batch["where"])          # positions that predict an answer's token
        logits = self.model.output(hidden[rows, cols]).float()
        want = tokens[rows, cols + 1]
        ce = F.cross_entropy(logits, want, reduction="none")
        weights = torch.from_numpy(batch["weights"])
        # per answer, not per batch: a batch of long conversations holds few answers
        total = weights.sum().item()
        self.usual = total if self.usual is None else .98 * self.usual + .02 * total
        loss = (ce * weights).sum() / self.usual
        if len(batch["marks"]):
            loss = loss + self.look_loss(batch, states)
        told = weights > .021
        self.note("lm", ce[told].mean().item())
        if self.step % 5 == 0:
            right = (logits.argmax(-1) == want).float()
            for k, name in enumerate(batch["kinds"]):
                here = torch.from_numpy(batch["kind_of"] == k)
                self.note("t_" + name, right[here].mean().item())
        return loss

    def look_loss(self, batch, states):
        """Attention that goes to the objects that are meant, and what the hidden states should tell (marks.py)."""
        torch, F = self.torch, self.torch.nn.functional
        from marks import FACTS, NAMED, PAIR, SAID, SPELT
        marks, grid, pairs = (torch.from_numpy(batch[k]) for k in ("marks", "grid", "pairs"))

        def told(name, out, classes, want):
            total = 0.0
            for logits, (key, n), column in zip(out.float().split(list(classes.values()), 1), classes.items(), want.T):
                here = column >= 0
                if here.any():
                    total = total + F.cross_entropy(logits[here], column[here], reduction="sum") / (here.sum() + 8)      # few are noise
                    if self.step % 5 == 0:
                        self.note(f"{name}_{key}", (logits[here].argmax(-1) == column[here]).float().mean().item())
            return total
        at = grid[:, 0], grid[:, 1]
        loss = self.weight("grid") * told("g0", self.probes["grid0"](states[0][at]), {"row": 9, "col": 9}, grid[:, 2:4])
        loss = loss + self.weight("grid") * told("g1", self.probes["grid1"](states[1][at]), {"row": 9, "col": 9, "pic": 10, "glyphs": 12}, grid[:, 2:])
        row, position, kind = marks[:, :3].T
        facts, named, pair, said, spelt = marks[:, 3:].split([len(FACTS), len(NAMED), len(PAIR), len(SAID), len(SPELT)], 1)
        loss = loss + self.weight("named") * told("n", self.probes["named"](states[1][row, position]), NAMED, named)
        loss = loss + self.weight("said") * told("s", self.probes["said"](states[1][row, position]), SAID, said)
        loss = loss + self.weight("facts") * told("f", self.probes["facts"](states[2][row, position]), FACTS, facts)
        loss = loss + self.weight("said") * told("s", self.probes["spelt"](states[1][row, position]), SPELT, spelt)
        two = (pair >= 0).any(1)
        loss = loss + self.weight("pair") * told("p", self.probes["pair"](states[3][row[two], position[two]]), PAIR, pair[two])
        for layer, heads, kinds in LOOK:
            seen = self.model.layers[layer].attention.seen[:, heads]
            mass = torch.zeros(len(marks), seen.shape[1]).index_add(0, pairs[:, 0], seen[row[pairs[:, 0]], :, position[pairs[:, 0]], pairs[:, 1]].float())
            name = "copy" if COPY in kinds else "look" if SAY in kinds else "phrase"
            mass = mass[torch.isin(kind, torch.tensor(kinds))]
            if len(mass):
                loss = loss - self.weight(name) * (mass + 1e-3).log().mean()
                if self.step % 5 == 0:
                    self.note(f"{name}{layer}", mass.detach().mean().item())
        return loss

    def weight(self, name):
        return self.weights.get(name, .1)

    def update(self):
        """All ranks together: mean gradient, each updates its share."""
        torch, shared = self.torch, self.shared
        shared.barrier.wait()
        stopping = shared.stop.value      # read between the barriers: every rank sees the same
        for p in self.mine:
            a, b = self.slices[p]
            p.grad = shared.grads[:, a:b].mean(0).view_as(p)
        norm = torch.nn.utils.clip_grad_norm_(self.mine, 2.0)
        for o in self.optimisers:
            o.step()
        if shared.circuit:
            with torch.no_grad():
                for p in self.mine:
                    shared.circuit.keep(self.names[p], p)
        shared.barrier.wait()
        own = shared.grads[self.rank]
        own.zero_()
        for p in self.mine:
            a, b = self.slices[p]
            p.grad = own[a:b].view_as(p)
        return norm.item(), stopping

    def set_rate(self, now, end):
        r = self.peak * rate(now, self.stage_start, end) if self.stage == "chat" else vision_rate(now, self.stage_start, self.args.vision_minutes)
        for o, lr in zip(self.optimisers, (self.args.muon, self.args.adam)):
            for g in o.param_groups:
                g["lr"] = lr * r * g.get("scale", 1.0)
        return r

    def loop(self, queue):
        torch, shared = self.torch, self.shared
        last_save = last_log = time.time()
        waited = idle = 0.0
        while True:
            now = time.time()
            end = end_time(self.run, parse_end(self.args.end))
            if self.step % 20 == 0:
                mix = read_mix(self.run)
                self.peak, self.weights = mix.get("peak", self.args.peak), mix.get("weights", {})
            r = self.set_rate(now, end)
            if self.rank == 0 and (now >= end or (self.run / "stop").exists()):
                shared.stop.value = 1
            pictures = 0
            for _ in range(self.args.accumulate):
                asked = time.time()
                batch = queue.get()
                waited += time.time() - asked
                aux_weight = 1.0 if self.stage == "vision" else .08 + .25 * r
                with torch.autocast("cpu", torch.bfloat16):
                    loss = self.forward(batch, aux_weight) / self.args.accumulate
                loss.backward()
                pictures += batch["pictures"]
            shared.pictures[self.rank] = pictures
            ready = time.time()
            norm, stopping = self.update()
            self.note("norm", norm)
            idle += time.time() - ready
            self.step += 1
            self.pictures += int(shared.pictures.sum())
            if self.rank == 0 and self.step % 2 == 0:
                with torch.no_grad():
                    state = self.model.state_dict()
                    torch._foreach_lerp_(list(shared.ema.values()), [state[k] for k in shared.ema], .02)
            now = time.time()
            if self.rank == 0 and now - last_log > 30:
                values = " ".join(f"{k.replace(' ', '_')}={s / n:.3f}" for k, (s, n) in sorted(self.sums.items()))
                print(f"{datetime.datetime.now():%H:%M:%S} step {self.step} pictures {self.pictures} rate {r:.3f} "
                      f"wait {waited / (now - last_log):.2f} update {idle / (now - last_log):.2f} {values}", flush=True)
                self.sums, waited, idle, last_log = {}, 0.0, 0.0, now
            if stopping or now - last_save > 240:
                self.save()
                last_save = now
            if stopping:
                break
        if self.rank == 0:
            print("saved at step", self.step, flush=True)


if __name__ == "__main__":
    main()
