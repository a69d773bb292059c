import type { Role } from "./role.js";

/** What the caller knows better about the roles of some convolutions. */
export interface RoleOverride {
  /** Name of a convolution; `*` stands for any characters, none included: `head.*`. */
  readonly pattern: string;
  readonly role: Role;
}

/** Does a whole name match a pattern? Takes time in proportion to both lengths, whatever the pattern. */
export function matchesPattern(pattern: string, name: string): boolean {
  const [start, ...rest] = pattern.split("*");
  const end = rest.pop();
  if (end === undefined) return name === pattern;
  if (!name.startsWith(start)) return false;
  let at = start.length;
  for (const part of rest) {
    const found = name.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return name.length - end.length >= at && name.endsWith(end);
}
