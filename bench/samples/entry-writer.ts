/**
 * A thread that plays one group of a generated store's cast: who reads what, when, behind which signed request, and the
 * two lines of its entry. A group shares no record and no card with another, so that each knows what its members saw.
 */
import { createPrivateKey, type KeyObject, randomBytes, sign } from 'node:crypto'
import { parentPort, workerData } from 'node:worker_threads'
import { contentDigest, parseBase, signatureBase } from '../../src/crypto/httpsig.ts'
import { entryHash, parseEntry } from '../../src/log/entry.ts'
import { listHash } from '../../src/log/list.ts'
import { formatSeen } from '../../src/log/seen.ts'
import type { EventObject } from '../../src/protocol/entry.ts'
import type { Hash } from '../../src/protocol/ids.ts'
import type { CastRecord, Member } from './generated-world.ts'

const DAY_MS = 86_400_000
/** Of so many entries one is read back, to see that it is what a reader takes. */
const READ_BACK = 1000

export interface EntryWriterData {
  /** All members; those who act stand in the records, and in `strangers`. */
  readonly members: readonly Member[]
  readonly records: readonly CastRecord[]
  /** Have a card, and no grant in any record. */
  readonly strangers: readonly number[]
  /** The last entry of each record's chain. */
  readonly heads: ReadonlyMap<string, Head>
  readonly span: { readonly from: number; readonly to: number; readonly entries: number }
  readonly seed: number
}

export interface Head {
  readonly n: number
  readonly hash: Hash
}

/** Entries to be written: their first number, how many, and the newest tree that was published by now. */
export interface BlockAsked {
  readonly first: number
  readonly count: number
  readonly tree: { readonly size: number; readonly root: Hash }
}

/** A row of the store without its number: chain, n, t, hash, link, event. */
export type EntryRow = [chain: string, n: number, t: string, hash: Hash, link: string, event: string]

interface Player {
  /** Among the members. */
  readonly index: number
  readonly member: Member
  readonly isPatient: boolean
  readonly key: KeyObject
  /** The actor as an entry has it. */
  readonly actor: string
  readonly acting: string | undefined
  readonly own: CastRecord[]
  /** Its last own entry. */
  last: Head | null
}

interface Act {
  readonly record: CastRecord
  readonly action: 'document.read' | 'document.list'
  readonly object: EventObject
  readonly outcome: 'ok' | 'refused'
  readonly grant: Hash | null
  readonly path: string
}

const { members, records, strangers, heads, span, seed } = workerData as EntryWriterData
const chains = new Map(heads)
const players = castPlayers()
const EMPTY = contentDigest(new Uint8Array(0))
let random = seed

function castPlayers(): Player[] {
  const owned = new Map<number, CastRecord[]>(strangers.map(each => [each, []]))
  for (const record of records) {
    for (const member of [record.patient, ...record.grants.map(grant => grant.member)]) {
      owned.set(member, [...(owned.get(member) ?? []), record])
    }
  }
  return [...owned].map(([index, own]) => {
    const member = members[index] as Member
    const { actor } = member
    return {
      index,
      member,
      isPatient: actor.kind === 'patient',
      key: createPrivateKey({
        key: Buffer.concat([
          Buffer.from('302e020100300506032b657004220420', 'hex'),
          Buffer.from(member.seed, 'base64url'),
        ]),
        format: 'der',
        type: 'pkcs8',
      }),
      actor: JSON.stringify(actor),
      acting:
        actor.kind === 'establishment' ? Buffer.from(JSON.stringify(actor.acting)).toString('base64url') : undefined,
      own,
      last: null,
    }
  })
}

function write({ first, count, tree }: BlockAsked): EntryRow[] {
  return Array.from({ length: count }, (_, i) => entry(first + i, tree))
}

function entry(seq: number, tree: BlockAsked['tree']): EntryRow {
  const player = players[below(players.length)] as Player
  const { record, action, object, outcome, grant, path } = actOf(player)
  const time = timeOf(seq)
  const t = new Date(time).toISOString()
  const head = chains.get(record.id) as Head
  const { base, signature } = request(player, path, { tree, created: Math.floor(time / 1000) })
  const n = head.n + 1
  const link = `{"v":1,"record":"${record.id}","n":${n},"prev":"${head.hash}","salt":"${random16()}"}`
  const event =
    `{"t":"${t}","actor":${player.actor},"action":"${action}","object":${JSON.stringify(object)},"outcome":"${outcome}",` +
    `"grant":${grant === null ? 'null' : `"${grant}"`},"state":"${record.state}",` +
    `"request":{"base":${JSON.stringify(base)},"signature":"${signature}"},"salt":"${random16()}"}`
  const hash = entryHash({ link, event })
  if (seq % READ_BACK === 0) {
    parseEntry({ link, event })
    parseBase(base)
  }
  player.last = { n, hash }
  chains.set(record.id, player.last)
  return [record.id, n, t, hash, link, event]
}

function actOf({ index, isPatient, own }: Player): Act {
  const record = (own[below(own.length)] ?? records[below(records.length)]) as CastRecord
  const grant = record.grants.find(each => each.member === index)
  const path = `/v1/records/${record.id}/documents`
  if (!isPatient && grant === undefined) {
    const document = record.documents[0]?.id as string
    const object = { document, reason: 'no-grant' }
    return { record, action: 'document.read', object, outcome: 'refused', grant: null, path: `${path}/${document}` }
  }
  const within = isPatient ? record.documents : record.documents.filter(each => grant?.reads.includes(each.compartment))
  const act = { record, outcome: 'ok', grant: grant?.grant ?? null } as const
  if (below(4) === 0) {
    const object = { ids: listHash(within.map(({ id }) => id)), count: within.length }
    return { ...act, action: 'document.list', object, path }
  }
  const document = within[below(within.length)]?.id as string
  return { ...act, action: 'document.read', object: { document }, path: `${path}/${document}` }
}

/** Signed as the clients do. */
function request(
  { member, isPatient, key, acting, last }: Player,
  path: string,
  { tree, created }: { readonly tree: BlockAsked['tree']; readonly created: number },
): { readonly base: string; readonly signature: string } {
  const rest = last === null ? {} : isPatient ? { chain: last } : { receipt: last.hash }
  const lines: [string, string][] = [
    ['@method', 'GET'],
    ['@authority', member.authority],
    ['@path', path],
    ['@query', '?'],
    ['content-digest', EMPTY],
    ['coffre-seen', formatSeen({ tree, ...rest })],
  ]
  if (acting !== undefined) lines.push(['coffre-acting', acting])
  const covered = lines.map(([name]) => `"${name}"`).join(' ')
  const base = signatureBase(
    lines,
    `(${covered});created=${created};nonce="${random16()}";keyid="${member.keyId}";alg="ed25519";tag="coffre-v1"`,
  )
  return { base, signature: sign(null, Buffer.from(base, 'latin1'), key).toString('base64url') }
}

/** More by day than by night. */
function timeOf(seq: number): number {
  const { from, to, entries } = span
  const days = (seq / entries) * ((to - from) / DAY_MS)
  const part = days % 1
  return from + 3_600_000 + (Math.floor(days) + part + 0.11 * Math.sin(2 * Math.PI * part)) * (DAY_MS - 3_600_000 / 180)
}

function below(bound: number): number {
  random ^= random << 13
  random ^= random >>> 17
  random ^= random << 5
  return (random >>> 0) % Math.max(1, bound)
}

// Drawn many at a time, as the host does.
let drawn = Buffer.alloc(0)

/** 16 random bytes, base64url: a salt, a nonce. */
function random16(): string {
  if (drawn.length === 0) drawn = randomBytes(64 * 1024)
  const text = drawn.toString('base64url', 0, 16)
  drawn = drawn.subarray(16)
  return text
}

parentPort?.on('message', (asked: BlockAsked) => parentPort?.postMessage(write(asked)))
