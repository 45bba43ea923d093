/** One core, from memory to nowhere, beside the runtime's own cipher and hash on the same bytes, and beside `age`. */
import { concat } from '../../src/crypto/bytes.ts'
import { type Contest, megabytesPerSecond } from '../harness/figure.ts'
import { ageOver } from '../rivals/age.ts'
import { openRaw, rawChunks, sealRaw } from '../rivals/raw-chunks.ts'
import { contentOf, drain, household, MIB, SIZES, sealedBody } from './bodies.ts'

const SIZE = 256 * MIB
const RAW = 'raw ChaCha20-Poly1305 + SHA-256'
/** The same at its fastest: each array that the cipher made is given back at once, as ours are. */
const RELEASED = 'raw, its arrays given back at once'
/** Bytes of each side's turn at the smaller sizes: short turns, many of them. */
const TURN = 8 * MIB

/** `lent`, as `coffre` takes pieces when it deposits and saves. */
async function sidesFor(work: 'seal' | 'open', size: number) {
  if (work === 'open') {
    const body = await sealedBody(size)
    const raw = rawChunks(Math.min(size, MIB))
    const limit = (released: boolean) => () => openRaw(raw, size, { released })
    return { ours: () => drain(body.open()), raw: limit(false), released: limit(true) }
  }
  const { sealer } = await household(size)
  return {
    ours: () => drain(sealer.body(contentOf(size), { areLent: true })),
    raw: () => sealRaw(contentOf(size)),
    released: () => sealRaw(contentOf(size), { released: true }),
  }
}

export async function* onOneCore(work: 'seal' | 'open'): AsyncGenerator<Contest> {
  const { ours, raw, released } = await sidesFor(work, SIZE)
  const age = await ageOver(concat(...contentOf(SIZE)))
  const command = work === 'seal' ? age.commandSeal : age.commandOpen
  const coffre = megabytesPerSecond(SIZE, ours)
  yield {
    sides: {
      coffre,
      [RAW]: megabytesPerSecond(SIZE, raw),
      [RELEASED]: megabytesPerSecond(SIZE, released),
      ...(command === null ? {} : { 'age command': megabytesPerSecond(SIZE, command) }),
    },
    comparisons: [
      { of: 'coffre', against: RAW, target: { least: 0.9 } },
      { of: 'coffre', against: RELEASED },
      ...(command === null ? [] : [{ of: 'coffre', against: 'age command' }]),
    ],
  }
  const packaged = work === 'seal' ? age.packageSeal : age.packageOpen
  yield {
    variant: 'beside the package',
    sides: { coffre, 'age-encryption': megabytesPerSecond(SIZE, () => packaged()) },
    comparisons: [{ of: 'coffre', against: 'age-encryption', target: { least: 10 } }],
    rounds: 3,
  }
  age.close()
  for (const [variant, size] of SIZES) yield await ofSize(work, variant, size)
}

async function ofSize(work: 'seal' | 'open', variant: string, size: number): Promise<Contest> {
  const { ours, raw } = await sidesFor(work, size)
  const times = Math.max(1, Math.ceil(Math.min(TURN, 1024 * size) / size))
  return {
    variant,
    sides: {
      coffre: megabytesPerSecond(size * times, async () => {
        for (let i = 0; i < times; i++) await ours()
      }),
      [RAW]: megabytesPerSecond(size * times, () => {
        for (let i = 0; i < times; i++) raw()
      }),
    },
    comparisons: [{ of: 'coffre', against: RAW }],
    ...(size > SIZE ? { rounds: 2 } : {}),
  }
}
