import type { Finding } from "../audits/result.js";

/**
 * Names for findings that stay the same from run to run, so that a tool can tell old from new: they
 * depend on the audit, its message and the layers, not on numbers or the order of findings. Findings
 * alike in all of these are told apart by a number.
 */
export function fingerprints(findings: readonly Finding[]): string[] {
  const seen = new Map<string, number>();
  return findings.map(({ audit, messageId, node, related }) => {
    const key = JSON.stringify([audit, messageId, node, ...related]);
    const nth = (seen.get(key) ?? 0) + 1;
    seen.set(key, nth);
    return `${fnv1a64(key)}:${nth}`;
  });
}

/** FNV-1a, 64 bits, over UTF-8; 16 hexadecimal digits. http://www.isthe.com/chongo/tech/comp/fnv/ */
export function fnv1a64(text: string): string {
  let hash = 0xcbf29ce484222325n;
  for (const byte of new TextEncoder().encode(text))
    hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * 0x100000001b3n);
  return hash.toString(16).padStart(16, "0");
}
