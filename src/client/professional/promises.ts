/**
 * A receipt is the host's promise that an act will be in the log within a minute. Later, at the next connection, the
 * workstation holds the host to it: each entry is looked up in the tree, the proof is kept for ever, and a promise that
 * was broken is evidence.
 */
import { LogError } from '../../log/errors.ts'
import { EntryLeaf } from '../../protocol/messages.ts'
import { VerificationError } from '../errors.ts'
import type { Host } from '../http.ts'
import type { LogView } from '../log-view.ts'
import type { ReceiptLine, Workstation } from './workstation.ts'

/** Receipts looked up at one connection; the rest waits for the next. */
const AT_ONCE = 64

/**
 * Looks up receipts not yet proved, oldest first. Each whose entry stands in a checkpoint that a quorum of witnesses
 * cosigned gets its `.tlog-proof` file and is done; one that is not due yet, or that too few witnesses have seen, waits.
 * Throws `VerificationError` `receipt-not-honoured` for one that was due and is not in the tree, or whose proof does not
 * hold: receipt, checkpoint and what was answered are kept as evidence.
 */
export async function followPromises(workstation: Workstation, host: Host, log: LogView): Promise<void> {
  const pending = await workstation.pendingReceipts()
  let honoured = 0
  try {
    for (const [i, line] of pending.slice(0, AT_ONCE).entries()) {
      const proved = await isProved(workstation, host, { line, log })
      // What waits holds up no other: a promise broken behind it is still found. Only the first ones are done with.
      if (proved && honoured === i) honoured++
    }
  } finally {
    if (honoured > 0) await workstation.markHonoured(honoured)
  }
}

interface Promised {
  readonly line: ReceiptLine
  readonly log: LogView
}

async function isProved(workstation: Workstation, host: Host, promised: Promised): Promise<boolean> {
  const { line, log } = promised
  const { leaf } = await host.call({ method: 'GET', path: `/v1/entries/${line.entry}`, answer: EntryLeaf })
  if (leaf !== null && leaf < log.tree.size) {
    const proof = await proofOf(workstation, promised, leaf)
    if (proof === null) return false
    await workstation.keepProof(line.entry, proof)
    return true
  }
  // The log was read before the leaf was asked for, so an entry may be newer than the tree at hand.
  if (Date.parse(line.integrateBy) > workstation.clock().getTime()) return false
  throw await broken(workstation, promised, { leaf })
}

async function proofOf(workstation: Workstation, promised: Promised, leaf: number): Promise<string | null> {
  try {
    return await promised.log.proveEntry(promised.line.entry, leaf)
  } catch (error) {
    // Another leaf than the entry's: the host names a place where something else stands.
    if (!LogError.is(error, 'inclusion-proof')) throw error
    throw await broken(workstation, promised, { leaf }, error)
  }
}

async function broken(
  workstation: Workstation,
  { line, log }: Promised,
  answered: EntryLeaf,
  cause?: unknown,
): Promise<VerificationError> {
  const evidence = { receipt: line.receipt, checkpoint: log.checkpoint, answered }
  const path = await workstation.keepEvidence('receipt-not-honoured', evidence)
  return new VerificationError(
    `The host promised to log ${line.action} of ${line.t} and has not. Receipt and checkpoint are kept in ${path}: send it to the programme and to an auditor`,
    { code: 'receipt-not-honoured', evidence, ...(cause === undefined ? {} : { cause }) },
  )
}
