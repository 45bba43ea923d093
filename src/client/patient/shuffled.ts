import { randomBytes } from '../../crypto/bytes.ts'

/** The same in another order, each order as likely (Fisher and Yates). At most 256 items. */
export function shuffled<T>(items: readonly T[]): T[] {
  const list = [...items]
  for (let last = list.length - 1; last > 0; last--) {
    const at = below(last + 1)
    const [a, b] = [list[last] as T, list[at] as T]
    list[last] = b
    list[at] = a
  }
  return list
}

/** A number from 0 to `count` − 1, each as likely: bytes that would favour some are drawn again. */
function below(count: number): number {
  for (;;) {
    const byte = randomBytes(1)[0] as number
    if (byte < 256 - (256 % count)) return byte % count
  }
}
