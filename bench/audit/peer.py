"""What one does in Python to look a model over: load it, infer its shapes, check it.

Its last line on stderr is the most memory it ever held, in kB; exits with 3 where onnx is not installed.
"""

import resource
import sys
import time

try:
    import onnx
    import onnx.checker
    import onnx.shape_inference
except ImportError:
    sys.exit(3)


def main(path: str) -> None:
    started = time.perf_counter()
    model = onnx.load(path)
    loaded = time.perf_counter()
    inferred = onnx.shape_inference.infer_shapes(model)
    shaped = time.perf_counter()
    onnx.checker.check_model(model)
    checked = time.perf_counter()
    print(f"onnx={onnx.__version__} python={sys.version.split()[0]} shapes={len(inferred.graph.value_info)}")
    print(f"load={loaded - started:.3f} infer_shapes={shaped - loaded:.3f} check_model={checked - shaped:.3f}")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    kilobytes = peak // 1024 if sys.platform == "darwin" else peak
    print(f"peak_kb={kilobytes}", file=sys.stderr)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: peer.py MODEL.onnx")
    main(sys.argv[1])
