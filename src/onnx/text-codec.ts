/**
 * Protobuf strings are UTF-8, but proto2 never checks, and files exist that are not. Bytes that are no
 * UTF-8 become the lone surrogates U+DC80..U+DCFF and go back as they came (PEP 383's scheme).
 */

const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const encoder = new TextEncoder();
const LONE = /[\ud800-\udbff][\udc00-\udfff]|[\udc80-\udcff]/g;

export function decodeText(bytes: Uint8Array): string {
  try {
    return strict.decode(bytes);
  } catch {
    return decodeByParts(bytes);
  }
}

export function encodeText(text: string): Uint8Array {
  const lone = [...text.matchAll(LONE)].filter((match) => match[0].length === 1);
  if (lone.length === 0) return encoder.encode(text);
  const parts: Uint8Array[] = [];
  let from = 0;
  for (const match of lone) {
    parts.push(encoder.encode(text.slice(from, match.index)));
    parts.push(Uint8Array.of(match[0].charCodeAt(0) - 0xdc00));
    from = match.index + 1;
  }
  parts.push(encoder.encode(text.slice(from)));
  const joined = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}

function decodeByParts(bytes: Uint8Array): string {
  let text = "";
  for (let at = 0; at < bytes.length; ) {
    const length = sequenceLength(bytes[at]);
    const part = bytes.subarray(at, at + length);
    try {
      text += strict.decode(part);
      at += part.length;
    } catch {
      text += String.fromCharCode(0xdc00 + bytes[at]);
      at += 1;
    }
  }
  return text;
}

/** Bytes of the UTF-8 sequence that begins with this one. */
function sequenceLength(first: number): number {
  if (first < 0xc0) return 1;
  if (first < 0xe0) return 2;
  return first < 0xf0 ? 3 : 4;
}
