import type { Target } from "../groups/index.js";
import type { Shapes } from "../runtime/index.js";
import type { AttentionHeads } from "./attention.js";
import type { Convolution } from "./convolution.js";
import type { FastPathFacts } from "./find-fast-paths.js";
import type { HiddenGroupsFact } from "./hidden-groups.js";
import type { Mixing } from "./mixing.js";
import type { Pyramid } from "./pyramid.js";
import type { RoleFact } from "./roles.js";
import type { SceneFact } from "./scene.js";
import type { Shuffle } from "./shuffles.js";

/** Everything an audit may ask about a model; each is computed once, when first asked for. */
export interface Facts {
  readonly convolutions: readonly Convolution[];
  /** Shape of every value; not to be had when the runtime cannot load the model. */
  readonly shapes: Shapes;
  /** What becomes of each convolution's groups. */
  readonly mixing: ReadonlyMap<Convolution, Mixing>;
  readonly roles: ReadonlyMap<Convolution, RoleFact>;
  readonly scene: SceneFact;
  readonly pyramids: readonly Pyramid[];
  readonly attentionHeads: ReadonlyMap<Convolution, AttentionHeads>;
  readonly target: TargetFact;
  readonly fastPaths: FastPathFacts;
  readonly shuffles: readonly Shuffle[];
  /** Reads weights. */
  readonly hiddenGroups: HiddenGroupsFact;
}

export type FactName = keyof Facts;

/** A fact, or the reason why it cannot be had. */
export type FactResult<T> = { readonly value: T } | { readonly unavailable: string };

export interface TargetFact {
  readonly target: Target;
  /** False when it is the default, so that nobody asked about this hardware. */
  readonly given: boolean;
}
