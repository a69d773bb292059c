import { type Role as PlaceRole, ROLES } from "../groups/index.js";

export type { Task } from "../groups/index.js";

/**
 * What a convolution does in its network: what the scenes know, a gate's inner layer (squeeze-excite), or
 * unknown.
 */
export type Role = PlaceRole | "gate" | "unknown";

export const ROLE_NAMES: readonly Role[] = [...ROLES, "gate", "unknown"];
