import { type Network, namedModules, TunableGroupConv } from "../nn/index.js";

/** The layers whose groups a warm-up drives, by name. */
export function tunableLayers(network: Network): Map<string, TunableGroupConv> {
  return new Map(
    [...namedModules(network)].filter(
      (entry): entry is [string, TunableGroupConv] => entry[1] instanceof TunableGroupConv,
    ),
  );
}

/** The name in the state of what a layer calls its own. */
export function within(layer: string, own: string): string {
  return layer === "" ? own : `${layer}.${own}`;
}

/** Their groups by name. */
export function layerGroups(network: Network): Record<string, number> {
  return Object.fromEntries(
    [...tunableLayers(network)].map(([name, layer]) => [name, layer.groups]),
  );
}

/** What puts the layers back as they are now. */
export function rememberLayers(network: Network): () => void {
  const held = [...tunableLayers(network).values()].map((layer) => [layer, layer.conv] as const);
  return () => {
    for (const [layer, conv] of held) layer.conv = conv;
  };
}

/** Gives layers these groups, without values, for a state that has them. */
export function setLayerGroups(network: Network, groups: Readonly<Record<string, number>>): void {
  for (const [name, layer] of tunableLayers(network))
    if (groups[name] !== undefined && groups[name] !== layer.groups) layer.setGroups(groups[name]);
}
