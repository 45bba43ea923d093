import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { toHex } from '../../src/crypto/bytes.ts'
import { MlDsaSigningKey } from '../../src/crypto/mldsa.ts'
import { SigningKey } from '../../src/crypto/sign.ts'
import {
  addCosignatures,
  logKeys,
  parseCheckpoint,
  signCheckpoint,
  verifyLogSignatures,
} from '../../src/log/checkpoint.ts'
import { cosign, cosignerKeys, mlDsaMessage } from '../../src/log/cosignature.ts'
import { formatSignatures, formatVkey, type NoteKey, parseNote } from '../../src/log/note.ts'
import { TileBuilder } from '../../src/log/tile-builder.ts'
import { leafHash } from '../../src/log/tree.ts'

const page = readFileSync(join(import.meta.dirname, '../../docs/protocol/tree.md'), 'utf8').replace(
  /^[\s\S]*\n## Example/,
  '',
)
const filled = (byte: number) => new Uint8Array(32).fill(byte)
const TIME = 1_800_000_000

t.test('the example of docs/protocol/tree.md is what this code does', async t => {
  const log = {
    origin: 'log.example/coffre',
    ed25519: SigningKey.fromSeed(filled(1)),
    mlDsa44: MlDsaSigningKey.fromSeed(filled(2)),
  }
  const witness = { name: 'witness.example/w1', ed25519: SigningKey.fromSeed(filled(3)) }
  const shows = (text: string) => t.ok(page.includes(text), text)

  const entries = [0xaa, 0xbb, 0xcc].map(filled)
  for (const entry of entries) shows(toHex(leafHash(entry)))
  const builder = TileBuilder.empty()
  for (const entry of entries) builder.append(entry)
  const files = new Map(builder.take().map(({ path, bytes }) => [path, toHex(bytes)]))
  t.equal(files.get('tile/0/000.p/3'), entries.map(entry => toHex(leafHash(entry))).join(''))
  t.equal(files.get('tile/entries/000.p/3'), entries.map(entry => `0020${toHex(entry)}`).join(''))
  const root = builder.root()
  shows(`root            ${toHex(root)}`)

  const [ed25519, mlDsa44] = logKeys(log) as [NoteKey, NoteKey]
  shows(formatVkey(ed25519))
  shows(`${ed25519.id} (0x01), ${mlDsa44.id} (0x06)`)
  const witnessKeys = cosignerKeys(witness)
  shows(formatVkey(witnessKeys[0] as NoteKey))

  const signed = signCheckpoint({ size: 3, root }, log, TIME)
  const { text, signatures } = parseNote(signed)
  shows(`\n\n${text}\n${formatSignatures(signatures.slice(0, 1))}— log.example/coffre XmeV0`)
  t.match(formatSignatures(signatures.slice(1)), /^— log\.example\/coffre XmeV0/)
  const lines = formatSignatures(cosign({ text, ...parseCheckpoint(text) }, witness, TIME))
  shows(lines)
  verifyLogSignatures(addCosignatures(signed, lines, witnessKeys), logKeys(log))

  const message = mlDsaMessage({ cosigner: log.origin, time: TIME, origin: log.origin, start: 0, end: 3, hash: root })
  t.ok(page.replace(/\s/g, '').includes(toHex(message)), 'the message')
})
