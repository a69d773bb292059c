export type { ListenOptions } from "./listen.js";
export { listen } from "./listen.js";
export type * from "./section.js";
