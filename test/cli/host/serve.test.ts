import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { startTestHost } from '../../fixtures/host.ts'
import { testFolder } from '../../fixtures/test-folder.ts'

const program = fileURLToPath(new URL('../../../src/cli/main.ts', import.meta.url))
const host = await startTestHost(testFolder(t))
const { layout, ports } = host.world

function serve(...more: string[]) {
  const child = spawn(process.execPath, [program, 'host', 'serve', '--config', layout.host.config, ...more], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let errors = ''
  child.stderr.on('data', piece => {
    errors += piece
  })
  const exit = once(child, 'close').then(([code]) => ({ code, errors }))
  return { child, exit, lines: createInterface({ input: child.stdout }) }
}

t.test('a taken port: exit code 6, and the option to change it', async t => {
  const { code, errors } = await serve().exit
  t.equal(code, 6)
  t.match(errors, new RegExp(`Port ${ports.patients} .*--patients-port`))
  t.notMatch(errors, /^ +at /m, 'no stack')
})

t.test('serves until SIGTERM, then stops in order; again on the same store', async t => {
  await host.stop()
  for (const _ of [1, 2]) {
    const { child, exit, lines } = serve('--json')
    const ready = JSON.parse((await once(lines, 'line'))[0])
    t.match(ready, { event: 'ready', patients: `https://127.0.0.1:${ports.patients}` })
    const last = once(lines, 'line')
    child.kill('SIGTERM')
    t.strictSame(JSON.parse((await last)[0]), { event: 'stopped', signal: 'SIGTERM' })
    t.equal((await exit).code, 0)
  }
})

t.test('a key that others can read: it does not start', async t => {
  const key = join(layout.host.keys, 'log-ed25519.key')
  chmodSync(key, 0o644)
  t.teardown(() => chmodSync(key, 0o600))
  const { code, errors } = await serve().exit
  t.equal(code, 5)
  t.match(errors, /chmod 600/)
})
