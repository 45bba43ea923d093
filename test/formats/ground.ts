/** Vectors of what everything else is made of: seal, box, padding, chunks, blocks. */
import { boxWithSalt, unbox } from '../../src/crypto/box.ts'
import { type Bytes, concat, lp, utf8 } from '../../src/crypto/bytes.ts'
import { ChunkSealer, openAll, openRange } from '../../src/crypto/chunks.ts'
import { sha256 } from '../../src/crypto/hash.ts'
import { SealPublicKey, SealSecretKey } from '../../src/crypto/keys.ts'
import { padme, padText, unpadStream } from '../../src/crypto/padding.ts'
import { open, sealWithSeed } from '../../src/crypto/seal.ts'
import { BLOCK_LENGTH, BlockTree, blockProof, verifyBlock } from '../../src/log/block-tree.ts'
import { collect } from '../crypto/vectors.ts'
import {
  bytesOf,
  draw,
  type Format,
  flippedHex,
  hex,
  type Members,
  numberOf,
  refused,
  type VectorCase,
} from './vector-file.ts'

const id = (name: string): Bytes => draw(name, 16)

export const seal: Format = {
  file: 'seal',
  page: 'seal.md',
  about:
    'HPKE base mode, X-Wing, HKDF-SHA256, ChaCha20-Poly1305. writer.encapsulation: the 64 bytes of X-Wing’s derandomised encapsulation.',
  async cases() {
    const make = (name: string, info: Bytes, plaintext: Bytes): VectorCase => {
      const secret = SealSecretKey.parse(draw(`seal ${name} secret`, 32))
      const seed = draw(`seal ${name} encapsulation`, 64)
      return {
        name,
        writer: { publicKey: hex(secret.publicKey.bytes), encapsulation: hex(seed) },
        given: {
          secret: hex(secret.bytes),
          info: hex(info),
          seal: hex(sealWithSeed(secret.publicKey, info, plaintext, seed)),
        },
        opens: { plaintext: hex(plaintext) },
      }
    }
    const info = lp('coffre/v1/example', id('seal record'))
    const good = make('a key', info, draw('seal plaintext', 32))
    const { secret, seal } = good.given as { secret: string; seal: string }
    const smallOrder = `${seal.slice(0, 2176)}${'00'.repeat(32)}${seal.slice(2240)}`
    return [
      good,
      make('nothing, with an empty info', new Uint8Array(0), new Uint8Array(0)),
      make('a text', lp('coffre/v1/example', id('seal record'), 'é'), utf8('Dossier médical')),
      refused('another key', 'seal-open', good, { secret: hex(draw('seal another secret', 32)) }),
      refused('another info', 'seal-open', good, { info: hex(lp('coffre/v1/example', id('another record'))) }),
      refused('ML-KEM ciphertext altered', 'seal-open', good, { seal: flippedHex(seal, 0) }),
      refused('ephemeral key altered', 'seal-open', good, { seal: flippedHex(seal, 1090) }),
      refused('ephemeral key of small order', 'seal-open', good, { seal: smallOrder }),
      refused('ciphertext altered', 'seal-open', good, { seal: flippedHex(seal, 1120) }),
      refused('tag altered', 'seal-open', good, { seal: flippedHex(seal, -1) }),
      refused('cut short', 'seal-open', good, { seal: seal.slice(0, -2) }),
      refused('too short for any seal', 'seal-open', good, { seal: seal.slice(0, 2270) }),
      refused('a secret of 31 bytes', 'key-length', good, { secret: secret.slice(2) }),
    ]
  },
  open: given => ({
    plaintext: hex(open(SealSecretKey.parse(bytesOf(given, 'secret')), bytesOf(given, 'info'), bytesOf(given, 'seal'))),
  }),
}

export const sealKey: Format = {
  file: 'seal-key',
  page: 'seal.md',
  about: 'Which X-Wing public keys may be sealed to; a good one is that of the secret.',
  async cases() {
    const secret = SealSecretKey.parse(draw('seal-key secret', 32))
    const publicKey = hex(secret.publicKey.bytes)
    const good: VectorCase = {
      name: 'the public key of a secret',
      given: { publicKey },
      opens: { publicKey },
      writer: { secret: hex(secret.bytes) },
    }
    return [
      good,
      refused('too short', 'key-length', good, { publicKey: publicKey.slice(2) }),
      refused('too long', 'key-length', good, { publicKey: `${publicKey}00` }),
      refused('an ML-KEM coefficient of 3329', 'key-malformed', good, { publicKey: `010d${publicKey.slice(4)}` }),
      refused('X25519 part zero', 'key-malformed', good, { publicKey: publicKey.slice(0, 2368) + '00'.repeat(32) }),
      refused('X25519 part one', 'key-malformed', good, {
        publicKey: `${publicKey.slice(0, 2368)}01${'00'.repeat(31)}`,
      }),
    ]
  },
  open(given) {
    const key = SealPublicKey.parse(bytesOf(given, 'publicKey'))
    sealWithSeed(key, new Uint8Array(0), new Uint8Array(0), draw('seal-key encapsulation', 64))
    return { publicKey: hex(key.bytes) }
  },
}

export const box: Format = {
  file: 'box',
  page: 'box.md',
  about: 'A box under a symmetric key. writer.salt: its first 32 bytes.',
  async cases() {
    const make = (name: string, keyLength: number, plaintext: Bytes): VectorCase => {
      const [key, salt] = [draw(`box ${name} key`, keyLength), draw(`box ${name} salt`, 32)]
      const info = lp('coffre/v1/example', id('box record'))
      return {
        name,
        writer: { salt: hex(salt) },
        given: { key: hex(key), info: hex(info), box: hex(boxWithSalt(key, info, plaintext, salt)) },
        opens: { plaintext: hex(plaintext) },
      }
    }
    const good = make('a key of 32 bytes', 32, draw('box plaintext', 32))
    const { key, box } = good.given as { key: string; box: string }
    return [
      good,
      make('a key of 16 bytes', 16, utf8('Dossier médical')),
      make('nothing', 32, new Uint8Array(0)),
      refused('another key', 'box-open', good, { key: flippedHex(key, 0) }),
      refused('another info', 'box-open', good, { info: hex(lp('coffre/v1/example', id('another record'))) }),
      refused('salt altered', 'box-open', good, { box: flippedHex(box, 0) }),
      refused('ciphertext altered', 'box-open', good, { box: flippedHex(box, 32) }),
      refused('tag altered', 'box-open', good, { box: flippedHex(box, -1) }),
      refused('cut short', 'box-open', good, { box: box.slice(0, -2) }),
      refused('too short for any box', 'box-open', good, { box: box.slice(0, 94) }),
      refused('a key of 31 bytes', 'key-length', good, { key: key.slice(2) }),
    ]
  },
  open: given => ({ plaintext: hex(unbox(bytesOf(given, 'key'), bytesOf(given, 'info'), bytesOf(given, 'box'))) }),
}

const text = (length: number): Bytes => utf8('Compte rendu. '.repeat(Math.ceil(length / 14)).slice(0, length))

export const padding: Format = {
  file: 'padding',
  page: 'body.md',
  about: 'Padmé. A body (zeros) and its true size, or the padded length of a JSON text (spaces) with its minimum.',
  async cases() {
    const body = (size: number): VectorCase => ({
      name: `${size} bytes`,
      given: { padded: hex(concat(text(size), new Uint8Array(padme(size) - size))), size },
      opens: { content: hex(text(size)), paddedLength: padme(size) },
    })
    const json = (value: string, minimum: number): VectorCase => ({
      name: `a JSON text, at least ${minimum}`,
      given: { json: value, minimum },
      opens: { padded: hex(padText(value, minimum)) },
    })
    const good = body(9)
    const bytes = (size: number, content: Bytes) => ({
      padded: hex(concat(content, new Uint8Array(size - content.length))),
    })
    return [
      ...[0, 1, 2, 8, 9, 100, 1000, 1025].map(body),
      json('{"é":1}', 0),
      json('{"title":"é"}', 16),
      refused('one zero too few', 'padding-wrong', good, bytes(9, text(9))),
      refused('one zero too many', 'padding-wrong', good, bytes(11, text(9))),
      refused('a byte that is not zero', 'padding-wrong', good, { padded: hex(concat(text(9), Uint8Array.of(1))) }),
      refused('a size beyond the end', 'padding-wrong', good, { size: 11 }),
      refused('a size that hides content', 'padding-wrong', good, { size: 8 }),
    ]
  },
  async open(given) {
    if (given.json !== undefined) return { padded: hex(padText(given.json as string, numberOf(given, 'minimum'))) }
    const size = numberOf(given, 'size')
    const content = await collect(unpadStream([bytesOf(given, 'padded')], size))
    return { content: hex(content), paddedLength: padme(size) }
  },
}

export const chunks: Format = {
  file: 'chunks',
  page: 'body.md',
  about:
    'C2SP chunked-encryption with SHA-512 and ChaCha20-Poly1305: whole messages, and ranges (from, to) opened alone. A plaintext above 1000 bytes is told by length and SHA-256. writer.salt: the first 24 bytes.',
  async cases() {
    const make = (name: string, plaintext: Bytes, salt = draw(`chunks ${name} salt`, 24), ones = false): VectorCase => {
      const key = ones ? new Uint8Array(32).fill(1) : draw('chunks key', 32)
      const context = ones ? lp('coffre/v1/body', 'record') : lp('coffre/v1/example', id('chunks record'))
      const sealer = new ChunkSealer({ key, context }, { salt })
      const message = concat(sealer.header, ...sealer.update(plaintext), sealer.final())
      return {
        name,
        writer: { salt: hex(salt) },
        given: { key: hex(key), context: hex(context), message: hex(message) },
        opens: opened(plaintext, message),
      }
    }
    const short = make('one short chunk', utf8('bonjour'), new Uint8Array(24).fill(2), true)
    const two = make('a full chunk and a short one', text(16_500))
    const full = make('a full chunk and an empty one', text(16_384))
    const { message } = two.given as { message: string }
    const brief = short.given.message as string
    const header = message.slice(0, 112)
    const [first, last] = [message.slice(112, 112 + 32_800), message.slice(112 + 32_800)]
    const range = (from: number, to: number): VectorCase => ({
      name: `bytes ${from} to ${to} alone`,
      given: { ...two.given, from, to },
      opens: { plaintext: hex(text(16_500).subarray(from, to)), commitment: two.opens?.commitment as string },
    })
    return [
      short,
      make('nothing', new Uint8Array(0)),
      full,
      two,
      range(3, 10),
      range(16_380, 16_390),
      refused('another key', 'chunks-commitment', short, { key: hex(new Uint8Array(32).fill(9)) }),
      refused('another context', 'chunks-commitment', short, { context: hex(lp('coffre/v1/body', 'another')) }),
      refused('salt altered', 'chunks-commitment', short, { message: flippedHex(brief, 0) }),
      refused('commitment altered', 'chunks-commitment', short, { message: flippedHex(brief, 24) }),
      refused('the last chunk altered', 'chunks-end', short, { message: flippedHex(brief, -1) }),
      refused('the last chunk cut short', 'chunks-end', short, { message: brief.slice(0, -2) }),
      refused('a byte after the end', 'chunks-end', short, { message: `${brief}00` }),
      refused('cut within the header', 'chunks-truncated', short, { message: brief.slice(0, 110) }),
      refused('a range beyond the end', 'range-outside', short, { from: 3, to: 8 }),
      refused('a full chunk altered', 'chunks-forged', two, { message: flippedHex(message, 56) }),
      refused('the full chunk twice', 'chunks-repeated', two, { message: header + first + first + last }),
      refused('the full chunk left out', 'chunks-reordered', two, { message: header + last }),
      refused('the last chunk left out', 'chunks-truncated', two, { message: header + first }),
      refused('a range whose chunk was altered', 'chunks-forged', range(3, 10), { message: flippedHex(message, 60) }),
    ]
  },
  async open(given) {
    const key = { key: bytesOf(given, 'key'), context: bytesOf(given, 'context') }
    const message = bytesOf(given, 'message')
    const plaintext =
      given.from === undefined
        ? openAll(key, message)
        : await openRange(
            key,
            { length: message.length, read: async (offset, length) => message.slice(offset, offset + length) },
            { start: numberOf(given, 'from'), end: numberOf(given, 'to') },
          )
    return opened(plaintext, message)
  },
}

/** A long plaintext is told by its hash. */
function opened(plaintext: Bytes, message: Bytes): Members {
  const told =
    plaintext.length <= 1000
      ? { plaintext: hex(plaintext) }
      : { length: plaintext.length, sha256: hex(sha256(plaintext)) }
  return { ...told, commitment: hex(message.subarray(24, 56)) }
}

/** A ciphertext too long for a file: byte i is i mod 251. */
function counted(length: number): Bytes {
  return Uint8Array.from({ length }, (_, i) => i % 251)
}

export const blocks: Format = {
  file: 'blocks',
  page: 'body.md',
  about:
    'The block tree of a ciphertext of `length` bytes whose byte i is i mod 251: root, leaf hashes; and one block checked alone, `block` of it being byte by byte as in the ciphertext, or with its first byte changed (`altered`), or cut (`blockLength`).',
  async cases() {
    const whole = (length: number): VectorCase => {
      const { root, leaves } = new BlockTree().update(counted(length)).digest()
      return { name: `${length} bytes`, given: { length }, opens: { root: hex(root), leaves: leaves.map(hex) } }
    }
    const lengths = [1, 1000, BLOCK_LENGTH, BLOCK_LENGTH + 1, 2 * BLOCK_LENGTH + 5]
    const length = 2 * BLOCK_LENGTH + 5
    const { root, leaves } = new BlockTree().update(counted(length)).digest()
    const one = (index: number): VectorCase => ({
      name: `block ${index} alone`,
      given: { length, root: hex(root), index, proof: blockProof(leaves, index).map(hex) },
      opens: { holds: true },
    })
    return [
      ...lengths.map(whole),
      one(1),
      one(2),
      refused('altered', 'inclusion-proof', one(1), { altered: true }),
      refused('the proof of another block', 'inclusion-proof', one(1), { proof: one(0).given.proof ?? null }),
      refused('a root with a bit changed', 'inclusion-proof', one(1), { root: flippedHex(hex(root), 0) }),
      refused('cut short', 'block-length', one(1), { blockLength: BLOCK_LENGTH - 1 }),
      refused('a block that a body of this length does not have', 'block-length', one(2), { index: 3, blockLength: 5 }),
    ]
  },
  open(given) {
    const length = numberOf(given, 'length')
    if (given.index === undefined) {
      const { root, leaves } = new BlockTree().update(counted(length)).digest()
      return { root: hex(root), leaves: leaves.map(hex) }
    }
    const index = numberOf(given, 'index')
    const at = index * BLOCK_LENGTH
    const blockLength =
      given.blockLength === undefined ? Math.min(BLOCK_LENGTH, length - at) : numberOf(given, 'blockLength')
    const block = counted(at + blockLength).subarray(at)
    if (given.altered === true) block[0] = (block[0] ?? 0) ^ 1
    const proof = (given.proof as string[]).map(each => bytesOf({ each }, 'each'))
    verifyBlock({ block, index, proof, root: bytesOf(given, 'root'), length })
    return { holds: true }
  },
}
