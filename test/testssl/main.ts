/**
 * `testssl.sh` on the patients' listener of a started host: every finding that it rates above INFO must stand in findings.md,
 * with its reason. (The professionals' listener wants a card, which testssl.sh cannot show: test/api/listeners.test.ts probes
 * it by openssl.)
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startTestHost } from '../fixtures/host.ts'

interface Finding {
  readonly id: string
  readonly severity: string
  readonly finding: string
}

/** What needs no reason. */
const FINE: ReadonlySet<string> = new Set(['OK', 'INFO', 'DEBUG'])

const explained = new Map(
  [...readFileSync(join(import.meta.dirname, 'findings.md'), 'utf8').matchAll(/^\| `([^`]+)` \| (.+) \|$/gm)].map(
    ([, id, why]) => [id as string, why as string],
  ),
)
const folder = mkdtempSync(join(tmpdir(), 'coffre-testssl-'))
// Its HTTP is answered by a thread of its own: this one waits for testssl.sh.
const host = await startTestHost(join(folder, 'world'), { workers: 1 })
const out = join(folder, 'findings.json')
try {
  const { layout, ports } = host.world
  const words = ['--quiet', '--color', '0', '--warnings', 'off', '--add-ca', join(layout.servers, 'root.pem')]
  spawnSync('testssl', [...words, '--jsonfile', out, '--ip', '127.0.0.1', `localhost:${ports.patients}`], {
    stdio: ['ignore', 'inherit', 'inherit'],
    timeout: 20 * 60_000,
  })
  const findings = JSON.parse(readFileSync(out, 'utf8')) as Finding[]
  const open = findings.filter(({ id, severity }) => !FINE.has(severity) && !explained.has(id))
  const unused = [...explained.keys()].filter(id => !findings.some(each => each.id === id && !FINE.has(each.severity)))
  for (const { id, severity, finding } of open) console.log(`not explained: ${id} (${severity}): ${finding}`)
  for (const id of unused) console.log(`explained and not found: ${id}; take it out of test/testssl/findings.md`)
  const good = findings.length > 50 && open.length === 0 && unused.length === 0
  console.log(`${findings.length} findings, ${open.length} not explained`)
  process.exitCode = good ? 0 : 1
} finally {
  await host.stop()
  rmSync(folder, { recursive: true })
}
