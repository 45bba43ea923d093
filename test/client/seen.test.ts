import t from 'tap'
import { NOTHING_SEEN } from '../../src/client/http.ts'
import { acceptMarks, marksOf, nothingSeen, Seen, seenHeader } from '../../src/client/seen.ts'
import { parseSeen } from '../../src/log/seen.ts'
import type { Hash } from '../../src/protocol/ids.ts'

const hash = (fill: number) => Buffer.alloc(32, fill).toString('base64url') as Hash

t.test('what was seen goes into every request', async t => {
  t.equal(seenHeader(nothingSeen()), NOTHING_SEEN)
  const tree = { size: 7, root: hash(1) }
  const chain = { n: 3, hash: hash(2), link: '{}', event: '{}' }
  t.same(parseSeen(seenHeader({ tree, chain })), { tree, chain: { n: 3, hash: hash(2) } })
  t.same(marksOf({ tree, chain }, 5), { seq: 5, tree, chain: { n: 3, hash: hash(2) } })
})

t.test('another device’s marks', async t => {
  const seen = { ...nothingSeen(), tree: { size: 7, root: hash(1) }, checkpoint: 'note' }
  const marks = (size: number, root: Hash) => ({ seq: 0, chain: null, tree: { size, root } })
  t.equal(acceptMarks(seen, marks(3, hash(9))), seen, 'older ones change nothing')
  t.same(acceptMarks(seen, marks(9, hash(3))).tree, { size: 9, root: hash(3) }, 'newer ones are taken over')
  t.throws(() => acceptMarks(seen, marks(7, hash(3))), { code: 'tree-forked' }, 'two logs of one size')
  const chained = (n: number, fill: number) => ({ ...marks(7, hash(1)), chain: { n, hash: hash(fill) } })
  const here = { ...seen, chain: { n: 3, hash: hash(2), link: '{}', event: '{}' } }
  t.equal(acceptMarks(here, chained(2, 9)), here, 'an entry passed already')
  t.same(acceptMarks(here, chained(5, 4)).awaited, { n: 5, hash: hash(4) }, 'one further on is awaited in the chain')
  t.throws(() => acceptMarks(here, chained(3, 9)), { code: 'chain-forked' }, 'two chains of one record')
})

t.test('a file of what was seen says nothing that is not read', async t => {
  const file = (grants: string) => Seen.safeParse({ ...nothingSeen(), grants: JSON.parse(grants) }).success
  t.ok(file('{}'))
  t.ok(file(`{ "${hash(1)}": "a.b.c" }`))
  t.notOk(file(`{ "${hash(1)}": "a.b.c", "__proto__": "a.b.c" }`), 'a member that a record’s schema would skip')
  t.notOk(file('{ "constructor": "a.b.c" }'), 'a name that is no hash')
})
