import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer, type Server } from 'node:net'
import { join } from 'node:path'
import t from 'tap'
import { RunningService, requireFreePorts } from '../../src/dev/processes.ts'
import { ensureWorld } from '../../src/dev/world.ts'
import { worldPorts } from '../fixtures/ports.ts'
import { testFolder } from '../fixtures/test-folder.ts'

async function listen(port: number): Promise<Server> {
  const server = createServer().listen(port, '127.0.0.1')
  await once(server, 'listening')
  return server
}

t.test('a taken port is told with the option that changes it', async t => {
  const ports = await worldPorts()
  await requireFreePorts(ports)
  const taken = await listen(ports.professionals)
  t.teardown(() => taken.close())
  await t.rejects(requireFreePorts(ports), {
    code: 'port-taken',
    message: new RegExp(`${ports.professionals} is taken.*--professionals-port`),
  })
  await t.rejects(requireFreePorts({ ...ports, mail: ports.patients }), {
    code: 'port-taken',
    message: /--patients-port and --mail-port/,
  })
})

t.test('a witness of the world starts, answers, stops by its process id', async t => {
  const data = testFolder(t)
  const ports = await worldPorts()
  const { layout } = await ensureWorld({ data, ports, at: new Date() })
  const [home] = layout.witnesses
  const words = ['witness', 'serve', '--config', join(home, 'config.json')]
  const service = { name: 'witness-1', words: [...words, '--first'], url: `http://127.0.0.1:${ports.witness1}/` }

  const running = await RunningService.start(service, layout.logs)
  t.type(running.pid, 'number')
  t.match(readFileSync(running.log, 'utf8'), /witness-1/)
  await running.stop()
  t.throws(() => process.kill(running.pid ?? -1, 0), { code: 'ESRCH' })
  await running.stop()
  await requireFreePorts(ports)

  const again = await RunningService.start({ ...service, words }, layout.logs)
  process.kill(again.pid ?? -1, 'SIGKILL')
  await t.rejects(again.ended, { code: 'process-ended', message: /SIGKILL/ })
  await again.stop()
})

t.test('one that cannot start says its last words', async t => {
  const logs = testFolder(t)
  const words = ['witness', 'serve', '--config', join(logs, 'nowhere.json')]
  await t.rejects(RunningService.start({ name: 'witness-1', words, url: 'http://127.0.0.1:9/' }, logs), {
    code: 'process-ended',
    message: /nowhere\.json/,
  })
})
