/** A generated store that the audit's figures share: its export for auditors, and its lines and requests in memory. */
import { createPublicKey, type KeyObject } from 'node:crypto'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { auditStore } from '../../src/cli/audit/run.ts'
import { openStoreSource } from '../../src/cli/audit/store-source.ts'
import type { Anchors } from '../../src/protocol/anchors.ts'
import { exportLog } from '../../src/vault/store/log-export.ts'
import { generateStore } from './generated-store.ts'

/** How much of a log: as long that what is done once, such as verifying cards and states, is as small a part as in use. */
export interface Made {
  readonly entries: number
  readonly records: number
}

export interface AuditedSample {
  readonly size: number
  audit(options: { readonly threads: number; readonly signatures: boolean }): Promise<void>
  /** Lines of the log: link and event of one entry after the other. */
  lines(): string[]
  /** Every signed request, with its signer's key ready. */
  requests(): { readonly message: Buffer; readonly signature: Buffer; readonly key: KeyObject }[]
  remove(): void
}

/** `COFFRE_BENCH_STORE` names a folder that `make-store.ts` made, of any size; else a store is made for this run. */
export async function auditedSample(made: Made): Promise<AuditedSample> {
  const given = process.env.COFFRE_BENCH_STORE
  const folder = given ?? mkdtempSync(join(tmpdir(), 'coffre-bench-store-'))
  if (!existsSync(join(folder, 'anchors.json'))) await generateStore(folder, made)
  const exported = join(folder, 'export')
  if (!existsSync(exported)) await exportLog({ from: join(folder, 'store'), to: exported, onProgress: () => {} })
  const store = join(folder, 'store')
  const anchors = JSON.parse(readFileSync(join(folder, 'anchors.json'), 'utf8')) as Anchors
  const source = openStoreSource(exported, { bodies: false })
  const size = await source.size()
  source.close()
  return {
    size,
    async audit(options) {
      const report = await auditStore(exported, { anchors, now: new Date(), bodies: false, ...options }, () => {})
      if (report.findings.length > 0) throw new Error(`A truthful store, and ${report.findings[0]?.message}`)
    },
    lines: () => read(store, database => rows(database).flatMap(({ link, event }) => [link, event])),
    requests: () => read(store, requestsOf),
    remove: () => given ?? rmSync(folder, { recursive: true }),
  }
}

function read<T>(store: string, work: (database: Database.Database) => T): T {
  const database = new Database(join(store, 'store.sqlite'), { readonly: true })
  try {
    return work(database)
  } finally {
    database.close()
  }
}

const rows = (database: Database.Database) =>
  database.prepare('SELECT link, event FROM entries ORDER BY seq LIMIT 30000').all() as {
    link: string
    event: string
  }[]

function requestsOf(database: Database.Database) {
  const keys = new Map<string, KeyObject>()
  const add = (table: 'identities' | 'keys') => {
    for (const { hash, key } of database.prepare(`SELECT hash, sign_key AS key FROM ${table}`).all() as {
      hash: string
      key: string
    }[]) {
      keys.set(hash, createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x: key }, format: 'jwk' }))
    }
  }
  add('identities')
  add('keys')
  return rows(database).flatMap(({ event }) => {
    const { actor, request } = JSON.parse(event) as {
      actor: { key?: string }
      request: { base: string; signature: string } | null
    }
    const key = keys.get(actor.key ?? '')
    if (request === null || key === undefined) return []
    return [{ message: Buffer.from(request.base), signature: Buffer.from(request.signature, 'base64url'), key }]
  })
}
