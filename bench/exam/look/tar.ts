import { gunzipSync } from "node:zlib";

const BLOCK_BYTES = 512;

/** Regular files of a `.tar.gz`, by the last part of their path. Fields as of POSIX ustar. */
export function readTarGz(packed: Uint8Array): Map<string, Uint8Array> {
  const bytes = gunzipSync(packed);
  const text = (start: number, length: number) =>
    bytes.toString("latin1", start, start + length).replace(/\0.*$/s, "");
  const files = new Map<string, Uint8Array>();
  for (let at = 0; at + BLOCK_BYTES <= bytes.length && bytes[at] !== 0; ) {
    const size = Number.parseInt(text(at + 124, 12), 8);
    const start = at + BLOCK_BYTES;
    const isFile = ["0", ""].includes(text(at + 156, 1));
    if (isFile) files.set(text(at, 100).replace(/^.*\//, ""), bytes.subarray(start, start + size));
    at = start + Math.ceil(size / BLOCK_BYTES) * BLOCK_BYTES;
  }
  return files;
}
