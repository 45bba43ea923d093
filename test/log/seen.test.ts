import t from 'tap'
import { toBase64url } from '../../src/crypto/bytes.ts'
import { formatSeen, NOTHING_SEEN, parseSeen, type Seen } from '../../src/log/seen.ts'
import type { Hash } from '../../src/protocol/ids.ts'

const hash = (n: number) => toBase64url(new Uint8Array(32).fill(n)) as Hash
const tree = { size: 17, root: hash(1) }

t.test('what was seen, there and back', async t => {
  const all: Seen[] = [NOTHING_SEEN, { tree }, { tree, chain: { n: 0, hash: hash(2) } }, { tree, receipt: hash(3) }]
  for (const seen of all) t.same(parseSeen(formatSeen(seen)), seen)
  t.equal(formatSeen(NOTHING_SEEN), 'tree=0:47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU')
})

t.test('any other text is refused', async t => {
  const h = hash(1)
  const bad = [
    '',
    `tree=17:${h} `,
    ` tree=17:${h}`,
    `tree=017:${h}`,
    `tree=-1:${h}`,
    `tree=1e3:${h}`,
    `tree=17:${h.slice(1)}`,
    `tree=17:${h.slice(0, -1)}B`,
    `tree=17:${h}=`,
    `tree=17:${h},chain=1:${h}`,
    `tree=17:${h}, chain=1:${h}, receipt=${h}`,
    `tree=17:${h}, receipt=${h}, receipt=${h}`,
    `tree=17:${h}, chain=${h}`,
    `chain=1:${h}`,
    `tree=99999999999999:${h}`,
    `tree=17:${h}\n`,
  ]
  for (const text of bad) t.throws(() => parseSeen(text), { code: 'seen-malformed' }, text)
})
