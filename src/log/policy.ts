// C2SP tlog-policy: whose signatures make a checkpoint acceptable. One file, among the anchors of every client.

import { toHex } from '../crypto/bytes.ts'
import { type CosignerKey, isCosignerKey } from './cosignature.ts'
import { LogError } from './errors.ts'
import { formatVkey, type NoteKey, parseVkey } from './note.ts'

/** A log that is accepted. Its key's name is its origin (§«Defining a log»). */
export interface PolicyLog {
  readonly key: NoteKey
  readonly url?: string
}

/** A witness, or rather one of its keys: two lines for a witness with two keys (§«Defining a witness»). */
export interface PolicyWitness {
  /** Name inside this policy; the key has a name of its own. */
  readonly name: string
  readonly key: CosignerKey
  /** Submission prefix of C2SP tlog-witness. */
  readonly url?: string
}

/** Witnesses as soon as `threshold` of its members do (§«Defining a witness group»). */
export interface PolicyGroup {
  readonly name: string
  /** 1..members. */
  readonly threshold: number
  readonly members: readonly string[]
}

/** A policy file, parsed. */
export interface Policy {
  readonly logs: readonly PolicyLog[]
  readonly witnesses: readonly PolicyWitness[]
  /** In the order of the file: each names only what came before it. */
  readonly groups: readonly PolicyGroup[]
  /** Name of a witness or group, or `none`. */
  readonly quorum: string
}

/** Most lines of each kind; the specification asks for at least 32 (§«Implementation limits»). */
const MAX_EACH = 256
const MAX_LENGTH = 2 * 1024 * 1024

/**
 * Reads a policy file. Stricter than the specification in two points: it is UTF-8 and not any octets, and a key may not
 * be both a log's and a witness's, which could then vouch for itself.
 * Throws `LogError` `policy-malformed`, the line number in its message.
 */
export function parsePolicy(text: string): Policy {
  const reader = new PolicyReader()
  if (text.length > MAX_LENGTH || !text.isWellFormed()) throw malformed(1, 'it is too long or not UTF-8')
  // biome-ignore lint/suspicious/noControlCharactersInRegex: §«Character set» allows tab and newline alone
  if (/[\u0000-\u0008\u000b-\u001f\u007f]/.test(text)) throw malformed(1, 'it holds control characters')
  if (!text.endsWith('\n')) throw malformed(text.split('\n').length, 'the last line does not end')
  for (const [i, line] of text.slice(0, -1).split('\n').entries()) {
    const items = line.split(/[ \t]+/).filter(item => item !== '')
    if (items.length > 0 && !items[0]?.startsWith('#')) reader.take(i + 1, items)
  }
  return reader.finish()
}

class PolicyReader {
  readonly #logs: PolicyLog[] = []
  readonly #witnesses: PolicyWitness[] = []
  readonly #groups: PolicyGroup[] = []
  #quorum: string | null = null
  readonly #names = new Set<string>()
  readonly #members = new Set<string>()
  readonly #keys = new Set<string>()

  take(line: number, [keyword, ...items]: string[]): void {
    switch (keyword) {
      case 'log':
        this.#log(line, items)
        break
      case 'witness':
        this.#witness(line, items)
        break
      case 'group':
        this.#group(line, items)
        break
      case 'quorum':
        this.#takeQuorum(line, items)
        break
      default:
        throw malformed(line, 'it starts with none of log, witness, group, quorum')
    }
    if ([this.#logs, this.#witnesses, this.#groups].some(list => list.length > MAX_EACH)) {
      throw malformed(line, `there are more than ${MAX_EACH} of a kind`)
    }
  }

  finish(): Policy {
    if (this.#quorum === null) throw malformed(0, 'there is no quorum line')
    return { logs: this.#logs, witnesses: this.#witnesses, groups: this.#groups, quorum: this.#quorum }
  }

  #log(line: number, [vkey, url, ...rest]: string[]): void {
    if (vkey === undefined || rest.length > 0) throw malformed(line, 'it is not: log <vkey> [<url>]')
    const key = this.#key(line, vkey)
    if (key.type === 'ed25519Cosignature') throw malformed(line, 'a log signs with a key of type 0x01 or 0x06')
    this.#logs.push(url === undefined ? { key } : { key, url })
  }

  #witness(line: number, [name, vkey, url, ...rest]: string[]): void {
    if (name === undefined || vkey === undefined || rest.length > 0) {
      throw malformed(line, 'it is not: witness <name> <vkey> [<url>]')
    }
    this.#define(line, name)
    const key = this.#key(line, vkey)
    if (!isCosignerKey(key)) throw malformed(line, 'a witness signs with a key of type 0x04 or 0x06')
    this.#witnesses.push(url === undefined ? { name, key } : { name, key, url })
  }

  #group(line: number, [name, rule, ...members]: string[]): void {
    if (name === undefined || rule === undefined || members.length === 0) {
      throw malformed(line, 'it is not: group <name> all|any|<k> <name>…')
    }
    for (const member of members) {
      if (!this.#names.has(member)) throw malformed(line, 'a member is not defined before')
      if (this.#members.has(member)) throw malformed(line, 'a member is listed a second time')
      this.#members.add(member)
    }
    this.#define(line, name)
    const threshold =
      rule === 'all' ? members.length : rule === 'any' ? 1 : /^[1-9][0-9]{0,8}$/.test(rule) ? Number(rule) : 0
    if (threshold < 1 || threshold > members.length) throw malformed(line, 'its threshold is not 1 to its members')
    this.#groups.push({ name, threshold, members })
  }

  #takeQuorum(line: number, [name, ...rest]: string[]): void {
    if (name === undefined || rest.length > 0) throw malformed(line, 'it is not: quorum <name>')
    if (this.#quorum !== null) throw malformed(line, 'there is a second quorum line')
    if (name !== 'none' && !this.#names.has(name)) throw malformed(line, 'the quorum is not defined before')
    this.#quorum = name
  }

  #define(line: number, name: string): void {
    if (name === 'none') throw malformed(line, 'the name none is taken')
    if (this.#names.has(name)) throw malformed(line, 'the name is defined a second time')
    this.#names.add(name)
  }

  #key(line: number, vkey: string): NoteKey {
    let key: NoteKey
    try {
      key = parseVkey(vkey)
    } catch (cause) {
      throw malformed(line, 'the key is not a vkey', cause)
    }
    // §«Public key representation»: the same underlying key under another name is a duplicate.
    const material = toHex(key.key.bytes)
    if (this.#keys.has(material)) throw malformed(line, 'the key is listed a second time')
    this.#keys.add(material)
    return key
  }
}

/** The file of a policy; `parsePolicy` of it gives the same. */
export function formatPolicy({ logs, witnesses, groups, quorum }: Policy): string {
  const url = (item: { url?: string }): string[] => (item.url === undefined ? [] : [item.url])
  const lines = [
    ...logs.map(log => ['log', formatVkey(log.key), ...url(log)]),
    ...witnesses.map(witness => ['witness', witness.name, formatVkey(witness.key), ...url(witness)]),
    ...groups.map(({ name, threshold, members }) => ['group', name, String(threshold), ...members]),
    ['quorum', quorum],
  ]
  return lines.map(items => `${items.join(' ')}\n`).join('')
}

/** What `makePolicy` is told. */
export interface PolicyParties {
  /** All keys of the log. */
  readonly log: { readonly keys: readonly NoteKey[]; readonly url?: string }
  /** Each with all its keys, all of which must cosign for the witness to count. */
  readonly witnesses: readonly {
    readonly name: string
    readonly keys: readonly CosignerKey[]
    readonly url?: string
  }[]
  /** How many of the witnesses must have cosigned, 0 for none. */
  readonly threshold: number
}

/**
 * The policy of a deployment: one log, and so many of these witnesses, each with both its keys. A witness `w` becomes
 * the lines `w-0x04` and `w-0x06` and the group `w`. Throws `LogError` `policy-malformed` where the file would.
 */
export function makePolicy({ log, witnesses, threshold }: PolicyParties): Policy {
  const at = (url: string | undefined) => (url === undefined ? {} : { url })
  const suffix = { ed25519Cosignature: '0x04', mlDsa44Cosignature: '0x06' }
  const lines = witnesses.flatMap(({ name, keys, url }) =>
    keys.map(key => ({ name: `${name}-${suffix[key.type]}`, key, ...at(url) })),
  )
  const groups: PolicyGroup[] = witnesses.map(({ name, keys }) => ({
    name,
    threshold: keys.length,
    members: keys.map(key => `${name}-${suffix[key.type]}`),
  }))
  if (threshold > 0) groups.push({ name: 'quorum', threshold, members: witnesses.map(({ name }) => name) })
  const logs = log.keys.map(key => ({ key, ...at(log.url) }))
  const quorum = threshold > 0 ? 'quorum' : 'none'
  return parsePolicy(formatPolicy({ logs, witnesses: lines, groups, quorum }))
}

/** Whether the witnesses of these names (of this policy) meet its quorum. */
export function meetsQuorum(policy: Policy, witnesses: ReadonlySet<string>): boolean {
  if (policy.quorum === 'none') return true
  const met = new Set(policy.witnesses.map(({ name }) => name).filter(name => witnesses.has(name)))
  for (const { name, threshold, members } of policy.groups) {
    if (members.filter(member => met.has(member)).length >= threshold) met.add(name)
  }
  return met.has(policy.quorum)
}

function malformed(line: number, why: string, cause?: unknown): LogError {
  return new LogError(`Not a log policy, line ${line}: ${why}`, { code: 'policy-malformed', cause })
}
