import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { StateFile } from '../../../src/cli/witness/state-file.ts'
import { testFolder } from '../../fixtures/test-folder.ts'

const root = new Uint8Array(32).fill(5)

t.test('what was set is there after opening again', async t => {
  const path = join(testFolder(t), 'state.json')
  StateFile.create(path)
  t.equal(statSync(path).mode & 0o777, 0o600)
  const first = StateFile.open(path)
  t.equal(first.get('log.example/a'), null)
  first.set('log.example/a', { size: 7, root, time: 100 })
  first.set('__proto__', { size: 1, root, time: 1 })
  first.close()
  t.notOk(existsSync(`${path}.lock`))
  const second = StateFile.open(path)
  t.same(second.get('log.example/a'), { size: 7, root, time: 100 })
  t.same(second.get('__proto__'), { size: 1, root, time: 1 })
  t.equal(second.get('log.example/b'), null)
  second.close()
})

t.test('a state is never made anew over one, nor on its own', async t => {
  const path = join(testFolder(t), 'state.json')
  t.throws(() => StateFile.open(path), { code: 'witness-state-missing' })
  t.notOk(existsSync(`${path}.lock`))
  StateFile.create(path)
  t.throws(() => StateFile.create(path), { code: 'witness-state-exists' })
  t.throws(() => StateFile.create(join(path, '../none/state.json')), { code: 'witness-state-unwritable' })
})

t.test('a damaged state stops the witness', async t => {
  const path = join(testFolder(t), 'state.json')
  const log = { size: 7, root: root.toBase64(), time: 100 }
  const bad = [
    '',
    '{',
    '{}',
    'null',
    '{"v":2,"logs":{}}',
    '{"v":1,"logs":{},"more":1}',
    '{"v":1,"logs":null}',
    JSON.stringify({ v: 1, logs: { a: { ...log, size: -1 } } }),
    JSON.stringify({ v: 1, logs: { a: { ...log, time: 'now' } } }),
    JSON.stringify({ v: 1, logs: { a: { ...log, root: 'AAAA' } } }),
    JSON.stringify({ v: 1, logs: { a: { ...log, root: 5 } } }),
  ]
  for (const text of bad) {
    writeFileSync(path, text)
    t.throws(() => StateFile.open(path), { code: 'witness-state-malformed' }, text)
    t.notOk(existsSync(`${path}.lock`))
  }
})

t.test('one at a time, whoever asks', async t => {
  const path = join(testFolder(t), 'state.json')
  StateFile.create(path)
  const state = StateFile.open(path)
  t.throws(() => StateFile.open(path), { code: 'witness-state-locked' }, 'this process')
  state.close()
  const other = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'])
  t.teardown(() => other.kill('SIGKILL'))
  writeFileSync(`${path}.lock`, `${other.pid}\n`)
  t.throws(() => StateFile.open(path), { code: 'witness-state-locked' }, 'another process')
  other.kill('SIGKILL')
  await once(other, 'exit')
  StateFile.open(path).close()
  writeFileSync(`${path}.lock`, `${process.pid}\n`)
  StateFile.open(path).close()
  writeFileSync(`${path}.lock`, 'unreadable')
  t.throws(() => StateFile.open(path), { code: 'witness-state-locked' })
})

t.test('a write that fails changes nothing', async t => {
  const path = join(testFolder(t), 'state.json')
  StateFile.create(path)
  const state = StateFile.open(path)
  t.teardown(() => state.close())
  state.set('a', { size: 1, root, time: 1 })
  mkdirSync(`${path}.new`) // in the way of the file that is written beside
  t.throws(() => state.set('a', { size: 2, root, time: 2 }), { code: 'EISDIR' })
  t.equal(state.get('a')?.size, 1)
  t.match(JSON.parse(readFileSync(path, 'utf8')), { logs: { a: { size: 1 } } })
})
