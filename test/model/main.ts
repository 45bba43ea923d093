/** `npm run model`: the model explored further than the gate does (docs/model.md). Exit 1, and the way, when it finds something. */
import { parseArgs } from 'node:util'
import fc from 'fast-check'
import { BEGINNINGS, type Beginning, type Explored, exhaustively, walk } from './explore.ts'

const { values } = parseArgs({
  options: {
    depth: { type: 'string', default: '9' },
    states: { type: 'string', default: '6' },
    documents: { type: 'string', default: '1' },
    walks: { type: 'string', default: '200' },
    length: { type: 'string', default: '150' },
    seed: { type: 'string', default: String(Date.now() % 2 ** 31) },
  },
})
const [depth, states, documents, walks, length, seed] = (
  ['depth', 'states', 'documents', 'walks', 'length', 'seed'] as const
).map(name => Number(values[name])) as [number, number, number, number, number, number]

function report(what: string, { worlds, moves, found }: Explored): void {
  process.stdout.write(`${what}: ${worlds} worlds, ${moves} moves\n`)
  if (found === null) return
  process.stdout.write(`DOES NOT HOLD: ${found.wrong}\n  ${found.way.join('\n  ')}\n`)
  process.exit(1)
}

for (const from of Object.keys(BEGINNINGS) as Beginning[]) {
  const scope = { from, states, documents, losses: true, masks: true, depth }
  report(`every world up to ${depth} moves after ${from}`, await exhaustively(scope))
}
const scope = { states: 24, documents: 4, losses: true, masks: true, mixes: true }
const generator = fc.sample(fc.array(fc.nat(), { minLength: length, maxLength: length }), { numRuns: walks, seed })
const sum = { worlds: 0, moves: 0 }
for (const choices of generator) {
  const walked = await walk(scope, choices)
  sum.worlds += walked.worlds
  sum.moves += walked.moves
  if (walked.found !== null) report(`a walk of seed ${seed}`, walked)
}
report(`${walks} walks of ${length} moves, seed ${seed}`, { ...sum, depth: length, found: null })
