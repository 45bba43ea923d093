/**
 * `node bench/capacity.ts`: what acts cost a host on this machine: processor, disk, memory. Clients
 * run beside it and are not counted.
 */
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { cpus } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { utf8 } from '../src/crypto/bytes.ts'
import { machineText } from './harness/report.ts'
import { openConnections, p50, p99, play, type Script } from './samples/connections.ts'
import { processTime } from './samples/process-time.ts'
import { serveRecord } from './samples/served-record.ts'

const CLIENTS = 32
const EACH = 24

const served = await serveRecord(CLIENTS)
const { depositor, record } = served
const store = join(served.host, 'store')
const resident = () =>
  Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${served.pid}/status`, 'utf8'))?.[1] ?? 0) / 1024
const database = new Database(join(store, 'store.sqlite'), { readonly: true })
/** Bytes that stay: the database as its write-ahead log has it, and all files beside it. */
const kept = () => {
  const [pages, size] = ['page_count', 'page_size'].map(name => database.pragma(name, { simple: true }) as number)
  const files = readdirSync(store, { recursive: true, withFileTypes: true }).filter(file => file.isFile())
  const others = files.filter(({ name }) => !name.startsWith('store.sqlite'))
  const sizes = others.map(file => statSync(join(file.parentPath, file.name)).size)
  return sizes.reduce((sum, each) => sum + each, (pages ?? 0) * (size ?? 0))
}
const json = (value: object) => utf8(JSON.stringify(value))

const idle = resident()
const doctors = await openConnections(CLIENTS, served.tls)

const reads = () =>
  served.documents.map((path): Script => Array.from({ length: EACH }, () => served.request('GET', path)))
const lists = () =>
  served.documents.map((): Script => Array.from({ length: EACH }, () => served.request('GET', `${record}/documents`)))
const deposits = async () => {
  const scripts: Script[] = []
  for (let client = 0; client < CLIENTS; client++) {
    const steps: Script[number][] = []
    for (let i = 0; i < EACH / 4; i++) {
      const { start, body, statements } = await depositor.seal()
      let upload = ''
      steps.push(
        () => depositor.request('POST', `${record}/uploads`, json(start)),
        answer => {
          upload = (JSON.parse(answer.toString()) as { upload: string }).upload
          return depositor.request('PUT', `${record}/uploads/${upload}/parts/0`, body)
        },
        () => depositor.request('POST', `${record}/documents`, json({ ...statements, upload })),
      )
    }
    scripts.push(steps)
  }
  return scripts
}

console.log(`${machineText()}; ${CLIENTS} clients, documents of 4 KiB, a list of ${CLIENTS} documents`)
console.log('act                     host ms   acts/s a core   acts/s here   p50 ms   p99 ms   disk bytes')
let clinics: Awaited<ReturnType<typeof openConnections>> = []
for (const [name, readers, scripts, acts] of [
  ['(warming up)', doctors, reads, CLIENTS * EACH],
  ['read', doctors, reads, CLIENTS * EACH],
  ['list', doctors, lists, CLIENTS * EACH],
  ['deposit (three)', null, deposits, (CLIENTS * EACH) / 4],
] as const) {
  const all = await scripts()
  // Not before: a connection on which nothing is asked for 15 seconds is closed.
  if (readers === null) clinics = await openConnections(CLIENTS, depositor.tls)
  const sockets = readers ?? clinics
  const [time, disk] = [processTime(served.pid), kept()]
  const { seconds, latencies } = await play(sockets, all)
  const each = (processTime(served.pid) - time) / acts
  // A little later the tree has it, too.
  await new Promise(resolve => setTimeout(resolve, 500))
  const columns = [
    each.toFixed(2),
    (1000 / each).toFixed(0),
    (acts / seconds).toFixed(0),
    p50(latencies).toFixed(1),
    p99(latencies).toFixed(1),
  ]
  const widths = [7, 15, 13, 8, 8]
  console.log(
    `${name.padEnd(22)}${columns.map((text, i) => text.padStart((widths[i] as number) + 1)).join('')}${`${Math.round((kept() - disk) / acts)}`.padStart(13)}`,
  )
}
console.log(
  `memory of the host: ${idle.toFixed(0)} MiB before, ${resident().toFixed(0)} MiB after, ${cpus().length} workers`,
)
for (const socket of [...doctors, ...clinics]) socket.destroy()
database.close()
await served.stop()
