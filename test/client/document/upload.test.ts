import t from 'tap'
import { inParts, persistently } from '../../../src/client/document/upload.ts'
import { ConnectionError, HostRefusal } from '../../../src/client/errors.ts'
import { inPieces } from '../../fixtures/document.ts'

async function partsOf(bytes: Uint8Array, piece: number, size: number): Promise<Uint8Array[]> {
  const parts: Uint8Array[] = []
  const source = (async function* () {
    yield* inPieces(bytes, piece)
  })()
  for await (const part of inParts(source, size)) parts.push(part.slice())
  return parts
}

t.test('parts are all of one size but the last, and hold the body in order', async t => {
  const bytes = Uint8Array.from({ length: 1000 }, (_, i) => i % 251)
  for (const piece of [1, 7, 64, 100, 999, 1000]) {
    for (const size of [1, 64, 100, 500, 1000, 2000]) {
      const parts = await partsOf(bytes, piece, size)
      t.same(Buffer.concat(parts), Buffer.from(bytes))
      t.ok(parts.slice(0, -1).every(part => part.length === size))
      t.ok((parts.at(-1)?.length ?? 0) > 0)
    }
  }
  t.same(await partsOf(new Uint8Array(0), 1, 10), [])
})

t.test('what did not arrive is sent again; what was refused is not', async t => {
  let tries = 0
  const lost = new ConnectionError('lost', { code: 'host-unreachable' })
  const done = await persistently(async () => {
    tries++
    if (tries < 3) throw lost
    return 'arrived'
  })
  t.same([done, tries], ['arrived', 3])

  tries = 0
  const refused = new HostRefusal('no', { code: 'no-grant', status: 403 })
  await t.rejects(
    persistently(async () => {
      tries++
      throw refused
    }),
    refused,
  )
  t.equal(tries, 1)
})
