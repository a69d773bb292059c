import { zipSync } from "fflate";
import { FormatError, UsageError } from "../util/errors.js";
import { printable } from "../util/text.js";
import { readNpy, writeNpy } from "./npy.js";
import type { Tensor } from "./tensor.js";
import { readZip } from "./zip.js";

export interface ReadNpzOptions {
  /** Most bytes that all arrays together may unpack to. Defaults to 4 GiB. */
  maxBytes?: number;
}

export interface WriteNpzOptions {
  /** Packs the arrays by deflate, as `np.savez_compressed` does. Defaults to false. */
  compress?: boolean;
}

const extension = ".npy";

/** More than what an array needs besides its data and its name, which stands twice in UTF-8. */
const overheadBytes = 2048;

/**
 * The arrays of a numpy `.npz` file (a zip archive of `.npy` files) by name, in the order of the file.
 *
 * @throws FormatError if the archive or one of its arrays is broken, unpacks to more than `maxBytes`, or
 * holds anything but `.npy` files.
 */
export function readNpz(bytes: Uint8Array, options: ReadNpzOptions = {}): Map<string, Tensor> {
  const { maxBytes = 4 * 2 ** 30 } = options;
  const tensors = new Map<string, Tensor>();
  for (const [file, content] of readZip(bytes, maxBytes)) {
    if (!file.endsWith(extension))
      throw new FormatError(`npz: "${printable(file)}" must be a ${extension} file`);
    const name = file.slice(0, -extension.length);
    tensors.set(name, readNamed(name, content));
  }
  return tensors;
}

/**
 * A numpy `.npz` file; the same tensors give the same bytes.
 *
 * @throws UsageError if numpy has no such type, a name occurs twice, or the file might pass the 65535
 * entries or 4 GiB of plain zip.
 */
export function writeNpz(
  tensors: Iterable<readonly [string, Tensor]>,
  options: WriteNpzOptions = {},
): Uint8Array {
  const arrays = [...tensors];
  const most = arrays.reduce(
    (sum, [name, { byteLength }]) => sum + byteLength + 6 * name.length + overheadBytes,
    0,
  );
  if (arrays.length >= 2 ** 16 || most >= 2 ** 32)
    throw new UsageError(
      `npz: ${arrays.length} arrays of ${most} bytes must be fewer than 65536 in 4 GiB`,
    );

  const files = new Map<string, Uint8Array>();
  for (const [name, tensor] of arrays) {
    if (files.has(name + extension))
      throw new UsageError(`npz: "${printable(name)}" is there twice`);
    files.set(name + extension, writeNpy(tensor));
  }
  return zipSync(Object.fromEntries(files), {
    level: options.compress ? 6 : 0,
    mtime: new Date(1980, 0, 1), // the earliest a zip can say
  });
}

function readNamed(name: string, content: Uint8Array): Tensor {
  try {
    return readNpy(content);
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    throw new FormatError(`npz: "${printable(name)}": ${error.message}`, { help: error.help });
  }
}
