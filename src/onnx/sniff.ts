import type { ByteSource } from "../util/byte-source.js";

export interface ForeignFile {
  /** What the file is, with its article. */
  readonly what: string;
  readonly help: string | undefined;
}

interface Signature {
  /** One character a byte. */
  readonly start: string;
  readonly at?: number;
  readonly what: string;
  readonly help?: string;
}

const signatures: readonly Signature[] = [
  {
    start: "version https://git-lfs",
    what: "a Git LFS pointer",
    help: "Fetch the file it stands for with: git lfs pull",
  },
  {
    start: "PK\x03\x04",
    what: "a zip archive",
    help: "PyTorch saves its models so: write an ONNX file with torch.onnx.export.",
  },
  {
    start: "\x80\x02",
    what: "a Python pickle",
    help: "PyTorch saved its models so: write an ONNX file with torch.onnx.export.",
  },
  {
    start: "TFL3",
    at: 4,
    what: "a TensorFlow Lite model",
    help: "tf2onnx makes an ONNX file of it.",
  },
  {
    start: "\x89HDF\r\n",
    what: "an HDF5 file",
    help: "tf2onnx makes an ONNX file of a Keras model.",
  },
  {
    start: "ORTM",
    at: 4,
    what: "a model in ORT format",
    help: "Give the .onnx file it was made of.",
  },
  { start: '{"', at: 8, what: "a safetensors file", help: "It holds weights without a graph." },
  { start: "\x1f\x8b", what: "a gzip archive", help: "Unpack it first." },
  { start: "<!DOCTYPE", what: "a web page", help: "The download gave an error page." },
  { start: "<html", what: "a web page", help: "The download gave an error page." },
  { start: "\x89PNG\r\n", what: "a PNG image" },
  { start: "\xff\xd8\xff", what: "a JPEG image" },
  { start: "%PDF-", what: "a PDF document" },
  { start: "\x93NUMPY", what: "a NumPy array" },
];

/** Names a file by its first bytes, when it is one of those that are often taken for a model. */
export async function sniff(source: ByteSource): Promise<ForeignFile | undefined> {
  const bytes = await source.read(0, Math.min(64, source.size));
  const start = String.fromCharCode(...bytes);
  const found = signatures.find((signature) => start.startsWith(signature.start, signature.at));
  return found && { what: found.what, help: found.help };
}
