/** The log's texts and tiles, as anyone may serve them. */
import { concat, toBase64 } from '../../../src/crypto/bytes.ts'
import { MlDsaSigningKey } from '../../../src/crypto/mldsa.ts'
import { SigningKey } from '../../../src/crypto/sign.ts'
import {
  addCosignatures,
  formatCheckpoint,
  logKeys,
  parseCheckpoint,
  signCheckpoint,
  verifyCheckpoint,
} from '../../../src/log/checkpoint.ts'
import { cosign, cosignerKeys } from '../../../src/log/cosignature.ts'
import { parseEntry } from '../../../src/log/entry.ts'
import {
  formatNote,
  formatSignatures,
  formatVkey,
  parseNote,
  parseSignatures,
  parseVkey,
} from '../../../src/log/note.ts'
import { formatPolicy, makePolicy, parsePolicy } from '../../../src/log/policy.ts'
import { formatProof, parseProof, verifyProof } from '../../../src/log/proof.ts'
import { proveLeaf, rootsOf, verifyLeaf } from '../../../src/log/sets.ts'
import {
  formatBundle,
  fullTileRoot,
  parseBundle,
  parseTilePath,
  tilePath,
  verifyBundle,
} from '../../../src/log/tiles.ts'
import {
  consistencyProof,
  inclusionProof,
  leafHash,
  treeRoot,
  verifyConsistency,
  verifyInclusion,
} from '../../../src/log/tree.ts'
import { addCheckpoint, formatAddCheckpoint, parseAddCheckpoint } from '../../../src/log/witness.ts'
import { SetProof, StateSets } from '../../../src/protocol/record.ts'
import { agreesWithSchema } from '../../fixtures/entry-schema.ts'
import { mutateJson } from '../mutate.ts'
import { parsed } from '../parsed.ts'
import { samplesOf } from '../schema-samples.ts'
import { target } from '../target.ts'
import { entry, readByDoctor } from './statements.ts'

const TIME = 1_800_000_000
export const log = { origin: 'log.example/a', ed25519: SigningKey.generate(), mlDsa44: MlDsaSigningKey.generate() }
const witness = { name: 'witness.example/w', ed25519: SigningKey.generate(), mlDsa44: MlDsaSigningKey.generate() }
export const policy = makePolicy({
  log: { keys: logKeys(log) },
  witnesses: [{ name: 'w', keys: cosignerKeys(witness) }],
  threshold: 1,
})
const data = Array.from({ length: 11 }, (_, i) => new Uint8Array(32).fill(i))
const leaves = data.map(leafHash)
const root = treeRoot(leaves)
const signed = signCheckpoint({ size: leaves.length, root }, log, TIME)
const { text } = parseNote(signed)
const cosignatures = formatSignatures(cosign({ text, ...parseCheckpoint(text) }, witness, TIME + 1))
const checkpoint = addCosignatures(signed, cosignatures, cosignerKeys(witness))
const proof = formatProof({ index: 3, proof: inclusionProof(leaves, 3, 11), checkpoint })
const extended = formatProof({ index: 3, proof: inclusionProof(leaves, 3, 11), checkpoint, extra: Uint8Array.of(1) })

const noteCodes = ['note-malformed', 'key-name-malformed']
const checkpointCodes = [...noteCodes, 'checkpoint-malformed', 'checkpoint-origin', 'checkpoint-signature']
const proofCodes = [...checkpointCodes, 'proof-malformed', 'checkpoint-quorum', 'inclusion-proof']

const known = { size: 4, root: treeRoot(leaves.slice(0, 4)), time: TIME }
const requests = [
  formatAddCheckpoint({ oldSize: 4, proof: consistencyProof(leaves, 4, 11), checkpoint: signed }),
  formatAddCheckpoint({ oldSize: 0, proof: [], checkpoint: signed }),
]

const bundle = formatBundle(data)
const tile = concat(...leaves)
const sets = samplesOf(StateSets, 3) as StateSets[]
const roots = sets.map(rootsOf)
const setProofs = sets.flatMap((set, i) => {
  const content = (set.grants as readonly string[])[0]
  return content === undefined ? [] : [{ roots: roots[i], content, proof: proveLeaf(set, 'grants', content) }]
})
const pair = (parts: readonly Uint8Array[], ...numbers: readonly number[]) => concat(Uint8Array.from(numbers), ...parts)
const hashesOf = (bytes: Uint8Array) =>
  Array.from({ length: bytes.length >> 5 }, (_, i) => bytes.subarray(32 * i, 32 * i + 32))

export default [
  target({
    name: 'note',
    share: 6,
    samples: [signed, checkpoint],
    take: (note: string) => parseNote(note),
    refusals: noteCodes,
    write: formatNote,
  }),
  target({
    name: 'signature-lines',
    share: 6,
    samples: [cosignatures],
    take: (lines: string) => parseSignatures(lines),
    refusals: noteCodes,
  }),
  target({
    name: 'vkey',
    share: 6,
    samples: logKeys(log).map(formatVkey),
    take: (key: string) => parseVkey(key),
    refusals: ['vkey-malformed', 'key-name-malformed'],
    write: formatVkey,
  }),
  target({
    name: 'checkpoint',
    share: 6,
    samples: [text, `${text}extension\n`],
    take: (body: string) => parseCheckpoint(body),
    refusals: ['checkpoint-malformed', 'key-name-malformed'],
    write: formatCheckpoint,
  }),
  target({
    name: 'signed-checkpoint',
    share: 0.2,
    samples: [checkpoint],
    take: (note: string) => {
      const verified = verifyCheckpoint(note, policy, TIME + 5)
      // Lines of keys that the policy does not name may be added by anyone, and a witness's may be taken away.
      if (verified.note.text !== text) throw new Error('another text was verified')
    },
    refusals: checkpointCodes,
  }),
  target({
    name: 'cosignatures',
    share: 0.2,
    samples: [cosignatures],
    take: (lines: string) => addCosignatures(signed, lines, cosignerKeys(witness)),
    refusals: checkpointCodes,
  }),
  target({
    name: 'policy',
    share: 2,
    samples: [formatPolicy(policy), `# ours\n${formatPolicy(policy)}\n\n`],
    take: (file: string) => formatPolicy(parsePolicy(file)),
    refusals: ['policy-malformed'],
  }),
  target({
    name: 'proof',
    share: 4,
    samples: [proof, extended],
    take: (file: string) => parseProof(file),
    refusals: ['proof-malformed'],
    write: formatProof,
  }),
  target({
    name: 'verified-proof',
    share: 0.2,
    samples: [proof],
    take: (file: string) => {
      const verified = verifyProof(file, data[3] as Uint8Array, { policy, now: TIME + 5 })
      if (verified.index !== 3 || verified.note.text !== text) throw new Error('another leaf or tree was verified')
    },
    refusals: proofCodes,
  }),
  target({
    name: 'witness-request',
    share: 3,
    samples: requests,
    take: (body: string) => parseAddCheckpoint(body),
    refusals: ['request-malformed'],
    write: formatAddCheckpoint,
  }),
  target({
    name: 'witness',
    share: 0.2,
    samples: requests,
    take(body: string) {
      const answer = addCheckpoint(body, { logs: logKeys(log), cosigner: witness, now: TIME, stateOf: () => known })
      if (answer.next !== undefined && toBase64(answer.next.state.root) !== toBase64(root)) {
        throw new Error('a fork was cosigned')
      }
      return answer.status
    },
    refusals: [],
  }),
  target({
    // size and index, then hashes
    name: 'inclusion-proof',
    share: 3,
    samples: [pair(inclusionProof(leaves, 3, 11), 11, 3), pair(inclusionProof(leaves, 10, 11), 11, 10)],
    take(bytes: Uint8Array) {
      const [size = 0, index = 0] = bytes
      const leaf = leaves[index] ?? (leaves[0] as Uint8Array)
      verifyInclusion({ leaf, index, size, root, proof: hashesOf(bytes.subarray(2)) })
      // (A path does not bind the size: 9 to 16 leaves have the same one. The checkpoint signs size and root.)
      if (index >= leaves.length) throw new Error('a leaf was shown where there is none')
    },
    refusals: ['inclusion-proof', 'tree-range', 'tree-hash-malformed', 'inclusion-proof-malformed'],
  }),
  target({
    name: 'consistency-proof',
    share: 3,
    samples: [pair(consistencyProof(leaves, 4, 11), 4, 11), pair(consistencyProof(leaves, 7, 11), 7, 11)],
    take(bytes: Uint8Array) {
      const [oldSize = 0, size = 0] = bytes
      const oldRoot = treeRoot(leaves.slice(0, Math.min(oldSize, 11)))
      verifyConsistency({ oldSize, oldRoot, size, root, proof: hashesOf(bytes.subarray(2)) })
    },
    refusals: ['consistency-proof', 'tree-range', 'tree-hash-malformed', 'consistency-proof-malformed'],
  }),
  target({
    name: 'tile-path',
    share: 8,
    samples: ['tile/0/000', 'tile/1/x001/234.p/17', 'tile/entries/x001/x234/067', 'tile/entries/000.p/1'],
    take: (path: string) => parseTilePath(path),
    refusals: [],
    write: tile => (tile === null ? null : tilePath(tile)),
  }),
  target({
    name: 'entry-bundle',
    share: 4,
    samples: [bundle, formatBundle([new Uint8Array(0), new Uint8Array(300)])],
    take: (bytes: Uint8Array) => parseBundle(bytes, bytes.length > 310 ? 11 : 2),
    refusals: ['bundle-malformed'],
    write: formatBundle,
  }),
  target({
    name: 'verified-bundle',
    share: 2,
    samples: [bundle],
    take: (bytes: Uint8Array) => verifyBundle(bytes, tile),
    refusals: ['bundle-malformed', 'bundle-mismatch', 'tile-malformed'],
    authentic: true,
  }),
  target({
    name: 'tile',
    share: 0.3,
    samples: [concat(...Array.from({ length: 256 }, (_, i) => leaves[i % 11] as Uint8Array))],
    take: (bytes: Uint8Array) => fullTileRoot(bytes),
    refusals: ['tile-malformed'],
  }),
  target({
    name: 'entry',
    share: 3,
    samples: [entry, readByDoctor].map(({ link, event }) => `${link}\n${event}`),
    near: random =>
      random.once(2)
        ? `${mutateJson(random, JSON.parse(entry.link))}\n${entry.event}`
        : `${entry.link}\n${mutateJson(random, JSON.parse(entry.event))}`,
    take(lines: string) {
      const cut = lines.indexOf('\n')
      const [link, event] = [lines.slice(0, cut), lines.slice(cut + 1)]
      if (!agreesWithSchema(link) || !agreesWithSchema(event)) throw new TypeError('Read as the schema would not')
      return parseEntry({ link, event })
    },
    refusals: ['entry-form'],
  }),
  target({
    name: 'set-proof',
    share: 2,
    samples: setProofs.map(value => JSON.stringify(value)),
    near: random => mutateJson(random, random.pick(setProofs)),
    take(json: string) {
      const value = parsed(json) as { proof?: unknown; content?: unknown } | null
      const proof = SetProof.safeParse(value?.proof)
      const [first] = setProofs
      if (!proof.success || first === undefined || typeof value?.content !== 'string') return
      if (!value.content.isWellFormed()) return
      const shown = verifyLeaf(first.roots as never, proof.data, value.content)
      if (shown && !setProofs.some(({ content }) => content === value.content))
        throw new Error('a leaf that is not there')
    },
    refusals: ['base64-malformed', 'tree-range', 'tree-hash-malformed', 'inclusion-proof-malformed'],
  }),
]
