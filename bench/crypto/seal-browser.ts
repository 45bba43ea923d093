import type { Figure } from '../harness/figure.ts'
import { inChromium } from '../samples/chromium.ts'

export default {
  what: 'A body of 64 MiB sealed and hashed block by block in a worker of Debian’s Chromium by the bundled SDK, and one of twice that by two workers that share it out; the limit is libsodium’s WASM cipher alone on the same 16 KiB chunks in one worker.',
  unit: 'MB/s',
  contests: () => inChromium('seal'),
} satisfies Figure
