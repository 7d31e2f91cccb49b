"""Muon (orthogonalised momentum) for the weight matrices, AdamW for everything else.

Matrices of one shape are stacked, so a step is a few batched products instead of one per layer.
"""
import torch


def orthogonalise(G, steps=5):
    """Newton-Schulz iteration towards the nearest (semi-)orthogonal matrices; G is [n, rows, cols]."""
    a, b, c = 3.4445, -4.7750, 2.0315
    X = G.bfloat16()
    tall = X.shape[1] > X.shape[2]
    if tall:
        X = X.transpose(1, 2)
    X = X / (X.norm(dim=(1, 2), keepdim=True) + 1e-7)
    for _ in range(steps):
        A = X @ X.transpose(1, 2)
        B = torch.baddbmm(A, A, A, beta=b, alpha=c)
        X = torch.baddbmm(X, B, X, beta=a)
    return X.transpose(1, 2) if tall else X


class Muon(torch.optim.Optimizer):
    def __init__(self, params, lr=0.02, momentum=0.95, weight_decay=0.0):
        super().__init__(params, dict(lr=lr, momentum=momentum, weight_decay=weight_decay))

    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            by_shape = {}
            for p in group["params"]:
                if p.grad is not None:
                    by_shape.setdefault(p.shape, []).append(p)
            for shape, ps in by_shape.items():
                updates = []
                for p in ps:
                    buf = self.state[p].setdefault("momentum", torch.zeros_like(p))
                    buf.lerp_(p.grad, 1 - group["momentum"])
                    updates.append(p.grad.lerp(buf, group["momentum"]))
                step = orthogonalise(torch.stack(updates))
                lr = group["lr"] * max(1, shape[0] / shape[1]) ** 0.5
                for p, u in zip(ps, step):
                    p.mul_(1 - group["lr"] * group["weight_decay"]).add_(u, alpha=-lr)
