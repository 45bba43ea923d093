import { createReadStream, existsSync } from 'node:fs'
import { open, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { StepError } from '../../client/errors.ts'
import { utf8 } from '../../crypto/bytes.ts'
import { type DerivedLine, deriveBatch } from '../../ins/authority.ts'
import { formatCsvRecord } from '../../ins/csv.ts'
import { InsKeyFile } from '../../ins/key-source.ts'
import { Register } from '../../ins/register.ts'
import { syncFolder } from '../../ins/secret-file.ts'
import { type Command, flag, requiredOption } from '../command.ts'

/** Refusals that are told one by one; of the others only the number, the file has them all. */
const TOLD = 20

/** What `coffre ins derive` answers. */
export interface Derived {
  readonly lines: number
  readonly derived: number
  /** Of `derived`: entered now, known before, given under a corrected or waiting number. */
  readonly outcomes: Readonly<Record<'new' | 'known' | 'corrected', number>>
  readonly refused: number
  /** The first refusals. */
  readonly refusals: readonly { readonly line: number; readonly code: string; readonly message: string }[]
  readonly out: string
  /** Where all refusals are; null when there is none. */
  readonly refusedFile: string | null
}

export const command: Command = {
  name: 'ins derive',
  summary: 'derive the INS of certified NIRs',
  help: `
Reads a CSV of certified numbers and writes the same lines with the INS in place of the numbers. For the INS
authority only: the key K makes the INS impossible to guess, and the register keeps two people from sharing one.

Columns of the input, named in its first line: nir (with its key), certified_on (YYYY-MM-DD), certified_by (who
certified it), and former_nir where a number replaces another (a waiting number, a corrected NIR): the INS stays.
All other columns are carried over unread. A line that is not in order is refused with the part that is wrong, and
goes to OUT.refused.csv; its number is never repeated. Running the same list again gives the same INSs.

  coffre ins derive --key ins.key --register ins.register --in people.csv --out ins.csv
  coffre ins derive --create-key --key ins.key …      the very first time: makes K (mode 0600), never overwrites one
`,
  options: {
    key: { type: 'string', value: 'FILE', required: true, description: 'the authority’s key K, mode 0600' },
    register: { type: 'string', value: 'FILE', required: true, description: 'the register; made when it is not there' },
    in: { type: 'string', value: 'CSV', required: true, description: 'certified numbers' },
    out: { type: 'string', value: 'CSV', required: true, description: 'where the INSs go, replaced when done' },
    'create-key': { type: 'boolean', description: 'make a new key when --key is not there' },
  },
  async run(args, io): Promise<Derived> {
    const path = requiredOption(args, 'in')
    const out = requiredOption(args, 'out')
    const keyPath = requiredOption(args, 'key')
    if (!existsSync(path))
      throw new StepError(`${path} is not there: give the list with --in`, { code: 'list-missing' })
    const create = flag(args, 'create-key') && !existsSync(keyPath)
    const key = create ? InsKeyFile.create(keyPath) : InsKeyFile.read(keyPath)
    try {
      const register = Register.open(requiredOption(args, 'register'), key)
      try {
        const batch = deriveBatch({ source: createReadStream(path), register, now: io.clock() })
        const result = await writeBatch(batch, out)
        const { outcomes } = result
        io.print(
          `${result.derived} INSs derived (${outcomes.new} new, ${outcomes.known} known, ${outcomes.corrected} kept under a replaced number) → ${out}`,
        )
        for (const { line, message, code } of result.refusals) io.print(`line ${line} refused: ${message} (${code})`)
        if (result.refused > TOLD) io.print(`… and ${result.refused - TOLD} more, in ${result.refusedFile}`)
        return result
      } finally {
        register.close()
      }
    } finally {
      key.close()
    }
  },
}

async function writeBatch(batch: AsyncIterable<DerivedLine>, out: string): Promise<Derived> {
  const refusedFile = out.replace(/(\.csv)?$/, '.refused.csv')
  const derivedLines = await LineFile.create(out)
  const refusedLines = await LineFile.create(refusedFile)
  try {
    return await writeLines(batch, { derivedLines, refusedLines, out, refusedFile })
  } finally {
    await derivedLines.abandon()
    await refusedLines.abandon()
  }
}

interface Files {
  readonly derivedLines: LineFile
  readonly refusedLines: LineFile
  readonly out: string
  readonly refusedFile: string
}

async function writeLines(
  batch: AsyncIterable<DerivedLine>,
  { derivedLines, refusedLines, out, refusedFile }: Files,
): Promise<Derived> {
  const outcomes = { new: 0, known: 0, corrected: 0 }
  const refusals: { line: number; code: string; message: string }[] = []
  let refused = 0
  let hasHeader = false
  await refusedLines.write(['line', 'code', 'message'])
  for await (const result of batch) {
    if ('refusal' in result) {
      const { code, message } = result.refusal
      refused++
      if (refusals.length < TOLD) refusals.push({ line: result.line, code, message })
      await refusedLines.write([String(result.line), code, message])
      continue
    }
    if (!hasHeader) await derivedLines.write(['ins', ...result.carried.keys()])
    hasHeader = true
    outcomes[result.outcome]++
    await derivedLines.write([result.ins, ...result.carried.values()])
  }
  if (!hasHeader) await derivedLines.write(['ins'])
  await derivedLines.finish()
  await refusedLines.finish()
  const derived = outcomes.new + outcomes.known + outcomes.corrected
  return {
    lines: derived + refused,
    derived,
    outcomes,
    refused,
    refusals,
    out,
    refusedFile: refused ? refusedFile : null,
  }
}

/** A file that appears whole and durable, or not at all; readable by its owner alone, since it holds INSs. */
class LineFile {
  readonly #path: string
  readonly #file: Awaited<ReturnType<typeof open>>
  #pending: string[] = []
  #isFinished = false

  private constructor(path: string, file: Awaited<ReturnType<typeof open>>) {
    this.#path = path
    this.#file = file
  }

  static async create(path: string): Promise<LineFile> {
    return new LineFile(path, await open(`${path}.part`, 'w', 0o600))
  }

  async write(fields: readonly string[]): Promise<void> {
    this.#pending.push(formatCsvRecord(fields))
    if (this.#pending.length >= 1000) await this.#flush()
  }

  async finish(): Promise<void> {
    await this.#flush()
    await this.#file.sync()
    await this.#file.close()
    this.#isFinished = true
    await rename(`${this.#path}.part`, this.#path)
    syncFolder(dirname(this.#path))
  }

  /** Closes and removes what was not finished; nothing after `finish`. */
  async abandon(): Promise<void> {
    if (this.#isFinished) return
    await this.#file.close()
    await rm(`${this.#path}.part`, { force: true })
  }

  async #flush(): Promise<void> {
    await this.#file.write(utf8(this.#pending.join('')))
    this.#pending = []
  }
}
