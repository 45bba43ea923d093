/** What `coffre host check` looks at; each check yields what it found wrong, with what to do. */
import { createPrivateKey, X509Certificate } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { isOpaqueSetup } from '../../api/sign-in.ts'
import { fromBase64url, toBase64url } from '../../crypto/bytes.ts'
import { CoffreError } from '../../crypto/errors.ts'
import { VerifyKey } from '../../crypto/sign.ts'
import { parseCertificate } from '../../crypto/x509.ts'
import { BlockTree } from '../../log/block-tree.ts'
import { logKeys } from '../../log/checkpoint.ts'
import { formatVkey } from '../../log/note.ts'
import { parsePolicy } from '../../log/policy.ts'
import { peek } from '../../log/verified.ts'
import type { Hash } from '../../protocol/ids.ts'
import { Deposit, StatementTyp } from '../../protocol/statements.ts'
import { FileBodies } from '../../vault/bodies/files.ts'
import { readBody } from '../../vault/bodies/small.ts'
import { hashOf } from '../../vault/hash-of.ts'
import type { Store, Tx } from '../../vault/store/store.ts'
import { type HostConfig, type HostKeys, pemBlocks, readCrls } from './config.ts'

/** Something wrong. `what` and `next` are sentences without a full stop at the end. */
export interface Finding {
  readonly check: 'permissions' | 'keys' | 'certificates' | 'lists' | 'store' | 'bodies'
  readonly what: string
  readonly next: string
}

const DAY_MS = 24 * 60 * 60 * 1000
/** The server's certificate should be renewed this long before its end. */
const RENEW_BEFORE_MS = 14 * DAY_MS

/** Files and folders that others can read. */
export function checkPermissions({ keys, store, tls }: HostConfig): Finding[] {
  const files = [...(existsSync(keys) ? readdirSync(keys).map(name => join(keys, name)) : []), tls.key, store]
  return [...new Set(files)].filter(existsSync).flatMap(path => {
    const mode = statSync(path).mode & 0o777
    if ((mode & 0o077) === 0) return []
    const right = statSync(path).isDirectory() ? '700' : '600'
    const what = `${path} is open to others (mode ${mode.toString(8).padStart(4, '0')})`
    return [{ check: 'permissions', what, next: `chmod ${right} it, and ask who may have copied it` }]
  })
}

/** Private keys against what the anchors publish. */
export function checkKeys({ anchors }: HostConfig, { hostKey, log, opaqueSetup }: HostKeys): Finding[] {
  const findings: Finding[] = []
  const next = 'restore the key that belongs to these anchors; clients refuse any other'
  if (!VerifyKey.parse(fromBase64url(anchors.hostKey)).equals(hostKey.verifyKey)) {
    findings.push({ check: 'keys', what: 'host.key is not the key that the anchors name for receipts', next })
  }
  const named = new Set(parsePolicy(anchors.policy).logs.map(({ key }) => formatVkey(key)))
  if (logKeys(log).some(key => !named.has(formatVkey(key)))) {
    findings.push({ check: 'keys', what: 'the log’s keys are not those of the anchors’ policy', next })
  }
  if (!isOpaqueSetup(opaqueSetup)) {
    const next = 'restore it from its copy: without it, no patient can sign in'
    findings.push({ check: 'keys', what: 'opaque.setup is malformed', next })
  }
  return findings
}

/** The server's certificate: its key, its authority, its dates. */
export function checkCertificate({ anchors, tls }: HostConfig, { tlsKey }: HostKeys, at: Date): Finding[] {
  const findings: Finding[] = []
  const add = (what: string, next: string) => findings.push({ check: 'certificates', what, next })
  const [der] = pemBlocks(readFileSync(tls.certificate, 'utf8'), 'CERTIFICATE')
  if (der === undefined) {
    add(`${tls.certificate} holds no certificate`, 'put the server’s certificate there, leaf first')
    return findings
  }
  const { notBefore, notAfter } = parseCertificate(der)
  const leaf = new X509Certificate(der)
  if (!leaf.checkPrivateKey(createPrivateKey(tlsKey))) {
    add(`${tls.key} is not the key of ${tls.certificate}`, 'put both files of one issue there')
  }
  const authority = new X509Certificate(anchors.serverAuthority)
  const isLast = pemBlocks(readFileSync(tls.certificate, 'utf8'), 'CERTIFICATE').length === 1
  if (isLast && !leaf.verify(authority.publicKey)) {
    add('the server’s certificate is not of the anchors’ authority', 'have it issued by that authority')
  }
  if (at < notBefore || at >= notAfter) {
    add(`the server’s certificate is out of its dates (ends ${notAfter.toISOString()})`, 'renew it now')
  } else if (notAfter.getTime() - at.getTime() < RENEW_BEFORE_MS) {
    add(`the server’s certificate ends soon (${notAfter.toISOString()})`, 'renew it')
  }
  return findings
}

/** The card authorities' roots and the revocation lists. */
export function checkLists({ anchors, crls }: HostConfig, at: Date): Finding[] {
  const findings: Finding[] = []
  const add = (what: string, next: string) => findings.push({ check: 'lists', what, next })
  for (const pem of anchors.cardAuthorities) {
    for (const { notAfter } of pemBlocks(pem, 'CERTIFICATE').map(parseCertificate)) {
      if (at >= notAfter) add(`a card authority of the anchors ended ${notAfter.toISOString()}`, 'publish new anchors')
    }
  }
  const lists = readCrls(crls)
  if (lists.length === 0) add(`there is no revocation list in ${crls}`, 'fetch those of the card authorities')
  for (const { nextUpdate, hash } of lists) {
    if (at < nextUpdate) continue
    const name = toBase64url(hash).slice(0, 8)
    add(`revocation list ${name}… is past its next update (${nextUpdate.toISOString()})`, 'fetch the new one')
  }
  return findings
}

/** The database's own check. */
export function checkStore({ read }: Pick<Store, 'read'>): Finding[] {
  const faults = faultsOf(read)
  if (faults === 0) return []
  const next = 'stop the host, keep these files, restore the last backup beside them and compare'
  return [{ check: 'store', what: `the database is damaged (${faults} faults)`, next }]
}

/** Whether a database is so damaged that not even the check can go on. */
export function isDamage(error: unknown): boolean {
  return error instanceof Error && 'code' in error && /^SQLITE_(CORRUPT|NOTADB)/.test(String(error.code))
}

function faultsOf(read: Store['read']): number {
  try {
    const rows = read.all<{ integrity_check: string }>('PRAGMA integrity_check')
    return rows.filter(({ integrity_check }) => integrity_check !== 'ok').length
  } catch (error) {
    if (isDamage(error)) return 1
    throw error
  }
}

interface DocumentRow {
  readonly document: string
  readonly deposit: string
  readonly placement: string | null
  readonly manifest: string
  readonly envelope: string
}

/** Every document's parts, hashed again and compared with what its author signed. Bodies are read once, in pieces. */
export async function checkBodies(
  config: HostConfig,
  store: Pick<Store, 'read'>,
  progress: (done: number, total: number) => void,
): Promise<{ documents: number; findings: Finding[] }> {
  const findings: Finding[] = []
  const files = new FileBodies(config.store)
  const rows = store.read.all<DocumentRow>(
    'SELECT document, deposit, placement, manifest, envelope FROM documents ORDER BY position',
  )
  for (const [i, row] of rows.entries()) {
    progress(i, rows.length)
    const deposit = peek(row.deposit, { typ: StatementTyp.deposit, schema: Deposit })
    const isWhole =
      hashOf(row.manifest) === deposit.manifest &&
      (row.placement !== null || hashOf(row.envelope) === deposit.envelope) &&
      (await rootOf({ tx: store.read, files }, deposit)) === deposit.bodyRoot
    if (isWhole) continue
    const what = `document ${row.document} is not what its author signed`
    findings.push({ check: 'bodies', what, next: 'restore its files from a backup; readers refuse it as it is' })
  }
  progress(rows.length, rows.length)
  return { documents: rows.length, findings }
}

/** Body root of what is on the disk; null when it cannot be read to its length. */
async function rootOf(where: { readonly tx: Tx; readonly files: FileBodies }, deposit: Deposit): Promise<Hash | null> {
  const { bodyRoot: body, bodyLength: whole } = deposit
  const tree = new BlockTree()
  try {
    for await (const bytes of readBody(where, { body, length: whole }, 0, whole)) tree.update(bytes)
  } catch (error) {
    if (CoffreError.is(error) || isFileError(error)) return null
    throw error
  }
  const { root, length } = tree.digest()
  return length === deposit.bodyLength ? (toBase64url(root) as Hash) : null
}

function isFileError(error: unknown): boolean {
  return error instanceof Error && 'code' in error && /^E[A-Z]+$/.test(String(error.code))
}
