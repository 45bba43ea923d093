/** The file by which an audit that was interrupted goes on (`--state`). */
import { createHash } from 'node:crypto'
import { closeSync, existsSync, fsyncSync, openSync, readFileSync, renameSync, rmSync, writeSync } from 'node:fs'
import { z } from 'zod'
import type { AuditPosition } from '../../log/audit/audit.ts'
import { FINDINGS, type Finding, type FindingCode } from '../../log/audit/finding.ts'
import type { Anchors } from '../../protocol/anchors.ts'
import { UsageError } from '../command.ts'

/** Milliseconds between two writings. */
const EVERY_MS = 5000

const Place = z.int().min(0).optional()
const StoredFinding = z.strictObject({
  code: z.enum(Object.keys(FINDINGS) as [FindingCode, ...FindingCode[]]),
  group: z.string().max(64),
  message: z.string().max(4096),
  record: z.string().max(64).optional(),
  n: Place,
  seq: Place,
  evidence: z.unknown(),
  count: z.int().min(1),
})
const StoredPosition = z.strictObject({
  coffre: z.literal('audit-position/1'),
  /** Of the anchors and of what was asked: another question has another answer. */
  question: z.string().max(64),
  size: z.int().min(0),
  root: z.string().max(64),
  findings: z.array(StoredFinding).max(256),
})

export class PositionFile {
  readonly #file: string
  readonly #question: string
  readonly #everyMs: number
  #writtenAt = performance.now()

  constructor(
    file: string,
    { anchors, signatures }: { readonly anchors: Anchors; readonly signatures: boolean },
    everyMs = EVERY_MS,
  ) {
    this.#file = file
    this.#everyMs = everyMs
    this.#question = createHash('sha256')
      .update(JSON.stringify([anchors, signatures]))
      .digest('base64url')
  }

  /** Where the audit before this one stopped; null when there was none. Throws `UsageError`. */
  read(): AuditPosition | null {
    if (!existsSync(this.#file)) return null
    const position = StoredPosition.safeParse(parsed(readFileSync(this.#file, 'utf8')))
    if (!position.success)
      throw new UsageError(`${this.#file} is not the state of an audit: give another name to --state`)
    const { question, size, root, findings } = position.data
    if (question !== this.#question) {
      throw new UsageError(`${this.#file} belongs to an audit with other anchors or options: remove it to begin anew`)
    }
    return { size, root, findings: findings as Finding[] }
  }

  /** Keeps a position, now and then. */
  keep({ size, root, findings }: AuditPosition): void {
    const now = performance.now()
    if (now - this.#writtenAt < this.#everyMs) return
    this.#writtenAt = now
    const text = JSON.stringify({ coffre: 'audit-position/1', question: this.#question, size, root, findings })
    const scratch = `${this.#file}.new`
    const file = openSync(scratch, 'w', 0o600)
    try {
      writeSync(file, text)
      fsyncSync(file)
    } finally {
      closeSync(file)
    }
    renameSync(scratch, this.#file)
  }

  /** The audit came to its end. */
  remove(): void {
    rmSync(this.#file, { force: true })
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
