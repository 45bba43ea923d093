/** A number and what it counts: `1 entry`, `2 entries`. `many` is the noun with an s unless given. */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`
}
