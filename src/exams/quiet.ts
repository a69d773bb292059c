/**
 * For a session that runs in turn with another one: its threads would wait by spinning, and take the processor from
 * the other's.
 */
export const QUIET = {
  runtime: { extra: { session: { intra_op: { allow_spinning: "0" } } } },
} as const;
