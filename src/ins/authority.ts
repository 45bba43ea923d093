/** The INS authority's daily work: a list of certified numbers in, a list of INSs out. */
import type { Bytes } from '../crypto/bytes.ts'
import { CoffreError } from '../crypto/errors.ts'
import type { Ins } from '../protocol/ids.ts'
import { AUTHORITY_COLUMNS, CERTIFIED_COLUMNS, certifiedLine } from './certified-list.ts'
import { type CsvRecord, readCsv } from './csv.ts'
import type { Assignment, Register } from './register.ts'

/** What came of one line. `carried`: the columns that the authority did not read, by name, in order. */
export type DerivedLine =
  | {
      readonly line: number
      readonly ins: Ins
      readonly outcome: Assignment['outcome']
      readonly carried: ReadonlyMap<string, string>
    }
  | { readonly line: number; readonly refusal: CoffreError }

/** What a batch needs. */
export interface BatchOptions {
  readonly source: AsyncIterable<Bytes> | Iterable<Bytes>
  readonly register: Register
  /** A certification dated later is refused. */
  readonly now: Date
}

/** Lines that share one durable write: one sync a thousand lines, and only so many lines in memory. */
const LINES_PER_WRITE = 1000

/**
 * Derives a batch, whatever its length in the same memory. An INS is yielded only once the register holds it on disk;
 * an interrupted batch is simply run again, and gives the same INSs. A line that cannot be derived is yielded with
 * its refusal (`NirError`, `ListError`, `RegisterError`) and the next ones go on; a file that is not CSV throws
 * `CsvError`.
 */
export async function* deriveBatch({ source, register, now }: BatchOptions): AsyncGenerator<DerivedLine> {
  let pending: CsvRecord[] = []
  const flush = () => {
    const batch = pending
    pending = []
    return register.write(() => batch.map(record => deriveLine(record, register, now)))
  }
  for await (const record of readCsv(source, { required: CERTIFIED_COLUMNS })) {
    pending.push(record)
    if (pending.length === LINES_PER_WRITE) yield* flush()
  }
  yield* flush()
}

function deriveLine(record: CsvRecord, register: Register, now: Date): DerivedLine {
  try {
    const { line, nir, formerNir } = certifiedLine(record, now)
    const carried = new Map([...record.fields].filter(([name]) => !AUTHORITY_COLUMNS.includes(name)))
    return { line, ...register.assign(nir, { replaces: formerNir }), carried }
  } catch (error) {
    if (!(error instanceof CoffreError)) throw error
    return { line: record.line, refusal: error }
  }
}
