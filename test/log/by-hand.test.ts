import t from 'tap'
import { toBase64url } from '../../src/crypto/bytes.ts'
import { filesByHand } from '../../src/log/by-hand.ts'
import { actCases } from '../fixtures/acts.ts'

t.test('the files are the very bytes', async t => {
  const entryOf = (name: string) => {
    const found = actCases().find(each => each.name === name)
    if (found === undefined) throw new Error(name)
    return found.entry
  }
  const read = entryOf('document.read, professional, ok')
  const { link, event, request, ...rest } = filesByHand(read, 'A'.repeat(43))
  t.same([link, event, request], [read.link, read.event, read.parsed.event.request?.base])
  t.equal(toBase64url(rest['request.sig'] as Uint8Array), read.parsed.event.request?.signature)
  t.match(rest['signer.pem'], /^-----BEGIN PUBLIC KEY-----\n[A-Za-z0-9+/=]+\n-----END PUBLIC KEY-----\n$/)
  t.notOk('signer.pem' in filesByHand(read, null))
  t.same(Object.keys(filesByHand(entryOf('host.start, host, ok'), null)), ['link', 'event'])
})
