import type { Figure } from '../harness/figure.ts'
import { onOneCore } from '../samples/one-core.ts'

export default {
  what: 'A body of 256 MiB (and others) sealed and hashed block by block on one core, from memory to nowhere; the limit is the runtime’s own cipher on the same 16 KiB chunks plus its SHA-256 of the same bytes.',
  unit: 'MB/s',
  cores: 1,
  contests: () => onOneCore('seal'),
} satisfies Figure
