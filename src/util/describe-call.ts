/** A call as it reads: `sgd(momentum=0.9, nesterov=false)`. A string among the options is text of another call. */
export function describeCall(name: string, options: Readonly<Record<string, unknown>>): string {
  const given = Object.entries(options).map(
    ([key, value]) => `${key}=${typeof value === "string" ? value : JSON.stringify(value)}`,
  );
  return `${name}(${given.join(", ")})`;
}
