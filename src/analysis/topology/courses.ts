import { isOp, type Node, type Value } from "../../graph/index.js";
import type { Levels } from "./levels.js";
import { mainInputs } from "./main-inputs.js";
import type { Place, Places } from "./places.js";

/** How a map came to be where it is, between fine and coarse. */
export interface Course {
  /** Number of its level, 0 the finest; null when unknown. */
  readonly level: number | null;
  /** Did any way to it lead from a coarser map to a finer one? */
  readonly risen: boolean;
  /**
   * The level it came from when it last changed; its own level since maps of different origin met in it;
   * -1 for the image; null for what was spread out of a vector.
   */
  readonly from: number | null;
  /** The node at which it last changed level, or met maps of another origin; null since the image. */
  readonly start: Node | null;
}

/** One level of a way up: what comes from the coarser level meets what the way down left here. */
export interface TopDownMerge {
  readonly node: Node;
  readonly risen: readonly Value[];
  readonly lateral: readonly Value[];
}

/** Ops that make maps finer, by a factor that only a constant may tell. */
const UPSAMPLERS = "Resize Upsample ConvTranspose MaxUnpool DepthToSpace".split(" ");

/** The courses of all maps of a graph, and of what is flattened out of them. */
export class Courses {
  readonly of = new Map<Value, Course>();
  /** Nodes that change the level of a map. */
  readonly steps = new Set<Node>();
  /** Those that make it finer. */
  readonly rises = new Set<Node>();
  /** Nodes at which maps meet that came from different levels. */
  readonly merges = new Set<Node>();
  /** The merges at which one has risen from a coarser level and another one never was coarser. */
  readonly topDown: TopDownMerge[] = [];

  readonly #data: ReadonlySet<Value>;
  readonly #places: Places;
  readonly #levels: Levels;

  /** @param order The graph's nodes, each after what it reads. */
  constructor(
    order: readonly Node[],
    images: readonly Value[],
    data: ReadonlySet<Value>,
    places: Places,
    levels: Levels,
  ) {
    this.#data = data;
    this.#places = places;
    this.#levels = levels;
    for (const image of images)
      this.of.set(image, { level: 0, risen: false, from: -1, start: null });
    for (const node of order) {
      const course = this.#through(node);
      if (!course) continue;
      for (const output of node.outputs)
        if (output && data.has(output)) this.of.set(output, course);
    }
  }

  #through(node: Node): Course | null {
    const output = node.outputs.find((value) => value && this.#places.has(value));
    const read = mainInputs(node, this.#data).filter((value) => this.of.has(value));
    if (!output || read.length === 0) return null;
    const place = this.#places.get(output)!;
    const maps = read.filter((value) => this.#formOf(value) === "map");
    // What was flattened keeps its course: it may become a map again.
    if (place.form !== "map") return this.of.get(maps[0] ?? read[0])!;
    if (maps.length > 1) return this.#meet(node, maps, this.#levelOf(place));
    return this.#step(node, maps[0] ?? read[0], this.#levelOf(place));
  }

  #meet(node: Node, maps: readonly Value[], known: number | null): Course {
    const courses = maps.map((value) => this.of.get(value)!);
    const risen = courses.some((course) => course.risen);
    const [lead = courses[0], ...others] = courses.filter(({ from }) => from !== null);
    const level = known ?? lead.level;
    if (others.every(({ from }) => from === lead.from))
      return { level, risen, from: lead.from, start: lead.start };

    this.merges.add(node);
    const above = maps.filter((_, i) => {
      const { risen, from } = courses[i];
      return risen && from !== null && level !== null && from > level;
    });
    const lateral = maps.filter((_, i) => !courses[i].risen && courses[i].from !== null);
    if (above.length > 0 && lateral.length > 0) this.topDown.push({ node, risen: above, lateral });
    return { level, risen, from: level, start: node };
  }

  #step(node: Node, value: Value, level: number | null): Course {
    const before = this.of.get(value)!;
    if (this.#formOf(value) === "vector") return { level, risen: false, from: null, start: node };
    const isUnknownRise = level === null && isOp(node, ...UPSAMPLERS);
    const isSame = level === null || before.level === null || level === before.level;
    if (isSame && !isUnknownRise) return { ...before, level };
    this.steps.add(node);
    const isRise =
      isUnknownRise || (level !== null && before.level !== null && level < before.level);
    if (isRise) this.rises.add(node);
    const from = before.level ?? before.from;
    return { level, risen: before.risen || isRise, from, start: node };
  }

  #formOf(value: Value): Place["form"] | undefined {
    return this.#places.get(value)?.form;
  }

  #levelOf({ stride }: Place): number | null {
    return stride === null ? null : this.#levels.of(stride);
  }
}
