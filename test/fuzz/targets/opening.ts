/** What opens a record: key slots, the bundle, links between epochs, the messages of a sign-in, tiles read for a proof. */
import { openBundle } from '../../../src/client/bundle.ts'
import { walkBack } from '../../../src/client/epochs.ts'
import { hashText } from '../../../src/client/grant-seal.ts'
import { bundleInfo } from '../../../src/client/infos.ts'
import { readOneTimePassword } from '../../../src/client/patient/authenticate.ts'
import { checkSecretCode } from '../../../src/client/secret-code.ts'
import { openSlot } from '../../../src/client/slots.ts'
import { box } from '../../../src/crypto/box.ts'
import { concat, equal } from '../../../src/crypto/bytes.ts'
import { AccountKey, DeviceSecret, KitSecret } from '../../../src/crypto/keys.ts'
import * as opaqueClient from '../../../src/crypto/opaque/client.ts'
import * as opaqueServer from '../../../src/crypto/opaque/server.ts'
import { padText } from '../../../src/crypto/padding.ts'
import { slotLeaf } from '../../../src/log/sets.ts'
import { TileReader } from '../../../src/log/tile-reader.ts'
import { consistencyProof, inclusionProof, leafHash, treeRoot } from '../../../src/log/tree.ts'
import { EpochLinks } from '../../../src/protocol/messages.ts'
import { Slot } from '../../../src/protocol/record.ts'
import { verifiedIdentity } from '../../formats/keys.ts'
import { story } from '../../formats/story.ts'
import { accountKey, compartment, device, epochSecret, kitSecret } from '../../formats/world.ts'
import { mutateJson } from '../mutate.ts'
import { parsed } from '../parsed.ts'
import { target } from '../target.ts'

const { patient, slots, states } = await story()
const { recordId } = patient
const { payload: state, sealedBundle, bundle, sets } = states.masked
const identity = await verifiedIdentity()
const openers = [
  { kind: 'kit', kit: KitSecret.parse(kitSecret()) },
  { kind: 'device', exportKey: device().exportKey, device: DeviceSecret.parse(device().secret) },
] as const

/** Opens it as if the state named it: only what its box is bound to speaks against it. */
function openAnySlot(json: string): null {
  const slot = Slot.safeParse(parsed(json))
  if (!slot.success) return null
  const opener = slot.data.kind === 'kit' ? openers[0] : openers[1]
  const named = { ...sets, devices: [slotLeaf(slot.data)] }
  const opened = openSlot({ recordId, slots: [slot.data], sets: named, opener })
  const mine = slots.some(each => JSON.stringify(each) === JSON.stringify(slot.data))
  if (!mine || !equal(opened.accountKey.bytes, accountKey())) throw new Error('a slot nobody made was opened')
  return null
}

/** As if the state named it: the hash is not what keeps another bundle out here. */
function openAnyBundle(sealed: Uint8Array) {
  const named = { ...state, bundle: { ...state.bundle, hash: hashText(sealed) } }
  return openBundle({ accountKey: AccountKey.parse(accountKey()), sealed, recordId, state: named, identity }).bundle
}

const current = compartment(recordId, 'reports', 2)
const links = [2, 1, 0].map(epoch => {
  const { publicKey, link } = compartment(recordId, 'reports', epoch)
  return { epoch, publicKey, link }
})
const served = { epochs: links }

/** The host serves the links; the compartment as it is now is the state's, which was verified. */
function walkAny(json: string): null {
  const read = EpochLinks.safeParse(parsed(json))
  if (!read.success) return null
  const secrets = walkBack({ recordId, current, secret: epochSecret('reports', 2), links: read.data.epochs })
  for (const [epoch, secret] of secrets) {
    if (!equal(secret.bytes, epochSecret('reports', epoch).bytes)) throw new Error('a link led to another secret')
  }
  return null
}

const setup = opaqueServer.createSetup()
const identifiers = { client: '6042636791378413971156', server: 'deployment' }
const user = { setup, userIdentifier: 'someone', identifiers }
const secretCode = 'un secret de 1984'
const registering = opaqueClient.startRegistration(secretCode)
const registered = opaqueServer.registrationResponse({ ...user, request: registering.request })
const { record, serverPublicKey } = opaqueClient.finishRegistration({
  ...{ secretCode, identifiers, state: registering.state, response: registered },
})
const login = opaqueClient.startLogin(secretCode)
const answered = opaqueServer.startLogin({ ...user, record, request: login.request })
const { finish } = opaqueClient.finishLogin({
  secretCode,
  identifiers,
  state: login.state,
  response: answered.response,
})

const leaves = Array.from({ length: 300 }, (_, i) => leafHash(Uint8Array.of(i & 255, i >> 8)))
const tree = { size: 300, root: treeRoot(leaves) }
const [full, part] = [concat(...leaves.slice(0, 256)), concat(...leaves.slice(256))]
const above = treeRoot(leaves.slice(0, 256))
const proofs = {
  inclusion: inclusionProof(leaves, 299, 300),
  consistency: consistencyProof(leaves, 77, 300),
}

/** The three tiles of a tree of 300, one after the other, as a host may serve them. */
async function readTiles(bytes: Uint8Array): Promise<null> {
  const served = new Map([
    ['tile/0/000', bytes.subarray(0, full.length)],
    ['tile/0/001.p/44', bytes.subarray(full.length, full.length + part.length)],
    ['tile/1/000.p/1', bytes.subarray(full.length + part.length)],
  ])
  const reader = new TileReader(tree, async path => served.get(path) ?? null)
  const right = [
    same(await reader.inclusionProof(299), proofs.inclusion),
    same(await reader.consistencyProof(77), proofs.consistency),
    same([await reader.leafTile(0)], [full]),
  ]
  if (right.includes(false)) throw new Error('another tree was read than the one of the root')
  return null
}

const same = (a: readonly Uint8Array[], b: readonly Uint8Array[]) => equal(concat(...a), concat(...b))

export default [
  target({
    name: 'slot',
    share: 1,
    samples: slots.map(slot => JSON.stringify(slot)),
    near: random => mutateJson(random, random.pick(slots)),
    take: openAnySlot,
    refusals: ['slot-missing', 'slot-open'],
  }),
  target({
    name: 'sealed-bundle',
    share: 1,
    samples: [sealedBundle],
    take: openAnyBundle,
    refusals: ['box-open', 'bundle-content', 'epoch-key'],
    authentic: true,
  }),
  target({
    // what somebody with the account key could have sealed
    name: 'bundle-text',
    share: 0.2,
    samples: [JSON.stringify(bundle)],
    near: random => mutateJson(random, bundle),
    take(json: string) {
      if (!json.isWellFormed()) return null
      const info = bundleInfo(recordId, state.bundle.version)
      return openAnyBundle(box(accountKey(), info, padText(json, 4096)))
    },
    refusals: ['bundle-content', 'epoch-key', 'key-length', 'key-malformed'],
  }),
  target({
    name: 'epoch-links',
    share: 0.3,
    samples: [JSON.stringify(served)],
    near: random => mutateJson(random, served),
    take: walkAny,
    refusals: ['epoch-key', 'epoch-links'],
  }),
  target({
    name: 'opaque-registration',
    share: 0.3,
    samples: [registering.request],
    take: (request: string) => opaqueServer.registrationResponse({ ...user, request }),
    refusals: ['opaque-malformed'],
  }),
  target({
    name: 'opaque-login',
    share: 0.1,
    samples: [login.request],
    take: (request: string) => opaqueServer.startLogin({ ...user, record, request }),
    refusals: ['opaque-malformed'],
  }),
  target({
    name: 'opaque-record',
    share: 0.1,
    samples: [record],
    take: (kept: string) => opaqueServer.startLogin({ ...user, record: kept, request: login.request }),
    refusals: ['opaque-malformed'],
  }),
  target({
    name: 'opaque-finish',
    share: 0.5,
    samples: [finish],
    take: (text: string) => opaqueServer.finishLogin({ state: answered.state, finish: text, identifiers }),
    refusals: ['opaque-malformed', 'opaque-refused'],
    authentic: true,
  }),
  target({
    // each takes the client's whole key stretching
    name: 'opaque-answer',
    share: 0.0001,
    samples: [answered.response],
    take: (response: string) =>
      opaqueClient.finishLogin({ secretCode, identifiers, state: login.state, response, serverPublicKey }),
    refusals: ['opaque-malformed', 'opaque-refused', 'opaque-server'],
    authentic: true,
  }),
  target({
    name: 'one-time-password',
    share: 3,
    samples: ['12345678', '1234 5678', '1234-5678'],
    take: (text: string) => readOneTimePassword(text),
    refusals: ['one-time-password-malformed'],
  }),
  target({
    name: 'secret-code',
    share: 2,
    samples: [secretCode, 'Éléphant-42!'],
    take: (text: string) => checkSecretCode(text, { ins: identifiers.client, contact: 'camille@example.fr' }),
    refusals: ['secret-code-weak'],
  }),
  target({
    name: 'tile-reader',
    share: 0.1,
    samples: [concat(full, part, above)],
    take: readTiles,
    refusals: ['tile-missing', 'tile-malformed', 'tile-mismatch', 'tree-range'],
  }),
]
