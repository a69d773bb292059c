import { identityOf, statusOf } from "./status.js";

/** Whether two paths lead to one file that exists, by whatever links. */
export function isSameFile(one: string, other: string): boolean {
  const [first, second] = [statusOf(one), statusOf(other)];
  return first !== undefined && second !== undefined && identityOf(first) === identityOf(second);
}
