/** After the last entry: what the store holds and the log knows nothing of. */
import { toBase64url } from '../../crypto/bytes.ts'
import { CoffreError } from '../../crypto/errors.ts'
import { statementHash } from '../../crypto/statement.ts'
import type { Hash, RecordId } from '../../protocol/ids.ts'
import { State, StatementTyp } from '../../protocol/statements.ts'
import { peek } from '../verified.ts'
import type { Case } from './case.ts'
import { STATEMENT_KINDS } from './source.ts'

/** Statements that no entry, and no state, names. */
export async function checkStatements({ source, findings }: Case, vouched: ReadonlySet<string>): Promise<void> {
  for (const kind of STATEMENT_KINDS) {
    if (kind === 'state') continue
    for await (const { hash, statement, record } of source.statements(kind)) {
      if (vouched.has(hash)) continue
      const place = record === null ? {} : { record }
      findings.add('statement-unlogged', `The log knows nothing of the ${kind} ${hash}`, place, { kind, statement })
    }
  }
}

/** Of each record the states in the store are those that entries brought into force, the last one in force. */
export async function checkStates(
  { source, findings }: Case,
  inForce: (record: RecordId) => Hash | null,
): Promise<void> {
  let current: string | null = null
  let last: string | null = null
  const close = () => {
    if (current === null) return
    const due = inForce(current as RecordId)
    if (due === last) return
    const message = 'The newest state in the store is not the one in force'
    findings.add('state-unlogged', message, { record: current }, { newest: last, inForce: due })
  }
  for await (const { record, hash, statement } of source.statements('state')) {
    if (record !== current) {
      close()
      current = record
      last = null
    }
    if (previousOf(hash, statement) !== last) {
      const message = 'A state in the store was never in force'
      findings.add('state-unlogged', message, { record: record ?? '' }, { statement })
    }
    last = hash
  }
  close()
}

/** The hash of the state before; undefined when the text is no state, or not the one of its hash. */
function previousOf(hash: string, statement: string): string | null | undefined {
  try {
    if (toBase64url(statementHash(statement)) !== hash) return undefined
    return peek(statement, { typ: StatementTyp.state, schema: State }).prev
  } catch (error) {
    if (CoffreError.is(error)) return undefined
    throw error
  }
}
