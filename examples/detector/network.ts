import type { Value } from "groupconv";
import {
  Conv2d,
  convBnAct,
  Module,
  type ModuleBuilder,
  ReLU,
  Sequential,
  Upsample,
} from "groupconv/nn";

/**
 * A detector without anchors: `[N, 3, 96, 96]` -> `classes` `[N, classes, 12, 12]` and `boxes`
 * `[N, 4, 12, 12]`. Coarse maps are added to the one where things are looked for; that neck has 4 groups,
 * the heads 1 (S9).
 */
export class Detector extends Module<Record<string, Value>> {
  readonly stem = convBnAct(3, 16, 3, { stride: 2 });
  readonly down = [stage(16, 32), stage(32, 64), stage(64, 64), stage(64, 64)]; // 24, 12, 6, 3
  readonly lateral = [new Conv2d(64, 32, 1), new Conv2d(64, 32, 1), new Conv2d(64, 32, 1)];
  readonly upsample = new Upsample(2);
  readonly neck = convBnAct(32, 32, 3, { groups: 4 });
  readonly classHead: Sequential;
  readonly boxHead = head(4);

  constructor(classes: number) {
    super();
    this.classHead = head(classes);
  }

  forward(g: ModuleBuilder, x: Value): Record<string, Value> {
    const maps = [g.call(this.stem, x)];
    for (const stage of this.down) maps.push(g.call(stage, maps[maps.length - 1]));
    const [fine, middle, coarse] = maps.slice(2).map((map, i) => g.call(this.lateral[i], map));
    const wide = g.op("Add", [middle, g.call(this.upsample, coarse)]);
    const merged = g.call(this.neck, g.op("Add", [fine, g.call(this.upsample, wide)]));
    return { classes: g.call(this.classHead, merged), boxes: g.call(this.boxHead, merged) };
  }
}

/** Halves the size. */
function stage(inChannels: number, outChannels: number): Sequential {
  return new Sequential([
    convBnAct(inChannels, outChannels, 3, { stride: 2 }),
    convBnAct(outChannels, outChannels, 3, { groups: 2 }),
  ]);
}

function head(outputs: number): Sequential {
  return new Sequential([
    new Conv2d(32, 32, 3, { padding: 1 }),
    new ReLU(),
    new Conv2d(32, outputs, 1),
  ]);
}
