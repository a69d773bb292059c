type Mutable = Record<string, unknown>;

/** A copy of a document for every field in it, each changed in that field alone. */
export function fieldVariants(document: unknown, change: (parent: Mutable, key: string) => void) {
  return fieldPaths(document).map((path) => {
    const value = structuredClone(document) as Mutable;
    const parent = path.slice(0, -1).reduce((at, key) => at[key] as Mutable, value);
    change(parent, path.at(-1)!);
    return { path: path.join("."), value };
  });
}

export function removeField(parent: Mutable, key: string): void {
  delete parent[key];
}

export function retypeField(parent: Mutable, key: string): void {
  parent[key] = { unexpected: true };
}

/** A field too many beside what there is, or in place of what has no fields. */
export function addField(parent: Mutable, key: string): void {
  const value = parent[key];
  if (isRecord(value)) value.misspelt = true;
  else parent[key] = { misspelt: true };
}

function isRecord(value: unknown): value is Mutable {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Fields of objects, at any depth; of a list, its first and last item stand for all. */
function fieldPaths(value: unknown, path: readonly string[] = []): string[][] {
  if (Array.isArray(value)) {
    const ends = [...new Set([0, value.length - 1])].filter((i) => isRecord(value[i]));
    return ends.flatMap((i) => fieldPaths(value[i], [...path, String(i)]));
  }
  if (!isRecord(value)) return [];
  return Object.entries(value).flatMap(([key, item]) => [
    [...path, key],
    ...fieldPaths(item, [...path, key]),
  ]);
}
