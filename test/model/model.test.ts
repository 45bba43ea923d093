/** docs/model.md: every world within two small scopes, and some random walks. Much longer ones: `npm run model`. */
import fc from 'fast-check'
import t from 'tap'
import { type Beginning, type Explored, exhaustively, walk } from './explore.ts'
import type { Scope } from './moves.ts'

/** Each scope with the worlds and moves it has: another number means that the model, or what it drives, has changed. */
const SCOPES: readonly (Scope & { readonly from: Beginning; readonly depth: number; readonly counts: object })[] = [
  {
    ...{ from: 'activated', states: 4, documents: 1, losses: true, masks: true, depth: 7 },
    counts: { worlds: 1185, moves: 5788 },
  },
  {
    ...{ from: 'granted', states: 6, documents: 1, losses: false, masks: true, depth: 6 },
    counts: { worlds: 5285, moves: 31138 },
  },
]

for (const { counts, ...scope } of SCOPES) {
  t.test(`every world up to ${scope.depth} moves after ${scope.from}`, async t => {
    const { worlds, moves, found } = await exhaustively(scope)
    t.comment(`${worlds} worlds, ${moves} moves`)
    t.equal(found, null, said(found))
    t.same({ worlds, moves }, counts)
  })
}

t.test('random walks, with a host that mixes what it serves', async t => {
  const scope = { states: 12, documents: 3, losses: true, masks: true, mixes: true }
  let moves = 0
  let found: Explored['found'] = null
  const holds = fc.asyncProperty(fc.array(fc.nat(), { minLength: 60, maxLength: 60 }), async choices => {
    const walked = await walk(scope, choices)
    moves += walked.moves
    found = walked.found
    return found === null
  })
  const result = await fc.check(holds, { numRuns: 8, endOnFailure: true })
  t.comment(`${moves} moves, seed ${result.seed}`)
  t.notOk(result.failed, said(found))
})

const said = (found: Explored['found']) =>
  found === null ? 'all holds' : `${found.wrong}, after: ${found.way.join('; ')}`
