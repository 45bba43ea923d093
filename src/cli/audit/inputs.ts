/** What the commands of an auditor are given: a store, anchors, receipts and checkpoints kept elsewhere. */
import { accessSync, constants, createReadStream, readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { createInterface } from 'node:readline'
import { CoffreError } from '../../crypto/errors.ts'
import type { AuditOptions } from '../../log/audit/audit.ts'
import { Anchors } from '../../protocol/anchors.ts'
import { type Arguments, listOption, requiredOption, textOption, UsageError } from '../command.ts'

/** The store that was named, once. Throws `UsageError`. */
export function storeOf(args: Arguments): string {
  const [positional] = args.positionals
  const option = textOption(args, 'store')
  if (positional !== undefined && option !== undefined) throw new UsageError('Give the store once, not twice')
  const folder = positional ?? option
  if (folder === undefined) throw new UsageError('Which store? Give its folder; see coffre audit verify --help')
  return folder
}

/** What is trusted, and what was kept elsewhere. Throws `UsageError`. */
export function readOptions(args: Arguments): Pick<AuditOptions, 'anchors' | 'seen' | 'receipts'> {
  const receipts = listOption(args, 'receipts')
  for (const file of receipts) requireReadable(file)
  return {
    anchors: readAnchors(requiredOption(args, 'anchors')),
    seen: listOption(args, 'checkpoint').map(file => ({ name: basename(file), signed: readText(file) })),
    ...(receipts.length === 0 ? {} : { receipts: linesOf(receipts) }),
  }
}

/** Throws `UsageError` `anchors-invalid`. */
export function readAnchors(file: string): Anchors {
  let value: unknown
  try {
    value = JSON.parse(readText(file))
  } catch (cause) {
    if (CoffreError.is(cause)) throw cause
    value = undefined
  }
  const anchors = Anchors.safeParse(value)
  if (anchors.success) return anchors.data
  throw new UsageError(`${file} does not hold anchors; fetch them again from the programme`, {
    code: 'anchors-invalid',
  })
}

/** Throws `UsageError` `file-unreadable`. */
export function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (cause) {
    throw notReadable(file, cause)
  }
}

/** Throws `UsageError` before the long work rather than after it. */
function requireReadable(file: string): void {
  try {
    accessSync(file, constants.R_OK)
  } catch (cause) {
    throw notReadable(file, cause)
  }
}

function notReadable(file: string, cause: unknown): UsageError {
  return new UsageError(`${file} cannot be read; check the path`, { code: 'file-unreadable', cause })
}

/** Receipts of some files: a statement a line, or JSON with a `receipt` or `text` member. */
async function* linesOf(files: readonly string[]): AsyncIterable<string> {
  for (const file of files) {
    const lines = createInterface({ input: createReadStream(file) })
    for await (const line of lines) {
      const text = line.trim()
      if (text !== '') yield text.startsWith('{') ? receiptIn(text) : text
    }
  }
}

function receiptIn(line: string): string {
  try {
    const { receipt, text } = JSON.parse(line) as { receipt?: unknown; text?: unknown }
    const found = receipt ?? text
    return typeof found === 'string' ? found : line
  } catch {
    return line
  }
}
