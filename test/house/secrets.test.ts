import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import t from 'tap'

// Two habits of the whole source: bytes are compared in one place, in time that tells nothing; randomness is the platform's.

const src = resolve(import.meta.dirname, '../../src')

/** The home of each: `equal` and `randomBytes`. */
const HOME = 'crypto/bytes.ts'

const comparisons =
  /\btimingSafeEqual\b|\bmemcmp\b|\bBuffer\.compare\b|\bindexedDB\.cmp\b|\.every\(\((\w+), (\w+)\) => \1 === \w+\[\2\]\)|\bto(Hex|Base64url|Base64)\(\w+\) [!=]== to(Hex|Base64url|Base64)\(/

/** The platform's generators by other names than ours; `randomInt` draws one-time passwords without bias, UUIDs name files. */
const generators = /\bgetRandomValues\b|\brandomFill(Sync)?\b|\bpseudoRandomBytes\b|\brandombytes_\w+/

const homemade =
  /\bMath\.random\b|\b(mulberry32|xorshift\w*|splitmix\w*|mersenne\w*|seedrandom|xoshiro\w*|pcg32|lcg)\b|\b(1103515245|1664525|0x6d2b79f5)\b/i

const found = (path: string, text: string): string[] =>
  text.split('\n').flatMap((line, i) => {
    const wrong = homemade.test(line) || (path !== HOME && (comparisons.test(line) || generators.test(line)))
    return wrong && !/^\s*(\/\/|\*)/.test(line) ? [`${path}:${i + 1}`] : []
  })

t.test('bytes are compared by `equal` alone, randomness comes from the platform alone', async t => {
  const paths = readdirSync(src, { recursive: true, encoding: 'utf8' }).filter(path => /\.tsx?$/.test(path))
  t.same(
    paths.flatMap(path => found(path, readFileSync(join(src, path), 'utf8'))),
    [],
    `use equal and randomBytes of ${HOME}`,
  )
  const home = readFileSync(join(src, HOME), 'utf8')
  t.match(home, 'globalThis.crypto.getRandomValues')
  t.match(home, 'export function equal')
  t.ok(paths.length > 100)
})

t.test('planted ones are found', async t => {
  for (const line of [
    'const id = Math.random().toString(36)',
    "import { timingSafeEqual } from 'node:crypto'",
    'if (Buffer.compare(a, b) === 0) return',
    'return a.every((byte, i) => byte === b[i])',
    'return toHex(one) === toHex(other)',
    'globalThis.crypto.getRandomValues(bytes)',
    'state = (state * 1664525 + 1013904223) >>> 0',
    'const next = mulberry32(seed)',
  ]) {
    t.same(found('client/x.ts', line), ['client/x.ts:1'], line)
  }
  t.same(found(HOME, 'globalThis.crypto.getRandomValues(bytes)'), [])
  t.same(found('client/x.ts', 'if (!equal(a, b)) return // Math is not random'), [])
})
