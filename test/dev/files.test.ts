import { chmodSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { folder, keep, put, readText } from '../../src/dev/files.ts'
import { testFolder } from '../fixtures/test-folder.ts'

const modeOf = (path: string) => statSync(path).mode & 0o777

t.test('a key is made once, for its owner alone', async t => {
  const home = testFolder(t)
  const path = join(home, 'keys', 'a.key')
  t.equal(await keep(path, () => 'first\n'), 'first')
  t.equal(await keep(path, () => t.fail('made again') as never), 'first')
  t.equal(modeOf(path), 0o600)
  chmodSync(path, 0o644)
  await keep(path, () => 'second\n')
  t.equal(modeOf(path), 0o600, 'a mode that was widened is set right')
  t.equal(readText(path), 'first')

  const raced = join(home, 'raced.key')
  const made = await keep(raced, () => {
    writeFileSync(raced, 'theirs\n', { mode: 0o600 })
    return 'ours\n'
  })
  t.equal(made, 'theirs', 'who came first stands')
  await t.rejects(
    keep(join(home, 'b.key'), () => Promise.reject(new Error('no'))),
    /no/,
  )
  t.strictSame(readdirSync(home).sort(), ['keys', 'raced.key'], 'nothing half-made stays')
})

t.test('other files are replaced whole', async t => {
  const home = testFolder(t)
  const path = join(home, 'deep', 'er', 'list.json')
  put(path, 'one')
  put(path, 'two')
  t.equal(readFileSync(path, 'utf8'), 'two')
  t.equal(modeOf(path), 0o644)
  t.equal(modeOf(folder(join(home, 'private'))), 0o700)
  t.strictSame(readdirSync(join(home, 'deep', 'er')), ['list.json'])
})
