import { readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { ContentReader } from '../../../src/client/document/content.ts'
import { fileContent } from '../../../src/client/document/file-content.ts'
import { equal, randomBytes } from '../../../src/crypto/bytes.ts'
import { testFolder } from '../../fixtures/test-folder.ts'

const openFiles = () => readdirSync('/proc/self/fd').length

t.test('a file’s bytes, read into memory of the reader’s; closed with it', async t => {
  const path = join(testFolder(t), 'file')
  const before = openFiles()
  for (const size of [0, 1, 3 * 1024 * 1024 + 7]) {
    const content = randomBytes(size)
    writeFileSync(path, content)
    const reader = new ContentReader(fileContent(path), size)
    const read = new Uint8Array(size + 10).fill(1)
    await reader.fill(read.subarray(0, size >> 1))
    await reader.fill(read.subarray(size >> 1))
    await reader.end()
    t.ok(equal(read.subarray(0, size), content) && read.subarray(size).every(byte => byte === 0))
    await reader.close()
  }
  t.equal(openFiles(), before)
  t.throws(() => fileContent(`${path}-not`).readInto(new Uint8Array(1)), { code: 'ENOENT' })
})

t.test('a file that became shorter or longer than it was said to be', async t => {
  const path = join(testFolder(t), 'file')
  writeFileSync(path, new Uint8Array(10))
  const shorter = new ContentReader(fileContent(path), 11)
  await t.rejects(shorter.fill(new Uint8Array(20)), { code: 'content-size' })
  await shorter.close()
  const longer = new ContentReader(fileContent(path), 9)
  await longer.fill(new Uint8Array(9))
  await t.rejects(longer.end(), { code: 'content-size' })
  await longer.close()
})
