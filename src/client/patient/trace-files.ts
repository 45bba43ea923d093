/** The patient's own export of the trace: what is in it, and under which name (docs/protocol/trace-export.md). */
import { z } from 'zod'
import type { Bytes } from '../../crypto/bytes.ts'
import { CompartmentId, DeploymentId, Hash, Instant, RecordId, StatementText } from '../../protocol/ids.ts'
import { StateSets } from '../../protocol/record.ts'

/** Entries in one export; a life of acts is fewer. */
const ENTRIES_MAX = 10_000_000

/** `record.json`: whose trace it is, and what its end must be. Nothing of it is believed before it is verified. */
export const TraceRecord = z.strictObject({
  v: z.literal(1),
  deployment: DeploymentId,
  recordId: RecordId,
  made: Instant,
  entries: z.int().min(1).max(ENTRIES_MAX),
  /** The insurer's word for the code that the record was opened with. */
  registration: StatementText,
  identity: StatementText,
  /** The identities before it, the first one first, each with its letter; left out where there is none. */
  earlier: z
    .array(z.strictObject({ identity: StatementText, registration: StatementText }))
    .min(1)
    .max(255)
    .optional(),
  /** The same for the code that it was activated with; null where the exporting device does not know it. */
  activation: StatementText.nullable(),
  /** Orders by which events were erased, by their hashes; left out where there is none. */
  erasures: z.array(Hash).min(1).max(64).optional(),
  /** The state in force at the end, with what stands behind its roots. */
  state: StatementText,
  sets: StateSets,
  masked: CompartmentId,
})
export type TraceRecord = z.infer<typeof TraceRecord>

/** A file of an export, by its path in it. */
export interface TraceFile {
  readonly path: string
  readonly content: string | Bytes
}

/** Where a verifier finds the files of an export; null for one that is not there. */
export interface TraceFolder {
  read(path: string): Promise<string | null>
}

export const RECORD_PATH = 'record.json'
export const CHECKPOINT_PATH = 'checkpoint'
export const README_PATH = 'README.txt'
/** The folder of one entry, and its files. */
export const entryPath = (n: number, name: string): string => `entries/${String(n).padStart(8, '0')}/${name}`
export const PROOF_NAME = 'proof.tlog-proof'
export const keyPath = (hash: Hash): string => `keys/${hash}.json`
/** What shows that the events of a range were erased lawfully: a `ShownErasure`, by its order's hash. */
export const erasurePath = (order: string): string => `erasures/${order}.json`
export const grantPath = (hash: string): string => `grants/${hash}.jws`
export const placementPath = (hash: Hash): string => `placements/${hash}.jws`
