/** A host that takes any upload, over TLS, and keeps nothing: in a process of its own, so that its memory is not ours. */
import { toBase64url } from '../../src/crypto/bytes.ts'
import { PART_SIZE } from '../../src/protocol/messages.ts'
import { startServer } from '../../test/fixtures/tls-server.ts'

const started = { upload: toBase64url(new Uint8Array(16)), partSize: PART_SIZE, expiresAt: '2026-11-24T09:00:00.000Z' }
const { anchors } = await startServer((request, response) => {
  request.resume()
  request.on('end', () => response.end(JSON.stringify(request.method === 'POST' ? started : {})))
})
process.on('disconnect', () => process.exit())
process.send?.(anchors)
