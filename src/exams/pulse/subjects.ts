import {
  type ChannelSpaces,
  type Convolution,
  constantTensor,
  findChannelSpaces,
  type Survey,
} from "../../analysis/index.js";
import { topologicalOrder } from "../../graph/index.js";
import { convAttributes, convInputs, isChannelsLast, resolvePads } from "../../ops/index.js";
import { UsageError } from "../../util/errors.js";
import { gcd, product } from "../../util/math.js";
import { nextConvolutions } from "../next-convolutions.js";
import type { PulseSection, Way } from "./section.js";

/** A convolution whose groups are changed. */
export interface Subject {
  readonly convolution: Convolution;
  readonly next: readonly Convolution[];
  /** The counts it is cut into, from few to many. */
  readonly counts: readonly number[];
  readonly canReorder: boolean;
  readonly canFit: boolean;
}

/** One change of one layer. */
export interface Job {
  readonly subject: Subject;
  readonly groups: number;
  readonly way: Way;
}

/** Kernels of a layer that is still reordered: the search takes time with their number. */
const MOST_KERNELS = 2 ** 18;

/** The convolutions whose groups can be changed, from the input to the output, and why the others cannot. */
export async function findSubjects(
  { model, convolutions }: Survey,
  groups: readonly number[] | undefined,
): Promise<{ subjects: Subject[]; skipped: PulseSection["skipped"] }> {
  const place = new Map(topologicalOrder(model.graph).map((node, index) => [node, index]));
  const byNode = new Map(convolutions.map((convolution) => [convolution.node, convolution]));
  const spaces = await findChannelSpaces(model);
  const subjects: Subject[] = [];
  const skipped: { name: string; reason: string }[] = [];
  for (const convolution of convolutions) {
    const counts = countsFor(convolution, groups);
    const reason = reasonAgainst(convolution, model.graph, counts);
    if (reason !== null) skipped.push({ name: convolution.name, reason });
    else
      subjects.push({
        convolution,
        next: nextConvolutions(convolution.y, byNode),
        counts,
        canReorder: canReorder(convolution, spaces),
        canFit: canFit(convolution),
      });
  }
  subjects.sort((a, b) => place.get(a.convolution.node)! - place.get(b.convolution.node)!);
  return { subjects, skipped };
}

function reasonAgainst(
  { y, node, weight, groups }: Convolution,
  main: Survey["model"]["graph"],
  counts: readonly number[],
): string | null {
  if (y.graph !== main) return "it stands in the body of a loop or a branch";
  if ((node.op !== "Conv" && node.op !== "ConvTranspose") || isChannelsLast(node))
    return `groups of ${node.op} are not changed`;
  const dtype = weight && constantTensor(weight)?.dtype;
  if (!dtype || node.inputs[convInputs(node).weight] !== weight)
    return "its weight is computed by the graph";
  if (dtype !== "float32") return `its weight is ${dtype}; only float32 is changed`;
  if (counts.length === 0 && groups === 1) return "no other count divides its channels";
  return null;
}

/** Twice, four times, ... the groups it has, as far as they divide the channels; or those asked for. */
function countsFor(
  { groups, weightInChannels, outChannels }: Convolution,
  asked: readonly number[] | undefined,
): number[] {
  const common = gcd(weightInChannels, outChannels);
  const doubled: number[] = [];
  for (let count = 2 * groups; count <= common; count *= 2) doubled.push(count);
  return (asked ?? doubled)
    .filter((count) => count > groups && common % count === 0)
    .sort((a, b) => a - b);
}

/** Is the order of what it reads or writes free? */
function canReorder(
  { op, groups, weight, weightShape }: Convolution,
  spaces: ChannelSpaces,
): boolean {
  if (op !== "Conv" || groups !== 1 || product(weightShape.slice(0, 2)) > MOST_KERNELS)
    return false;
  return [0, 1].some((axis) =>
    spaces.along(weight!, axis)?.some(({ space, repeat }) => repeat === 1 && !space.pinned),
  );
}

/** Does a 1x1 convolution of the same stride see the middle of each window? With a window of 1 it would be the layer. */
function canFit({ op, node, kernel, strides, dilations, inShape, outShape }: Convolution): boolean {
  if (op !== "Conv" || !inShape || !outShape || product(kernel) === 1) return false;
  const pads = resolvePads(convAttributes(node), kernel, inShape.slice(2));
  return kernel.every(
    (size, axis) =>
      2 * pads[axis] === dilations[axis] * (size - 1) &&
      outShape[axis + 2] === Math.floor((inShape[axis + 2] - 1) / strides[axis]) + 1,
  );
}

/** All changes of a layer: the control first, then from few groups to many. */
export function jobsOf(subject: Subject): Job[] {
  const { convolution, counts, canReorder: reorders, canFit: fits } = subject;
  const ways: Way[] = [
    "cut",
    ...(reorders ? ["reordered" as const] : []),
    ...(fits ? ["fitted" as const] : []),
  ];
  const control: Job[] = convolution.groups > 1 ? [{ subject, groups: 1, way: "ungroup" }] : [];
  return [...control, ...counts.flatMap((groups) => ways.map((way) => ({ subject, groups, way })))];
}

/** @throws UsageError when a name is no layer's. */
export function chooseLayers(
  subjects: readonly Subject[],
  names: readonly string[] | undefined,
): Subject[] {
  if (!names) return [...subjects];
  for (const name of names)
    if (!subjects.some(({ convolution }) => convolution.name === name))
      throw new UsageError(`pulse: layers="${name}" is no convolution whose groups can be changed`);
  return subjects.filter(({ convolution }) => names.includes(convolution.name));
}
