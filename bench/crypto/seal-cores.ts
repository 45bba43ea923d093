import type { Figure } from '../harness/figure.ts'
import { onBothCores } from '../samples/both-cores.ts'

export default {
  what: 'A body of 256 MiB sealed and hashed block by block by a crew of two threads, from a file to nowhere, beside Debian’s age command on the same content; age does not hash, our threads are started beforehand.',
  unit: 'MB/s',
  contests: () => onBothCores('seal'),
} satisfies Figure
