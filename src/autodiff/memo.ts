/** Gradients of several inputs may need the same nodes; they are written once, and only if one does. */
export function memo<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}
