import { concat } from '../../src/crypto/bytes.ts'
import { type Contest, type Figure, megabytesPerSecond } from '../harness/figure.ts'
import { ageOver } from '../rivals/age.ts'
import { sealRaw } from '../rivals/raw-chunks.ts'
import { contentOf, drain, household, MIB, SIZES } from '../samples/bodies.ts'

const SIZE = 256 * MIB
const RAW = 'raw ChaCha20-Poly1305 + SHA-256'

export default {
  what: 'A body of 256 MiB (and others) sealed and hashed block by block on one core, from memory to nowhere; the limit is the runtime’s own cipher on the same 16 KiB chunks plus its SHA-256 of the same bytes.',
  unit: 'MB/s',
  cores: 1,
  async *contests() {
    yield* rivals()
    for (const [variant, size] of SIZES) yield await against(variant, size)
  },
} satisfies Figure

async function* rivals(): AsyncGenerator<Contest> {
  const content = concat(...contentOf(SIZE))
  const age = await ageOver(content)
  const { sealer } = await household(SIZE)
  const command = age.commandSeal
  yield {
    sides: {
      coffre: megabytesPerSecond(SIZE, () => drain(sealer.body(contentOf(SIZE)))),
      [RAW]: megabytesPerSecond(SIZE, () => sealRaw(contentOf(SIZE))),
      'age-encryption': megabytesPerSecond(SIZE, () => age.packageSeal()),
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
  const { sealer } = await household(size)
  const times = Math.max(1, Math.ceil((32 * MIB) / size / 16))
  return {
    variant,
    sides: {
      coffre: megabytesPerSecond(size * times, async () => {
        for (let i = 0; i < times; i++) await drain(sealer.body(contentOf(size)))
      }),
      [RAW]: megabytesPerSecond(size * times, () => {
        for (let i = 0; i < times; i++) sealRaw(contentOf(size))
      }),
    },
    comparisons: [{ of: 'coffre', against: RAW }],
    rounds: size > SIZE ? 3 : 5,
  }
}
