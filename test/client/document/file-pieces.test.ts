import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { filePieces } from '../../../src/client/document/file-pieces.ts'
import { equal, randomBytes } from '../../../src/crypto/bytes.ts'
import { testFolder } from '../../fixtures/test-folder.ts'

t.test('a file’s bytes, in pieces that lie in the same memory', async t => {
  const path = join(testFolder(t), 'file')
  for (const size of [0, 1, 3 * 1024 * 1024 + 7]) {
    const content = randomBytes(size)
    writeFileSync(path, content)
    const copies: Uint8Array[] = []
    const places = new Set<ArrayBufferLike>()
    for await (const piece of filePieces(path)) {
      copies.push(piece.slice())
      places.add(piece.buffer)
    }
    t.ok(equal(new Uint8Array(Buffer.concat(copies)), content))
    t.ok(places.size <= 1)
  }
  for await (const _ of filePieces(path)) break
  await t.rejects(filePieces(`${path}-not`).next(), { code: 'ENOENT' })
})
