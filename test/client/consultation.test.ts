import { wordlist } from '@scure/bip39/wordlists/french.js'
import t from 'tap'
import {
  checkConsultation,
  consultationText,
  consultationWords,
  readConsultation,
} from '../../src/client/consultation.ts'
import type { Hash, RecordId, RequestId } from '../../src/protocol/ids.ts'

const asked = {
  recordId: 'AAECAwQFBgcICQoLDA0ODw' as RecordId,
  request: 'EBESExQVFhcYGRobHB0eHw' as RequestId,
  identity: 'ICEiIyQlJicoKSorLC0uLzAxMjM0NTY3ODk6Ozw9Pj8' as Hash,
  keyStatement: 'QEFCQ0RFRkdISUpLTE1OT1BRUlNUVVZXWFlaW1xdXl8' as Hash,
}
const others = [
  { ...asked, recordId: asked.request as string as RecordId },
  { ...asked, request: asked.recordId as string as RequestId },
  { ...asked, identity: asked.keyStatement },
  { ...asked, keyStatement: asked.identity },
]

t.test('six words, the same for the same request and others for any other', async t => {
  const words = consultationWords(asked)
  t.equal(words, 'histoire dessiner verrou paniquer murmure élaborer')
  t.ok(words.split(' ').every(word => wordlist.includes(word.normalize('NFD')) || wordlist.includes(word)))
  t.equal(new Set([asked, ...others].map(consultationWords)).size, 5)
})

t.test('a scanned code is of this request, or refused', async t => {
  const scanned = readConsultation(` ${consultationText(asked)}\n`)
  t.equal(scanned.request, asked.request)
  t.doesNotThrow(() => checkConsultation(scanned, asked))
  for (const other of others) t.throws(() => checkConsultation(scanned, other), { code: 'consultation-other' })
  for (const text of [
    '',
    'coffre-request:1',
    `${consultationText(asked)}:`,
    consultationText(asked).replace('1', '2'),
  ]) {
    t.throws(() => readConsultation(text), { code: 'consultation-malformed' })
  }
})
