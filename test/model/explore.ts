/** Two ways through the model: every world within a scope, each once; and long random walks. */
import { broken } from './invariants.ts'
import { Broken, type Move, movesOf, type Scope } from './moves.ts'
import { type Answer, HOLDERS, kindOf, opened, type World } from './world.ts'

/** What a search came to. */
export interface Explored {
  readonly worlds: number
  readonly moves: number
  readonly depth: number
  /** The shortest way to something that does not hold, its moves by name; null when all holds. */
  readonly found: { readonly wrong: string; readonly way: readonly string[] } | null
}

/** Where a search begins: at once, or after both professionals were given access (so that it reaches further). */
export const BEGINNINGS = {
  activated: [],
  granted: [
    ...['Anne', 'Bruno'].flatMap((name, i) => [
      `phone is served state ${i}`,
      `phone plans: give ${name}`,
      'phone sends',
    ]),
    'phone is served state 2',
  ],
} as const
export type Beginning = keyof typeof BEGINNINGS

async function begin(beginning: Beginning, scope: Scope): Promise<World> {
  let world = await opened()
  for (const name of BEGINNINGS[beginning]) {
    const after = await movesOf(world, scope)
      .find(move => move.name === name)
      ?.make()
    if (after == null) throw new Error(`The model cannot begin: ${name}`)
    world = after
  }
  return world
}

/** Breadth first, so that what is found is found by the shortest way. `depth`: moves from the beginning, at most. */
export async function exhaustively(
  scope: Scope & { readonly depth: number; readonly from: Beginning },
): Promise<Explored> {
  const first = await begin(scope.from, scope)
  let edge: { world: World; way: readonly string[] }[] = [{ world: first, way: [] }]
  const met = new Set([nameOf(first)])
  let moves = 0
  let depth = 0
  for (; depth < scope.depth && edge.length > 0; depth++) {
    const next: typeof edge = []
    for (const { world, way } of edge) {
      for (const move of movesOf(world, scope)) {
        moves++
        const on = [...way, move.name]
        const { after, wrong } = await made(move)
        if (wrong !== null) return { worlds: met.size, moves, depth, found: { wrong, way: on } }
        if (after === null) continue
        const name = nameOf(after)
        if (met.has(name)) continue
        met.add(name)
        const holds = await broken(after)
        if (holds !== null) return { worlds: met.size, moves, depth, found: { wrong: holds, way: on } }
        next.push({ world: after, way: on })
      }
    }
    edge = next
  }
  return { worlds: met.size, moves, depth, found: null }
}

/** One move; a refusal by the program's checks is a finding too where the model offers only what should be taken. */
async function made(move: Move): Promise<{ after: World | null; wrong: string | null }> {
  try {
    return { after: await move.make(), wrong: null }
  } catch (error) {
    if (error instanceof Broken) return { after: null, wrong: error.message }
    return { after: null, wrong: `${move.name}: ${error instanceof Error ? error.message : String(error)}` }
  }
}

/** A walk from the beginning, each move chosen by the next of the numbers given. */
export async function walk(scope: Scope, choices: Iterable<number>): Promise<Explored> {
  let world = await opened()
  const way: string[] = []
  const met = new Set([nameOf(world)])
  for (const choice of choices) {
    const possible = movesOf(world, scope)
    const move = possible[choice % possible.length] as Move
    const { after, wrong } = await made(move)
    way.push(move.name)
    const found = wrong ?? (after === null ? null : await broken(after))
    if (found !== null) return { worlds: met.size, moves: way.length, depth: way.length, found: { wrong: found, way } }
    if (after === null) continue
    world = after
    met.add(nameOf(world))
  }
  return { worlds: met.size, moves: way.length, depth: way.length, found: null }
}

/** What tells worlds apart: everything but the random bytes. Two worlds of one name go on alike. */
function nameOf({ chain, devices, readers, documents }: World): string {
  const states = chain.map(stateName)
  const parties = devices.map(({ isLost, seen, view, pending, accountKey }) => [
    isLost,
    seen.state?.seq ?? -1,
    view?.state.payload.seq ?? -1,
    pending && [pending.on, pending.what],
    chain.findIndex(answer => answer.accountKey === accountKey),
  ])
  const laid = documents.map(({ compartment, epoch, readBy }) => [kindOf(compartment), epoch, readBy])
  return JSON.stringify([states, parties, readers.map(({ seen }) => seen.state?.seq ?? -1), laid])
}

const names = new WeakMap<Answer, unknown>()
function stateName(answer: Answer): unknown {
  const known = names.get(answer)
  if (known !== undefined) return known
  const { inForce, action } = answer
  const grants = [...inForce.grants.values()].map(
    ({ payload }) => HOLDERS.find(({ key }) => key.payload.nationalId === payload.grantee.id)?.name,
  )
  const name = [
    action,
    inForce.state.payload.compartments.map(({ epoch }) => epoch),
    grants.sort(),
    inForce.sets.placements.length,
  ]
  names.set(answer, name)
  return name
}
