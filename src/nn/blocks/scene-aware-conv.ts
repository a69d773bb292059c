import type { Value } from "../../graph/index.js";
import { TASKS, type Task } from "../../groups/index.js";
import { UsageError } from "../../util/errors.js";
import { printable } from "../../util/text.js";
import { Sequential } from "../layers/sequential.js";
import { Module, type ModuleBuilder } from "../module.js";
import { SceneDownUp } from "./scene-down-up.js";
import { sceneStage } from "./scene-stage.js";

/**
 * S11: stages of convolution, batch norm, ReLU and max pool, with the groups the seed gives the scene.
 *
 * - `classification`: 1, 2, 4, `[N, 3, H, W]` -> `[N, 256, H/8, W/8]`
 * - `detection`: 1, 1, 2, which mixes more, to the same shape
 * - `segmentation`: 2, 4, 8 down and 8, 4, 2 up, `[N, 3, H, W]` -> `[N, 32, H, W]`; see {@link SceneDownUp}
 */
export class SceneAwareConv extends Module {
  readonly convLayers: Module;

  constructor(readonly stageType: Task = "classification") {
    super();
    if (!TASKS.includes(stageType))
      throw new UsageError(
        `SceneAwareConv: stageType=${printable(String(stageType))} must be one of ${TASKS.join(", ")}`,
      );
    this.convLayers = LAYERS[stageType]();
  }

  forward(g: ModuleBuilder, x: Value): Value {
    return g.call(this.convLayers, x);
  }
}

const LAYERS: Record<Task, () => Module> = {
  classification: () =>
    new Sequential([sceneStage(3, 64, 1), sceneStage(64, 128, 2), sceneStage(128, 256, 4)]),
  detection: () =>
    new Sequential([sceneStage(3, 64, 1), sceneStage(64, 128, 1), sceneStage(128, 256, 2)]),
  segmentation: () => new SceneDownUp(),
};
