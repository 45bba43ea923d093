import { concat } from '../../src/crypto/bytes.ts'
import { type Contest, type Figure, megabytesPerSecond } from '../harness/figure.ts'
import { ageOver } from '../rivals/age.ts'
import { openRaw, rawChunks } from '../rivals/raw-chunks.ts'
import { contentOf, drain, MIB, SIZES, sealedBody } from '../samples/bodies.ts'

const SIZE = 256 * MIB
const RAW = 'raw ChaCha20-Poly1305 + SHA-256'

export default {
  what: 'A body of 256 MiB (and others) checked block by block against its author’s signature and opened on one core, from memory to nowhere; the limit is the runtime’s own cipher on the same 16 KiB chunks plus its SHA-256 of the same bytes.',
  unit: 'MB/s',
  cores: 1,
  async *contests() {
    yield* rivals()
    for (const [variant, size] of SIZES) yield await against(variant, size)
  },
} satisfies Figure

async function* rivals(): AsyncGenerator<Contest> {
  const body = await sealedBody(SIZE)
  const age = await ageOver(concat(...contentOf(SIZE)))
  const raw = rawChunks(MIB)
  const command = age.commandOpen
  yield {
    sides: {
      coffre: megabytesPerSecond(SIZE, () => drain(body.open())),
      [RAW]: megabytesPerSecond(SIZE, () => openRaw(raw, SIZE)),
      'age-encryption': megabytesPerSecond(SIZE, () => age.packageOpen()),
      ...(command === null ? {} : { 'age command': megabytesPerSecond(SIZE, command) }),
    },
    comparisons: [
      { of: 'coffre', against: RAW, target: { least: 0.9 } },
      { of: 'coffre', against: 'age-encryption', target: { least: 10 } },
      ...(command === null ? [] : [{ of: 'coffre', against: 'age command' }]),
    ],
  }
  age.close()
}

async function against(variant: string, size: number): Promise<Contest> {
  const body = await sealedBody(size)
  const raw = rawChunks(Math.min(size, MIB))
  const times = Math.max(1, Math.ceil((32 * MIB) / size / 16))
  return {
    variant,
    sides: {
      coffre: megabytesPerSecond(size * times, async () => {
        for (let i = 0; i < times; i++) await drain(body.open())
      }),
      [RAW]: megabytesPerSecond(size * times, () => {
        for (let i = 0; i < times; i++) openRaw(raw, size)
      }),
    },
    comparisons: [{ of: 'coffre', against: RAW }],
    rounds: size > SIZE ? 3 : 5,
  }
}
