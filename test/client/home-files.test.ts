import { readdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { z } from 'zod'
import { pathExists, readPrivateJson, removeFile, writePrivateJson } from '../../src/client/home-files.ts'
import { testFolder } from '../fixtures/test-folder.ts'

t.test('files of a home folder', async t => {
  const folder = join(testFolder(t), 'home')
  const path = join(folder, 'a.json')
  const schema = z.strictObject({ v: z.literal(1) })
  t.equal(await readPrivateJson(path, schema), null, 'absent is null')
  await writePrivateJson(path, { v: 1 })
  await writePrivateJson(path, { v: 1 })
  t.equal(statSync(path).mode & 0o777, 0o600)
  t.equal(statSync(folder).mode & 0o777, 0o700)
  t.same(readdirSync(folder), ['a.json'], 'nothing is left beside')
  t.same(await readPrivateJson(path, schema), { v: 1 })

  writeFileSync(path, '{"v":1,"secret":"hunter2')
  const damaged = readPrivateJson(path, schema)
  await t.rejects(damaged, { code: 'file-invalid' })
  t.notMatch(String((await damaged.catch((error: Error) => error)) as Error), /hunter2/, 'errors show no content')
  writeFileSync(path, '{"v":2}')
  await t.rejects(readPrivateJson(path, schema), { code: 'file-invalid' }, 'and so is one of another version')

  await removeFile(path)
  await removeFile(path)
  t.notOk(await pathExists(path))
})
