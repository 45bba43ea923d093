import t from 'tap'
import { CryptoError } from '../../src/crypto/errors.ts'
import { inputOf, loop } from './loop.ts'
import { target } from './target.ts'
import { schemas } from './targets/api.ts'
import { targets } from './targets/index.ts'

/** Inputs for the fastest targets, in the gate; the others take their share of it, and 20 at the least. */
const RUNS = 300
/** Of those that take a fifth of a second each, three. */
const leastOf = ({ share }: { readonly share: number }) => (share < 0.001 ? 3 : 20)

t.test('every parser and opener refuses with documented codes what it does not take', async t => {
  t.equal(new Set(targets.map(({ name }) => name)).size, targets.length, 'no two targets have one name')
  for (const each of targets) {
    t.ok(each.samples.length > 0, `${each.name} has samples`)
    for (const sample of each.samples) {
      const read = await (each.take as (input: unknown) => unknown)(sample)
      if (each.write !== undefined) {
        const again = (each.write as (read: unknown) => Uint8Array | string | null)(read) ?? sample
        t.equal(Buffer.compare(Buffer.from(again), Buffer.from(sample)), 0, `${each.name} is written as it was read`)
      }
    }
    const tally = await loop(each, {
      seed: 20_261_124,
      runs: Math.max(leastOf(each), Math.ceil((RUNS * each.share) / 10)),
    })
    t.strictSame(tally.findings, [], each.name)
  }
})

t.test('every schema of the protocol has a value that it takes', async t => {
  const without = schemas.filter(({ samples }) => samples.length === 0).map(({ name }) => name)
  t.strictSame(without, [])
})

t.test('the loop finds what it is there to find', async t => {
  const parts = { name: 'planted', share: 1, samples: ['abcdef', 'ghijkl'], refusals: ['planted-known'] }
  const findings = async (take: (text: string) => unknown, more = {}) =>
    (await loop(target({ ...parts, take, ...more }), { seed: 1, runs: 200 })).findings.map(
      ({ why }) => why.split('\n')[0],
    )
  t.match(await findings(text => text.at(100)?.length ?? null, { authentic: true }), [/accepted an altered input/])
  t.match(await findings(() => JSON.parse('{')), [/threw SyntaxError/])
  t.match(
    await findings(() => {
      throw new CryptoError('no', { code: 'planted-unknown' })
    }),
    [/not documented: planted-unknown/],
  )
  t.match(await findings(text => text.trim().toLowerCase(), { write: (text: string) => text }), [/second writing/])
  t.strictSame(
    await findings(() => {
      throw new CryptoError('no', { code: 'planted-known' })
    }),
    [],
  )
})

t.test('a seed and a number make one input, and no other', async t => {
  const [any] = targets
  if (any === undefined) throw new TypeError('no targets')
  t.equal(inputOf(any, 7, 1234), inputOf(any, 7, 1234))
  t.not(inputOf(any, 7, 1234), inputOf(any, 8, 1234))
  t.not(inputOf(any, 7, 1234), inputOf(any, 7, 1235))
})
