import type { Model, Node } from "../graph/index.js";
import type { Shapes } from "../runtime/index.js";
import { printable } from "../util/text.js";
import type { Convolution } from "./convolution.js";
import type { Role } from "./role.js";
import { matchesPattern, type RoleOverride } from "./role-overrides.js";
import { type InferredRole, planRoles } from "./role-plan.js";
import type { SceneFact } from "./scene.js";
import { findDepths } from "./topology/depths.js";
import { ownersOf } from "./topology/owners.js";
import { findStages } from "./topology/stages.js";
import { surveyTopology, type Topology } from "./topology/topology.js";

export type { RoleOverride } from "./role-overrides.js";

/** What one convolution does in its network, and where it stands. */
export interface RoleFact {
  readonly role: Role;
  readonly source: "inferred" | "given";
  /** Place on the longest way from input to output, in convolutions: 0 the first, 1 the last. */
  readonly depth: number;
  /** Index of its resolution among those at which convolutions write: 0 the finest. */
  readonly stage: number;
  readonly stageCount: number;
  /** In words. */
  readonly why: string;
}

export interface RoleAssignment {
  readonly roles: ReadonlyMap<Convolution, RoleFact>;
  /** Overrides that match no convolution. */
  readonly unmatched: readonly RoleOverride[];
}

/**
 * Tells what each convolution does: from the shape of the graph, unless an override says it. The scene
 * decides which roles there are: a classifier has a stem, a body and a head; a feature pyramid makes a
 * neck; what becomes finer again towards one output makes encoder, decoder and skip connections.
 *
 * @param overrides The last one that matches a convolution's name counts.
 */
export function assignRoles(
  model: Model,
  convolutions: readonly Convolution[],
  shapes: Shapes | null,
  scene: SceneFact,
  overrides: readonly RoleOverride[],
  topology: Topology = surveyTopology(model.graph, shapes),
): RoleAssignment {
  const depths = findDepths(topology);
  const stages = findStages(topology);
  const plan = planRoles(topology, depths, scene.task);
  const owners = ownersOf(model);
  const unmatched = new Set(overrides);
  const roles = new Map<Convolution, RoleFact>();
  for (const convolution of convolutions) {
    const { node, name } = convolution;
    // A body's nodes stand where the node stands that runs the body.
    const owner = owners.get(node);
    const given = overrides.filter(({ pattern }) => matchesPattern(pattern, name));
    for (const override of given) unmatched.delete(override);
    const override = given.at(-1);
    const inferred = node.graph === model.graph ? plan(node) : inBody(owner);
    roles.set(convolution, {
      role: override?.role ?? inferred.role,
      source: override ? "given" : "inferred",
      depth: Math.min(1, (depths.of.get(owner ?? node) ?? 0) / Math.max(1, depths.most)),
      stage: stages.of.get(owner ?? node) ?? 0,
      stageCount: stages.count,
      why: override ? `given for "${printable(override.pattern, 60)}"` : inferred.why,
    });
  }
  return { roles, unmatched: [...unmatched] };
}

function inBody(owner: Node | undefined): InferredRole {
  const where = owner ? `the body of "${printable(owner.label, 60)}"` : "a function nobody calls";
  return { role: "unknown", why: `inside ${where}, where roles are not followed` };
}
