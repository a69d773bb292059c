"""What people write to see channels correlate: every layer's output goes to numpy's corrcoef.

    peer.py torch DATA.npy BATCH
    peer.py onnx DATA.npy BATCH MODEL.onnx NAME...

`torch` hooks the convolutions and activations of a ResNeXt-50 32x4d of random weights, `onnx` makes the values of these names outputs
of the graph. Both concatenate what they get over the batches and call corrcoef once a value. Answers each line of
input with two numbers: the seconds that plain inference took, and those that the correlations took, inference and
loading the model included in both. Exits with 3 where a package is not installed.
"""

import sys
import time

import numpy as np

try:
    if sys.argv[1] == "torch":
        import torch
        from torch import nn
    else:
        import onnx
        import onnxruntime
except ImportError:
    sys.exit(3)


def corrcoefs(batches):
    """batches: lists of [N, C, ...] by value -> [C, C] by value."""
    rows = (np.moveaxis(np.concatenate(values), 1, 0) for values in batches)
    return [np.corrcoef(row.reshape(len(row), -1)) for row in rows]


def bottleneck_class():
    class Bottleneck(nn.Module):
        def __init__(self, ins, inner, outs, stride):
            super().__init__()
            self.conv1 = nn.Conv2d(ins, inner, 1, bias=False)
            self.bn1 = nn.BatchNorm2d(inner)
            self.conv2 = nn.Conv2d(inner, inner, 3, stride, 1, groups=32, bias=False)
            self.bn2 = nn.BatchNorm2d(inner)
            self.conv3 = nn.Conv2d(inner, outs, 1, bias=False)
            self.bn3 = nn.BatchNorm2d(outs)
            self.relu1, self.relu2, self.relu3 = nn.ReLU(), nn.ReLU(), nn.ReLU()
            self.downsample = None
            if stride > 1 or ins != outs:
                conv = nn.Conv2d(ins, outs, 1, stride, bias=False)
                self.downsample = nn.Sequential(conv, nn.BatchNorm2d(outs))

        def forward(self, x):
            y = self.relu1(self.bn1(self.conv1(x)))
            y = self.relu2(self.bn2(self.conv2(y)))
            y = self.bn3(self.conv3(y))
            return self.relu3(y + (x if self.downsample is None else self.downsample(x)))

    return Bottleneck


def resnext50():
    Bottleneck = bottleneck_class()
    stages, ins = [], 64
    for stage, blocks in enumerate([3, 4, 6, 3]):
        inner, outs = 128 * 2**stage, 256 * 2**stage
        strides = [2 if stage > 0 else 1] + [1] * (blocks - 1)
        layers = [Bottleneck(ins if i == 0 else outs, inner, outs, s) for i, s in enumerate(strides)]
        stages.append(nn.Sequential(*layers))
        ins = outs
    stem = [nn.Conv2d(3, 64, 7, 2, 3, bias=False), nn.BatchNorm2d(64), nn.ReLU(), nn.MaxPool2d(3, 2, 1)]
    head = [nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(ins, 1000)]
    return nn.Sequential(*stem, *stages, *head).eval()


def with_torch(data, batch):
    x = torch.from_numpy(data)

    def run(net):
        with torch.inference_mode():
            for part in x.split(batch):
                net(part)

    def correlate():
        net, seen = resnext50(), {}
        for name, module in net.named_modules():
            # The last ReLU of a block stands behind the sum of two branches: it is nobody's activation.
            if isinstance(module, (nn.Conv2d, nn.ReLU)) and not name.endswith("relu3"):
                module.register_forward_hook(
                    lambda _, __, y, name=name: seen.setdefault(name, []).append(y.numpy().copy())
                )
        run(net)
        return corrcoefs(seen.values())

    return lambda: run(resnext50()), correlate


def with_onnx(data, batch, path, *names):
    parts = [data[i : i + batch] for i in range(0, len(data), batch)]

    def run(model, collect):
        session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
        [source] = [given.name for given in session.get_inputs()]
        for part in parts:
            collect(session.run(None, {source: part}))

    def correlate():
        model, batches = onnx.load(path), [[] for _ in names]
        del model.graph.output[:]
        model.graph.output.extend(onnx.ValueInfoProto(name=name) for name in names)

        def collect(results):
            for values, result in zip(batches, results):
                values.append(result)

        run(model.SerializeToString(), collect)
        return corrcoefs(batches)

    return lambda: run(path, lambda _: None), correlate


def main():
    _, kind, path, batch, *rest = sys.argv
    sides = (with_torch if kind == "torch" else with_onnx)(np.load(path), int(batch), *rest)
    np.seterr(invalid="ignore", divide="ignore")  # channels that never change
    print("ready", flush=True)
    for _ in sys.stdin:
        seconds = []
        for side in sides:
            start = time.perf_counter()
            side()
            seconds.append(time.perf_counter() - start)
        print(*seconds, flush=True)


main()
