import { cpSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { readHostConfig } from '../../src/cli/host/config.ts'
import { toBase64url } from '../../src/crypto/bytes.ts'
import { parseCheckpoint, verifyCheckpoint } from '../../src/log/checkpoint.ts'
import { parseNote } from '../../src/log/note.ts'
import { parsePolicy } from '../../src/log/policy.ts'
import type { Ack } from '../fixtures/power-cut/acks.ts'
import type { Luck } from '../fixtures/power-cut/disk.ts'
import { record } from '../fixtures/power-cut/record.ts'
import { Replay } from '../fixtures/power-cut/replay.ts'
import { checkStoreFolder, openStoreOf, type Promised, strayFiles } from '../fixtures/store-checks.ts'
import { testFolder } from '../fixtures/test-folder.ts'

// The power goes: what was written and not synced may be on the disk, or not, or in part. Whatever of it is there, the
// host starts by itself and has all that anybody was told. docs/store.md says in which order things become durable.

/** Cuts tried; more with COFFRE_FAULT_CUTS=n. */
const CUTS = Number(process.env.COFFRE_FAULT_CUTS ?? 60)
/** A fixed seed unless COFFRE_FAULT_SEED is given, so that a red run can be looked at again. */
const seed = Number(process.env.COFFRE_FAULT_SEED ?? 20_261_124)

// Under strace and on a busy machine it takes its time.
t.setTimeout(220_000)
const folder = testFolder(t)
const { calls, store, config: configFile, acksFile } = await record(folder)
const config = readHostConfig(configFile)
/** In memory where the system has such a folder: the rebuilt disk need not survive anything itself. */
const rebuilt = mkdtempSync(join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'coffre-power-cut-'))
t.teardown(() => rmSync(rebuilt, { recursive: true, force: true }))
const policy = parsePolicy(config.anchors.policy)

/** Mulberry32: small, and the same everywhere. */
function randomOf(start: number): () => number {
  let state = start
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

/** What the disk may have of what no sync covers. */
const LUCKS: readonly { readonly name: string; luck(random: () => number): Luck }[] = [
  { name: 'nothing unsynced', luck: () => () => false },
  { name: 'half of what was unsynced', luck: random => () => random() < 0.5 },
  { name: 'all that was unsynced', luck: () => () => true },
]

/** Calls after which to cut: around every acknowledgement, and at random between. */
function cutPoints(): number[] {
  const replay = new Replay(store, acksFile)
  const touched: number[] = []
  const acked: number[] = []
  for (const [i, call] of calls.entries()) {
    const step = replay.play(call)
    if (step.touched) touched.push(i)
    if (step.acks.length > 0) acked.push(i)
  }
  const random = randomOf(seed)
  const points = new Set(acked)
  while (points.size < Math.max(CUTS, acked.length) && points.size < touched.length) {
    points.add(touched[Math.floor(random() * touched.length)] as number)
  }
  return [...points].sort((a, b) => a - b)
}

function promises() {
  const promised = {
    entries: new Set<string>(),
    documents: new Map<string, string>(),
    checkpoints: new Map<number, string>(),
    parts: new Map<string, string>(),
  }
  return {
    promised,
    take(ack: Ack): void {
      if (ack.kind === 'entries') for (const hash of ack.hashes) promised.entries.add(hash)
      else if (ack.kind === 'checkpoint') {
        const { size, root } = parseCheckpoint(parseNote(ack.note).text)
        promised.checkpoints.set(size, toBase64url(root))
      } else if (ack.kind === 'document') promised.documents.set(ack.deposit, ack.document)
      else promised.parts.set(`${ack.upload}/${ack.part}`, ack.blocks)
    },
  }
}

const same = (a: string, b: string) => readFileSync(a).equals(readFileSync(b))

t.test('the simulated disk is the real one when everything reached it', async t => {
  const replay = new Replay(store, acksFile)
  for (const call of calls) replay.play(call)
  const copy = join(folder, 'all')
  replay.disk.materialise(copy, () => true)
  const files = readdirSync(store, { recursive: true, withFileTypes: true })
    .filter(file => file.isFile() && !file.name.endsWith('-shm'))
    .map(file => join(file.parentPath, file.name).slice(store.length))
  t.ok(files.length > 10, `${files.length} files`)
  const other = files.filter(file => !existsSync(join(copy, file)) || !same(join(store, file), join(copy, file)))
  t.same(other, [])
})

t.test('whatever was not synced is lost, and nothing that was acknowledged', async t => {
  const replay = new Replay(store, acksFile)
  const { promised, take } = promises()
  const random = randomOf(seed + 1)
  const points = new Set(cutPoints())
  const failures: string[] = []
  const running = new Set<Promise<void>>()
  let tried = 0
  for (const [i, call] of calls.entries()) {
    for (const ack of replay.play(call).acks) take(ack)
    if (!points.has(i)) continue
    // The worst luck proves most: every second cut has it, the others in turn.
    const variant = LUCKS[[0, 1, 0, 2][tried++ % 4] as number]
    if (variant === undefined) continue
    const target = join(rebuilt, String(i))
    replay.disk.materialise(target, variant.luck(random))
    const looking = afterCut(target, structuredClone(promised)).then(wrong => {
      rmSync(target, { recursive: true })
      failures.push(...wrong.map(each => `${variant.name} of call ${i}: ${each}`))
      running.delete(looking)
    })
    running.add(looking)
    // A vault waits more than it works while it closes.
    if (running.size >= 4) await Promise.race(running)
  }
  await Promise.all(running)
  t.same(failures.slice(0, 12), [])
  t.comment(`${tried} cuts among ${calls.length} calls; ${promised.entries.size} entries acknowledged`)
  t.ok(promised.entries.size > 15 && promised.documents.size === 4 && promised.parts.size >= 4)
  t.ok(promised.checkpoints.size > 3)
})

async function afterCut(target: string, promised: Promised): Promise<string[]> {
  const wrong: string[] = []
  const published = join(target, 'log', 'checkpoint')
  try {
    // As found: a file that is replaced holds the old content or the new, never a half.
    if (existsSync(published)) verifyCheckpoint(readFileSync(published, 'utf8'), policy)
  } catch {
    wrong.push('the published checkpoint is no checkpoint')
  }
  try {
    const vault = await openStoreOf(config, target)
    try {
      wrong.push(...(await checkStoreFolder(target, promised)))
      await vault.collected
    } finally {
      await vault.close()
    }
    wrong.push(...strayFiles(target).map(file => `${file} is left over`))
  } catch (error) {
    wrong.push(`the host does not start: ${(error as Error).message}`)
    if (process.env.COFFRE_FAULT_KEEP) cpSync(target, process.env.COFFRE_FAULT_KEEP, { recursive: true })
  }
  return wrong
}

t.test('a checkpoint that was served is never followed by an older one', async t => {
  // Served after its file was renamed and before the folder was synced: the cut leaves the older file.
  const replay = new Replay(store, acksFile)
  const served = calls.flatMap(call => replay.play(call).acks).filter(ack => ack.kind === 'checkpoint')
  const target = join(rebuilt, 'older')
  replay.disk.materialise(target, () => true)
  const file = join(target, 'log', 'checkpoint')
  const newest = sizeOf(readFileSync(file, 'utf8'))
  writeFileSync(file, served[0]?.note ?? '')
  t.ok(sizeOf(readFileSync(file, 'utf8')) < newest)
  const vault = await openStoreOf(config, target)
  t.ok(sizeOf(readFileSync(file, 'utf8')) >= newest, 'before the first request is taken')
  await vault.close()
})

const sizeOf = (note: string) => parseCheckpoint(parseNote(note).text).size
