import type { Figure } from '../harness/figure.ts'
import { onBothCores } from '../samples/both-cores.ts'

export default {
  what: 'A file of 256 MiB hashed and opened by two worker threads, each one half of its chunks, to nowhere, beside Debian’s age command on the same content; age does not hash, our threads are started beforehand.',
  unit: 'MB/s',
  contests: () => onBothCores('open'),
} satisfies Figure
