/** GitHub parses Markdown inside only after an empty line. */
export function details(title: string, body: string): string {
  return `<details>\n<summary>${title}</summary>\n\n${body}\n\n</details>`;
}

/** Cells are Markdown already. */
export function table(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  aligns: readonly ("left" | "right")[] = [],
): string {
  const rule = head.map((_, i) => (aligns[i] === "right" ? "--:" : "---"));
  return [head, rule, ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}
