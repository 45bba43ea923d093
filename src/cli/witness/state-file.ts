/**
 * The one file of a witness: for each log, what it last cosigned. Losing it and starting with an empty one would let the
 * witness sign a fork, so nothing here makes one unasked.
 */
import {
  closeSync,
  constants,
  existsSync,
  fsyncSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { dirname, resolve } from 'node:path'
import { fromBase64, toBase64 } from '../../crypto/bytes.ts'
import { HASH_LENGTH } from '../../log/tree.ts'
import type { WitnessState } from '../../log/witness.ts'
import { WitnessError } from './errors.ts'

/** Locks held by this process: its own process id in a lock file is otherwise a leftover. */
const held = new Set<string>()

/** State of every log, in memory and on disk. One process at a time has it open. */
export class StateFile {
  readonly #path: string
  readonly #logs: Map<string, WitnessState>

  private constructor(path: string, logs: Map<string, WitnessState>) {
    this.#path = path
    this.#logs = logs
  }

  /**
   * Makes an empty state for a witness that has never signed.
   * Throws `WitnessError` `witness-state-exists` or `witness-state-unwritable`.
   */
  static create(path: string): void {
    try {
      writeDurably(path, encode(new Map()), { flag: 'wx' })
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code !== 'EEXIST') {
        throw new WitnessError(`${path} cannot be written: check its folder`, {
          code: 'witness-state-unwritable',
          cause,
        })
      }
      throw new WitnessError(`${path} is there already; a witness's state is never overwritten`, {
        code: 'witness-state-exists',
        cause,
      })
    }
    syncFolder(dirname(path))
  }

  /**
   * Opens the state and keeps others out of it (a lock file beside it) until `close`.
   * Throws `WitnessError` `witness-state-missing`, `witness-state-malformed` or `witness-state-locked`.
   */
  static open(file: string): StateFile {
    const path = resolve(file)
    if (!existsSync(path)) {
      throw new WitnessError(
        `${path} is missing: restore it, or give this witness a new name and new keys; without it, it could sign a fork`,
        { code: 'witness-state-missing' },
      )
    }
    lock(path)
    try {
      return new StateFile(path, decode(path, readFileSync(path, 'utf8')))
    } catch (error) {
      unlock(path)
      throw error
    }
  }

  /** What was last cosigned for a log; `null` for nothing. */
  get(origin: string): WitnessState | null {
    return this.#logs.get(origin) ?? null
  }

  /**
   * Durable when it returns: written beside, synced, renamed over, folder synced. When it throws, the old state may
   * still be the one on disk, so the caller sends no cosignature; in memory nothing has changed.
   */
  set(origin: string, state: WitnessState): void {
    const next = new Map(this.#logs).set(origin, state)
    const beside = `${this.#path}.new`
    writeDurably(beside, encode(next), { flag: 'w' })
    renameSync(beside, this.#path)
    syncFolder(dirname(this.#path))
    this.#logs.set(origin, state)
  }

  /** Lets others open it. */
  close(): void {
    unlock(this.#path)
  }
}

function encode(logs: ReadonlyMap<string, WitnessState>): string {
  const entries = [...logs].map(([origin, { size, root, time }]) => [origin, { size, root: toBase64(root), time }])
  return `${JSON.stringify({ v: 1, logs: Object.fromEntries(entries) }, null, 2)}\n`
}

function decode(path: string, text: string): Map<string, WitnessState> {
  try {
    const { v, logs, ...rest } = JSON.parse(text)
    if (v !== 1 || Object.keys(rest).length > 0 || typeof logs !== 'object' || logs === null)
      throw new TypeError('form')
    return new Map(
      Object.entries<{ size: unknown; root: unknown; time: unknown }>(logs).map(([origin, { size, root, time }]) => {
        if (!isCount(size) || !isCount(time) || typeof root !== 'string') throw new TypeError('form')
        const hash = fromBase64(root)
        if (hash.length !== HASH_LENGTH) throw new TypeError('form')
        return [origin, { size, root: hash, time }]
      }),
    )
  } catch (cause) {
    throw new WitnessError(`${path} is damaged: restore it; do not start this witness from an empty one`, {
      code: 'witness-state-malformed',
      cause,
    })
  }
}

const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0

function writeDurably(path: string, text: string, { flag }: { readonly flag: 'w' | 'wx' }): void {
  const file = openSync(path, flag, 0o600)
  try {
    writeFileSync(file, text)
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
}

function syncFolder(path: string): void {
  const folder = openSync(path, constants.O_RDONLY)
  try {
    fsyncSync(folder)
  } finally {
    closeSync(folder)
  }
}

function lock(path: string): void {
  const name = `${path}.lock`
  if (held.has(name) || isHeldByOther(name)) {
    throw new WitnessError(
      `${path} is in use by another process; stop it, or remove ${name} if you are sure there is none`,
      { code: 'witness-state-locked' },
    )
  }
  rmSync(name, { force: true })
  const file = openSync(name, 'wx', 0o600)
  writeSync(file, `${process.pid}\n`)
  closeSync(file)
  held.add(name)
}

function unlock(path: string): void {
  held.delete(`${path}.lock`)
  rmSync(`${path}.lock`, { force: true })
}

/** Whether a lock file names a process that lives and is not this one (which was killed before it could remove it). */
function isHeldByOther(name: string): boolean {
  if (!existsSync(name)) return false
  const pid = Number(readFileSync(name, 'utf8'))
  if (!Number.isInteger(pid) || pid < 1) return true
  if (pid === process.pid) return false
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH'
  }
}
