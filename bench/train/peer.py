"""The networks of `networks.ts` in PyTorch, trained by the same step: forward, cross-entropy, all gradients,
SGD with momentum.

    peer.py CASE THREADS

Answers the line `run K` with the seconds that K steps took, by the wall and by the processor, and the last
loss; `peak` with the most memory it ever held, in kB. Exits with 3 where PyTorch is not installed.
"""

import resource
import sys
import time

try:
    import torch
    from torch import nn
except ImportError:
    sys.exit(3)

CLASSES = 10


def conv_bn_act(ins, outs, kernel, stride=1, groups=1, act=True):
    layers = [
        nn.Conv2d(ins, outs, kernel, stride=stride, padding=(kernel - 1) // 2, groups=groups, bias=False),
        nn.BatchNorm2d(outs),
    ]
    return nn.Sequential(*layers, *([nn.ReLU()] if act else []))


def headed(body, channels):
    return nn.Sequential(body, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(channels, CLASSES))


def plain(groups):
    def layer(ins, outs):
        return conv_bn_act(ins, outs, 3, groups=groups)

    return headed(
        nn.Sequential(
            conv_bn_act(3, 64, 3),
            layer(64, 64),
            nn.MaxPool2d(2),
            layer(64, 128),
            layer(128, 128),
            nn.MaxPool2d(2),
            layer(128, 128),
        ),
        128,
    )


def separable(ins, outs):
    return nn.Sequential(conv_bn_act(ins, ins, 3, groups=ins), conv_bn_act(ins, outs, 1))


def depthwise():
    return headed(
        nn.Sequential(
            conv_bn_act(3, 64, 3),
            separable(64, 64),
            nn.MaxPool2d(2),
            separable(64, 128),
            nn.MaxPool2d(2),
            separable(128, 128),
        ),
        128,
    )


class Bottleneck(nn.Module):
    def __init__(self, ins, inner, outs, stride):
        super().__init__()
        self.body = nn.Sequential(
            conv_bn_act(ins, inner, 1),
            conv_bn_act(inner, inner, 3, stride=stride, groups=32),
            conv_bn_act(inner, outs, 1, act=False),
        )
        self.shortcut = conv_bn_act(ins, outs, 1, stride=stride, act=False)

    def forward(self, x):
        return torch.relu(self.body(x) + self.shortcut(x))


def resnext():
    body = nn.Sequential(
        conv_bn_act(3, 64, 3),
        Bottleneck(64, 64, 128, 1),
        Bottleneck(128, 128, 256, 2),
        Bottleneck(256, 256, 512, 2),
    )
    return headed(body, 512)


class SmartGroupConv(nn.Module):
    """S3, for 64 -> 128: 16 groups."""

    def __init__(self, ins, outs, groups):
        super().__init__()
        self.conv = nn.Conv2d(ins, outs, 3, padding=1, groups=groups)
        squeezed = outs // groups
        self.attention = nn.Sequential(
            nn.AdaptiveAvgPool2d(1),
            nn.Conv2d(outs, squeezed, 1),
            nn.ReLU(),
            nn.Conv2d(squeezed, outs, 1),
            nn.Sigmoid(),
        )

    def forward(self, x):
        y = self.conv(x)
        return y * self.attention(y)


class RescueCombo(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(64, 128, 1, groups=16)
        self.bn = nn.BatchNorm2d(128)
        self.fusion = nn.Conv2d(128, 128, 1)
        self.pool = nn.AdaptiveAvgPool2d(1)

    def forward(self, x):
        y = self.bn(self.conv1(x))
        return self.pool(y + self.fusion(y))


class TunableGroupConv(nn.Module):
    def __init__(self, ins, outs, groups):
        super().__init__()
        self.conv = nn.Conv2d(ins, outs, 3, padding=1, groups=groups)
        self.aux_conv = nn.Conv2d(ins, outs, 1)

    def forward(self, x):
        return self.conv(x) + 0.3 * self.aux_conv(x)


def conv_block(ins, hidden, outs, groups):
    return nn.Sequential(
        nn.Conv2d(ins, hidden, 3, padding=1, groups=groups),
        nn.BatchNorm2d(hidden),
        nn.ReLU(),
        nn.Conv2d(hidden, outs, 1),
        nn.BatchNorm2d(outs),
    )


def conv_block_network():
    return nn.Sequential(
        conv_block(3, 3, 64, 1),
        conv_block(64, 256, 128, 4),
        conv_block(128, 512, 256, 4),
        conv_block(256, 512, CLASSES, 1),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
    )


def scene_stage(ins, outs, groups):
    return nn.Sequential(
        nn.Conv2d(ins, outs, 3, padding=1, groups=groups), nn.BatchNorm2d(outs), nn.ReLU(), nn.MaxPool2d(2)
    )


CASES = {
    "plain-g1": (lambda: plain(1), (32, 3, 32, 32)),
    "plain-g4": (lambda: plain(4), (32, 3, 32, 32)),
    "plain-g16": (lambda: plain(16), (32, 3, 32, 32)),
    "depthwise": (depthwise, (32, 3, 32, 32)),
    "resnext": (resnext, (32, 3, 32, 32)),
    "smart": (lambda: headed(SmartGroupConv(64, 128, 16), 128), (32, 64, 32, 32)),
    "rescue": (lambda: nn.Sequential(RescueCombo(), nn.Flatten(), nn.Linear(128, CLASSES)), (32, 64, 32, 32)),
    "tunable": (
        lambda: headed(
            nn.Sequential(
                conv_bn_act(3, 64, 3),
                TunableGroupConv(64, 64, 4),
                nn.ReLU(),
                nn.MaxPool2d(2),
                TunableGroupConv(64, 128, 8),
                nn.ReLU(),
            ),
            128,
        ),
        (32, 3, 32, 32),
    ),
    "conv-block": (conv_block_network, (16, 3, 16, 16)),
    "scene-aware": (
        lambda: headed(nn.Sequential(scene_stage(3, 64, 1), scene_stage(64, 128, 2), scene_stage(128, 256, 4)), 256),
        (32, 3, 32, 32),
    ),
}


def main(name: str, threads: int) -> None:
    torch.set_num_threads(threads)
    torch.manual_seed(0)
    make, shape = CASES[name]
    network = make().train()
    optimizer = torch.optim.SGD(network.parameters(), lr=0.01, momentum=0.9)
    images = torch.randn(shape)
    labels = torch.arange(shape[0]) % CLASSES
    parameters = sum(p.numel() for p in network.parameters())
    print(f"ready {parameters} PyTorch {torch.__version__}, Python {sys.version.split()[0]}", flush=True)

    for line in sys.stdin:
        word, *rest = line.split()
        if word == "peak":
            peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
            print(peak // 1024 if sys.platform == "darwin" else peak, flush=True)
            continue
        started, cpu_started = time.perf_counter(), time.process_time()
        for _ in range(int(rest[0])):
            optimizer.zero_grad(set_to_none=True)
            loss = nn.functional.cross_entropy(network(images), labels)
            loss.backward()
            optimizer.step()
        print(time.perf_counter() - started, time.process_time() - cpu_started, loss.item(), flush=True)


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit("usage: peer.py CASE THREADS")
    main(sys.argv[1], int(sys.argv[2]))
