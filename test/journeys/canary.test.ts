import { mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import t from 'tap'
import { MAIL } from '../../src/dev/journey/parties.ts'
import { STEPS } from '../../src/dev/journey/steps.ts'
import { layoutOf } from '../../src/dev/layout.ts'
import { type RunningWorld, startWorld } from '../../src/dev/services.ts'
import { copyStore } from '../../src/dev/store-copy.ts'
import type { Canary } from '../fixtures/canary/forms.ts'
import type { SocketLine } from '../fixtures/canary/host-tap.ts'
import { Household } from '../fixtures/canary/household.ts'
import { layOut, makePlants } from '../fixtures/canary/plants.ts'
import { markedSamples } from '../fixtures/canary/samples.ts'
import { type Finding, Searcher } from '../fixtures/canary/search.ts'
import { file, keepMemory, type Places, SINKS, type Sink, sink } from '../fixtures/canary/sinks.ts'
import { CanaryStage } from '../fixtures/canary/stage.ts'
import { worldPorts } from '../fixtures/ports.ts'
import { testFolder } from '../fixtures/test-folder.ts'

// The host cannot read a record: the whole journey is played against a host process, and nothing that only the patient,
// the professionals or the insurer know is anywhere in it, its files, its logs, its backup or on its wires.

/** What the host may know, why, and where. Everything else is the patient's alone. */
const EXCEPTIONS: readonly { readonly name: RegExp; readonly why: string; readonly sinks: readonly Sink[] }[] = [
  {
    name: /^INS$/,
    why: 'the host finds a record by its INS; it never has the NIR it came from, nor a way back to it',
    sinks: ['memory', 'database', 'wal', 'rows', 'backup', 'socket in', 'socket out'],
  },
  {
    name: /^contact$/,
    why: 'one-time passwords go there',
    sinks: ['memory', 'database', 'wal', 'rows', 'backup', 'socket in', 'socket out'],
  },
  {
    name: /^one-time password/,
    why: 'the host makes it, sends it, and takes it back from who signs in; it opens nothing by itself',
    sinks: ['memory', 'database', 'wal', 'backup', 'socket in', 'socket out'],
  },
]

/** Starts the world with the tap loaded into its host. */
async function startTapped(options: { data: string; tap: string }): Promise<RunningWorld> {
  const before = process.env.NODE_OPTIONS
  const loaded = pathToFileURL(join(import.meta.dirname, '..', 'fixtures', 'canary', 'host-tap.ts')).href
  process.env.NODE_OPTIONS = `${before ?? ''} --import=${loaded}`.trim()
  process.env.CANARY_TAP = options.tap
  try {
    return await startWorld({ data: options.data, ports: await worldPorts(), at: new Date() })
  } finally {
    delete process.env.CANARY_TAP
    if (before === undefined) delete process.env.NODE_OPTIONS
    else process.env.NODE_OPTIONS = before
  }
}

/** What the host may know, as canaries too: where it must not be, it is looked for as everything else. */
function hostsOwn(stage: CanaryStage): Canary[] {
  const text = (name: string, value: string): Canary => ({ name, value: Buffer.from(value), kind: 'text' })
  const codes = stage.running.mail.mails.flatMap(mail => [...mail.text.matchAll(/(?<!\d)\d{8}(?!\d)|\d{4} \d{4}/g)])
  return [
    text('INS', stage.fact('ins')),
    text('contact', MAIL),
    ...codes.map(([code], i) => text(`one-time password ${i + 1}`, code)),
  ]
}

/** A finding as a sentence: which secret, how written, where. */
const told = ({ canary, form, where }: Finding): string => `${canary.name} (${form}) in ${where}`

type Found = Readonly<Record<Sink, readonly Finding[]>>

function searchAll(searcher: Searcher, places: Places): Found {
  return Object.fromEntries(SINKS.map(name => [name, searcher.search(sink(name, places))])) as unknown as Found
}

t.test('the host cannot read a record', async t => {
  const data = testFolder(t)
  const tap = join(data, 'tap')
  mkdirSync(tap)
  const running = await startTapped({ data, tap })
  t.teardown(() => running.stop())
  const places: Places = { running, tap, backup: join(data, 'backup') }
  const { layout } = running.world
  /** The host's memory when the codes had just been typed, and when the documents had just been deposited. */
  const image = (step: number): string => join(data, `memory-after-step-${step}`)

  const { samples, canaries: contents } = await markedSamples(layoutOf(data).samples, new Date())
  const household = new Household(layout)
  const stage = new CanaryStage({ running, samples, atHome: () => household.lookHome() })
  // the ninth step is an auditor's, offline: nothing of it reaches the host
  for (const step of STEPS.filter(({ number }) => number < 9)) {
    await step.play(stage)
    if (step.number === 3 || step.number === 5) keepMemory(running, image(step.number))
  }
  await household.gather(stage)
  await copyStore(layout.host.store, places.backup)

  const secrets = [...contents, ...stage.titles, ...household.canaries]
  const known = hostsOwn(stage)
  const plants = makePlants()
  const searcher = new Searcher([...secrets, ...known, ...plants.map(({ canary }) => canary)])
  t.comment(`${secrets.length} secrets, ${plants.length} plants, ${searcher.size} patterns`)

  await t.test('every kind of secret of the journey is among the canaries', async t => {
    t.equal(stage.titles.length, 3)
    t.ok(contents.length > 25)
    t.equal(household.count(/^NIR/), 42, 'six persons, seven ways')
    t.equal(household.count(/^epoch secret, .* 0$/), 9, 'every compartment’s first epoch')
    t.equal(household.count(/^epoch secret, .* 1$/), 8, 'and the second of those that rolled')
    t.equal(household.count(/^document key/), 4)
    for (const [name, count] of [
      [/^secret code$/, 1],
      [/^(opening|activation) code, /, 12],
      [/^kit secret/, 7],
      [/^(account key|device secret|identity’s|OPAQUE|key of the)/, 7],
      [/^(signing|sealing) key of the/, 6],
      [/^card key of the/, 9],
    ] as const) {
      t.equal(household.count(name), count, String(name))
    }
  })

  const before = searchAll(searcher, places)
  await t.test('nothing of it is at the host', async t => {
    for (const name of SINKS) {
      const faults = before[name].filter(
        ({ canary }) => !EXCEPTIONS.some(each => each.name.test(canary.name) && each.sinks.includes(name)),
      )
      t.strictSame(faults.map(told), [], name)
    }
    for (const step of [3, 5]) {
      const faults = searcher
        .search(file(image(step)))
        .filter(({ canary }) => !EXCEPTIONS.some(each => each.name.test(canary.name)))
      t.strictSame(faults.map(told), [], `memory after step ${step}`)
    }
  })

  await t.test('what the host does know is found: the search sees what is there', async t => {
    const holds = (name: Sink, canary: RegExp) => before[name].some(found => canary.test(found.canary.name))
    for (const name of ['memory', 'rows', 'backup', 'socket in'] as const) t.ok(holds(name, /^INS$/), `INS, ${name}`)
    for (const name of ['memory', 'rows', 'backup', 'socket out'] as const) t.ok(holds(name, /^contact$/), name)
    t.ok(holds('socket in', /^one-time/), 'as the patient typed it')
    t.ok(holds('socket out', /^one-time/), 'as it was mailed')
  })

  await t.test('every planted canary is found, in its sink and in its form', async t => {
    await layOut(plants, places)
    const after = searchAll(searcher, places)
    for (const name of SINKS) {
      const found = new Set(after[name].map(({ canary, form }) => `${canary.name}\n${form}`))
      const laid = plants.filter(plant => plant.sink === name)
      const missed = laid.filter(({ canary, form }) => !found.has(`${canary.name}\n${form.name}`))
      t.ok(laid.length > 50)
      t.strictSame(
        missed.map(({ canary }) => canary.name),
        [],
        name,
      )
    }
  })

  await t.test('nothing crossed the host’s sockets past the tap', async t => {
    await running.stop()
    const lines = readFileSync(join(tap, 'sockets.jsonl'), 'utf8').trimEnd().split('\n')
    const sockets = lines.map(line => JSON.parse(line) as SocketLine)
    t.equal(sockets.length, readdirSync(tap).filter(name => name.endsWith('.in')).length, 'each is accounted for')
    t.ok(sockets.some(({ tls }) => tls))
    t.ok(sockets.some(({ tls }) => !tls))
    for (const socket of sockets) t.match(socket, { in: socket.bytesRead, out: socket.bytesWritten })
    const total = sockets.reduce((sum, socket) => sum + socket.in + socket.out, 0)
    t.ok(total > 60 * 1024 * 1024, 'the image went in once, and out twice')
  })
})
