import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { portWords } from '../fixtures/ports.ts'
import { testFolder } from '../fixtures/test-folder.ts'

// `npm start` as a person runs it: a process of its own, its words, its exit code.

const PROGRAM = join(import.meta.dirname, '..', '..', 'src', 'dev', 'main.ts')
const HEADING = /^(\d)\. (.+)$/gm

/** Runs it with these words; `until` resolves early, with the process still up, once its output has that text. */
async function start(words: readonly string[], until?: string) {
  const child: ChildProcess = spawn(process.execPath, [PROGRAM, ...words], { stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  const exit = new Promise<number | null>(resolve => child.once('close', code => resolve(code)))
  const said = new Promise<void>(resolve => {
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on('data', (part: Buffer) => {
        output += part.toString()
        if (until !== undefined && output.includes(until)) resolve()
      })
    }
  })
  await Promise.race([exit, said])
  return { child, exit, output: () => output }
}

t.test('npm start: the journey, once; then a world that is found again', async t => {
  const data = testFolder(t)
  const words = ['--data', data, ...(await portWords())]

  const first = await start([...words, '--once'])
  t.equal(await first.exit, 0, first.output())
  t.strictSame(
    [...first.output().matchAll(HEADING)].map(([, number]) => Number(number)),
    [1, 2, 3, 4, 5, 6, 7, 8, 9],
  )
  t.match(first.output(), /The whole journey holds\./)
  t.match(first.output(), /no-grant/)
  t.notOk(first.output().includes(String.fromCharCode(27)), 'no colour in a pipe')
  const host = readFileSync(join(data, 'logs', 'host.log'), 'utf8')
  t.match(host, /Host stopped/)

  const again = await start(['--data', data, '--once'])
  t.equal(await again.exit, 0, again.output())
  t.match(again.output(), /is not played again/)
  t.match(again.output(), /The audit holds/)
  t.strictSame([...again.output().matchAll(HEADING)], [])

  const serving = await start(['--data', data], 'its words')
  t.match(serving.output(), /log\/checkpoint/)
  const refused = await start(['--data', t.testdirName, ...words.slice(2)])
  t.equal(await refused.exit, 1)
  t.match(refused.output(), /Port \d+ is taken.*--patients-port/)
  serving.child.kill('SIGINT')
  t.equal(await serving.exit, 0)
})

t.test('a journey that was interrupted is not taken up in its middle', async t => {
  const data = testFolder(t)
  const words = ['--data', data, ...(await portWords())]
  const stopped = await start(words, '2. The first letter')
  stopped.child.kill('SIGINT')
  t.equal(await stopped.exit, 130)
  t.ok(existsSync(join(data, 'journey.json')))
  const next = await start(words)
  t.equal(await next.exit, 1)
  t.match(next.output(), /was interrupted.*remove the folder/)
})

t.test('words that are not understood', async t => {
  const wrong = await start(['--nowhere'])
  t.equal(await wrong.exit, 2)
  t.match(wrong.output(), /--nowhere.*npm start -- --help/)
  const help = await start(['--help'])
  t.equal(await help.exit, 0)
  t.match(help.output(), /--professionals-port/)
})
