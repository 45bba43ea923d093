/** The cast of a generated store: records opened, cards enrolled, grants given, documents deposited, all by the host's own code. */
import { randomInt } from 'node:crypto'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fromBase64url, randomBytes, toBase64url } from '../../src/crypto/bytes.ts'
import { MlDsaSigningKey } from '../../src/crypto/mldsa.ts'
import { SigningKey } from '../../src/crypto/sign.ts'
import type { LogSigner } from '../../src/log/checkpoint.ts'
import { type Cosigner, cosignerKeys } from '../../src/log/cosignature.ts'
import type { Anchors } from '../../src/protocol/anchors.ts'
import type { Actor } from '../../src/protocol/entry.ts'
import type { CompartmentId, DocumentId, Hash, Ins, RecordId } from '../../src/protocol/ids.ts'
import { change, compartmentOf, deposit, planGrant, type Rights } from '../../test/fixtures/vault-acts.ts'
import {
  DOCTOR,
  HOSPITAL,
  type Holder,
  makeHolder,
  openRecord,
  openVaultWorld,
  publish,
} from '../../test/fixtures/vault-world.ts'

const DAY_MS = 86_400_000

/** Who acts in the generated entries. */
export interface Member {
  readonly actor: Actor
  readonly keyId: string
  /** base64url. */
  readonly seed: string
  readonly authority: string
}

/** A record and who may do what in it. */
export interface CastRecord {
  readonly id: RecordId
  /** The state in force. */
  readonly state: Hash
  /** In the order of deposit. */
  readonly documents: readonly { readonly id: DocumentId; readonly compartment: CompartmentId }[]
  /** Index among the members. */
  readonly patient: number
  /** Index of the holder, grant, compartments that it may read. */
  readonly grants: readonly {
    readonly member: number
    readonly grant: Hash
    readonly reads: readonly CompartmentId[]
  }[]
}

export interface Cast {
  readonly members: readonly Member[]
  readonly records: readonly CastRecord[]
  /** Indexes of those with a card and no grant, one a group. */
  readonly strangers: readonly number[]
  readonly anchors: Anchors
  readonly log: LogSigner
  readonly witness: Required<Cosigner>
}

interface Seeds {
  readonly ed25519: string
  readonly mlDsa44: string
}

/** The keys that a host needs to open the store, as seeds in base64url. */
interface GeneratedKeys {
  readonly host: string
  readonly log: Seeds & { readonly origin: string }
}

const REPORTS: Rights = { reports: ['read', 'deposit'] }
const WIDE: Rights = { reports: ['read', 'deposit'], laboratory: ['read', 'deposit'], treatments: ['read'] }

/**
 * Plays the beginning at a real vault in `folder`/store, `days` ago. Record i is of group i % groups, and nobody has
 * grants in records of two groups. Writes `anchors.json` and `signers.json` beside it.
 */
export async function makeCast(
  folder: string,
  { records, holders, days, groups }: { records: number; holders: number; days: number; groups: number },
): Promise<Cast> {
  mkdirSync(folder, { recursive: true })
  const [logSeeds, witnessSeeds] = [newSeeds(), newSeeds()]
  const witness = { name: 'generated.invalid/witness', ...keysOf(witnessSeeds) }
  const parties = [{ name: 'witness', keys: cosignerKeys(witness) }]
  const world = await openVaultWorld(join(folder, 'store'), {
    parties,
    log: keysOf(logSeeds),
    startedAgo: days * DAY_MS,
  })
  const { anchors } = world
  const members: Member[] = []
  const join_ = (actor: Actor, keyId: string, key: SigningKey, side: 'patients' | 'professionals') =>
    members.push({ actor, keyId, seed: toBase64url(key.seed), authority: new URL(anchors.urls[side]).host }) - 1

  const cards: { holder: Holder; member: number }[] = []
  for (let i = 0; i < holders; i++) {
    const kind = i % 8 === 7 ? HOSPITAL : DOCTOR
    const number = String(i).padStart(4, '0')
    const id = kind === HOSPITAL ? `16900${number}0` : `81000${number}017`
    const holder = await publish(world, await makeHolder(world, { ...kind, id } as unknown as typeof DOCTOR))
    const { caller } = holder
    const actor =
      caller.kind === 'establishment' && caller.acting !== null
        ? { kind: caller.kind, id: caller.id, key: holder.hash, acting: caller.acting }
        : { kind: 'professional' as const, id: caller.id, key: holder.hash }
    cards.push({ holder, member: join_(actor, holder.keyId, holder.key, 'professionals') })
  }
  const strangers = cards.splice(0, groups)
  const treatingIn = Array.from({ length: groups }, (_, group) => cards.filter((_, card) => card % groups === group))

  const cast: CastRecord[] = []
  for (let i = 0; i < records; i++) {
    const patient = await openRecord(world, `${String(i).padStart(10, '0')}${randomInt(10 ** 11, 10 ** 12)}` as Ins)
    const { recordId: id, identity } = patient.caller
    const member = join_({ kind: 'patient', id, key: identity }, patient.keyId, patient.key, 'patients')
    const grants: CastRecord['grants'][number][] = []
    const treating = treatingIn[i % groups] as typeof cards
    for (let g = 0; g < Math.min(3, treating.length); g++) {
      const { holder, member } = treating[(i * 5 + g) % treating.length] as (typeof cards)[0]
      const rights = g === 0 ? WIDE : REPORTS
      await change(world, patient, await planGrant(world, patient, holder, { rights, days: days + 30 }))
      const grant = [...patient.inForce.grants.values()].find(({ payload }) => payload.grantee.id === holder.caller.id)
      const reads = (Object.keys(rights) as (keyof Rights)[]).map(kind => compartmentOf(patient, kind))
      grants.push({ member, grant: grant?.hash as Hash, reads })
    }
    const documents: CastRecord['documents'][number][] = []
    for (const kind of ['reports', 'laboratory', 'reports'] as const) {
      const { document, compartment } = await deposit(
        world,
        patient,
        (treating[(i * 5) % treating.length] as (typeof cards)[0]).holder,
        { kind },
      )
      documents.push({ id: document, compartment })
    }
    cast.push({ id, state: patient.inForce.state.hash, documents, patient: member, grants })
  }
  await world.vault.close()
  const { logSigner, hostKey } = world
  const keys: GeneratedKeys = {
    host: toBase64url(hostKey.seed),
    log: { origin: logSigner.origin, ...logSeeds },
  }
  writeFileSync(join(folder, 'anchors.json'), `${JSON.stringify(anchors, null, 2)}\n`)
  writeFileSync(join(folder, 'signers.json'), `${JSON.stringify(keys, null, 2)}\n`, { mode: 0o600 })
  return { members, records: cast, strangers: strangers.map(({ member }) => member), anchors, log: logSigner, witness }
}

/**
 * What opens a generated store as a host: its anchors and keys, read back.
 * @public
 */
export function readGenerated(folder: string): { anchors: Anchors; hostKey: SigningKey; logSigner: LogSigner } {
  const read = <T>(name: string) => JSON.parse(readFileSync(join(folder, name), 'utf8')) as T
  const { host, log } = read<GeneratedKeys>('signers.json')
  return {
    anchors: read<Anchors>('anchors.json'),
    hostKey: SigningKey.fromSeed(fromBase64url(host)),
    logSigner: { origin: log.origin, ...keysOf(log) },
  }
}

const newSeed = () => toBase64url(randomBytes(32))
const newSeeds = (): Seeds => ({ ed25519: newSeed(), mlDsa44: newSeed() })

const keysOf = ({ ed25519, mlDsa44 }: Seeds) => ({
  ed25519: SigningKey.fromSeed(fromBase64url(ed25519)),
  mlDsa44: MlDsaSigningKey.fromSeed(fromBase64url(mlDsa44)),
})
