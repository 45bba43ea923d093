/** Openers: whatever is not exactly what was sealed stays shut. */

import { detectFormat, readCdaHeader } from '../../../src/client/document/format.ts'
import { openDocument } from '../../../src/client/document/open.ts'
import { DOCUMENT_REASONS } from '../../../src/client/document/refusal.ts'
import { openGift, sealGift } from '../../../src/client/grant-seal.ts'
import { type GrantSealPlace, grantSealInfo } from '../../../src/client/infos.ts'
import { box, unbox } from '../../../src/crypto/box.ts'
import { concat, lp, utf8 } from '../../../src/crypto/bytes.ts'
import { openAll, openRange, sealAll } from '../../../src/crypto/chunks.ts'
import { SealPublicKey, SealSecretKey } from '../../../src/crypto/keys.ts'
import { Unpadding } from '../../../src/crypto/padding.ts'
import { open, seal } from '../../../src/crypto/seal.ts'
import { VerifyKey } from '../../../src/crypto/sign.ts'
import { Bundle } from '../../../src/protocol/bundle.ts'
import { StoredDocument } from '../../../src/protocol/record.ts'
import { makeAuthor, makePatient, makeSample, newId } from '../../fixtures/document.ts'
import { mutateJson, mutateText } from '../mutate.ts'
import { parsed } from '../parsed.ts'
import { samplesOf } from '../schema-samples.ts'
import { target } from '../target.ts'

const secret = SealSecretKey.generate()
const info = lp('coffre/v1/fuzz', 'x')
const key = { key: new Uint8Array(32).fill(7), context: info }
const text = utf8('{"title":"Scanner"}')
const long = new Uint8Array(40_000).fill(3)
const place: GrantSealPlace = {
  recordId: newId(),
  compartmentId: newId(),
  epoch: 1,
  keyStatement: newId(),
  grantId: newId(),
} as never
const chunkCodes = ['commitment', 'forged', 'reordered', 'repeated', 'end', 'truncated', 'extended'].map(
  what => `chunks-${what}`,
)

const giftInfo = grantSealInfo(place)

const patient = await makePatient()
const author = await makeAuthor(patient.deployment)
const document = await makeSample(patient, author, utf8('bonjour'))
const documents = [JSON.stringify(document.stored)]
const body = await makeSample(patient, author, new Uint8Array(70_000).fill(9))
const opened = await openDocument(body.stored, body.reader, null)

const cda = utf8(
  '<?xml version="1.0" encoding="utf-8"?><ClinicalDocument xmlns="urn:hl7-org:v3"><code code="18842-5" codeSystem="2.16.840.1.113883.6.1"/><title>CR &amp; suite</title><effectiveTime value="20210401"/><recordTarget/></ClinicalDocument>',
)
const bundles = samplesOf(Bundle, 4)
const files = [cda, utf8('%PDF-1.7\n'), utf8('{\\rtf1 }'), utf8('bonjour'), new Uint8Array([0xff, 0xd8, 0xff, 0xe0])]

/** 70,000 bytes of content take a body of five chunks and a padding. */
async function openBody(bytes: Uint8Array): Promise<number> {
  let length = 0
  for await (const piece of opened.content(body.blocks, [bytes])) length += piece.length
  return length
}

export default [
  target({
    name: 'seal',
    share: 0.5,
    samples: [seal(secret.publicKey, info, text), seal(secret.publicKey, info, new Uint8Array(32))],
    take: (bytes: Uint8Array) => open(secret, info, bytes),
    refusals: ['seal-open'],
    authentic: true,
  }),
  target({
    name: 'seal-public-key',
    share: 2,
    samples: [secret.publicKey.bytes],
    take: (bytes: Uint8Array) => SealPublicKey.parse(bytes),
    refusals: ['key-length', 'key-malformed'],
    write: key => key.bytes,
  }),
  target({
    name: 'verify-key',
    share: 3,
    samples: [utf8('A'.repeat(32))],
    take: (bytes: Uint8Array) => VerifyKey.parse(bytes),
    refusals: ['key-length', 'key-malformed'],
    write: key => key.bytes,
  }),
  target({
    name: 'grant-seal',
    share: 0.3,
    samples: [
      sealGift(secret.publicKey, giftInfo, { name: 'Imagerie', secret }),
      sealGift(secret.publicKey, giftInfo, { name: 'Soins', secret: null }),
    ],
    take: (bytes: Uint8Array) => openGift(secret, giftInfo, bytes),
    refusals: ['seal-open', 'grant-seal'],
    authentic: true,
  }),
  target({
    name: 'box',
    share: 3,
    samples: [box(key.key, info, text), box(key.key, info, new Uint8Array(0))],
    take: (bytes: Uint8Array) => unbox(key.key, info, bytes),
    refusals: ['box-open'],
    authentic: true,
  }),
  target({
    name: 'bundle',
    share: 2,
    samples: bundles.map(value => JSON.stringify(value)),
    near: random => mutateJson(random, random.pick(bundles)),
    take: (json: string) => Bundle.safeParse(parsed(json)).success,
    refusals: [],
  }),
  target({
    name: 'chunks',
    share: 2,
    samples: [sealAll(key, text), sealAll(key, new Uint8Array(0)), sealAll(key, utf8('x'))],
    take: (bytes: Uint8Array) => openAll(key, bytes),
    refusals: chunkCodes,
    authentic: true,
  }),
  target({
    name: 'chunks-long',
    share: 0.3,
    samples: [sealAll(key, long), sealAll(key, long.subarray(0, 16_384))],
    take: (bytes: Uint8Array) => openAll(key, bytes),
    refusals: chunkCodes,
    authentic: true,
  }),
  target({
    // four bytes of start and end, then the ciphertext
    name: 'chunks-range',
    share: 0.3,
    samples: [
      concat(Uint8Array.of(0, 0, 1, 0, 0, 0, 5, 0), sealAll(key, long)),
      concat(Uint8Array.of(0, 0, 0x40, 0, 0, 0, 0x9c, 0x40), sealAll(key, long)),
    ],
    async take(bytes: Uint8Array) {
      if (bytes.length < 8) return 0
      const view = new DataView(bytes.buffer, bytes.byteOffset)
      const ciphertext = bytes.subarray(8)
      const [start, end] = [view.getUint32(0), view.getUint32(4)]
      const range = await openRange(
        key,
        { length: ciphertext.length, read: async (at, length) => ciphertext.slice(at, at + length) },
        { start, end },
      )
      if (!range.every(byte => byte === 3)) throw new Error('a range gave other bytes than were sealed')
      return range.length
    },
    refusals: [...chunkCodes, 'range-outside'],
  }),
  target({
    name: 'padding',
    share: 3,
    samples: [utf8('bonjour !\0'), new Uint8Array(10)],
    take(bytes: Uint8Array) {
      const unpadding = new Unpadding(9)
      const content = unpadding.update(bytes)
      unpadding.final()
      return content
    },
    refusals: ['padding-wrong'],
    write: content => concat(content, new Uint8Array(1)), // Padmé makes ten bytes of nine
  }),
  target({
    name: 'document',
    share: 0.3,
    samples: documents,
    near: random => mutateJson(random, document.stored),
    async take(json: string) {
      const stored = StoredDocument.safeParse(parsed(json))
      if (!stored.success) return null
      const { manifest } = await openDocument(stored.data, document.reader, null)
      if (manifest.title !== 'Scanner thoracique') throw new Error('an altered manifest was opened')
      return manifest
    },
    refusals: DOCUMENT_REASONS,
  }),
  target({
    name: 'body',
    share: 0.1,
    samples: [body.body],
    take: openBody,
    refusals: DOCUMENT_REASONS,
    authentic: true,
  }),
  target({
    name: 'file-format',
    share: 1,
    samples: files,
    take: (bytes: Uint8Array) => detectFormat(bytes),
    refusals: ['format-unknown'],
  }),
  target({
    name: 'cda-header',
    share: 1,
    samples: [new TextDecoder().decode(cda)],
    near: random =>
      mutateText(random, '<ClinicalDocument xmlns="urn:hl7-org:v3">', [
        '<code code="1" codeSystem="2"/>',
        '&#x110000;',
        '<!--',
      ]),
    take: (xml: string) => readCdaHeader(xml),
    refusals: [],
  }),
]
