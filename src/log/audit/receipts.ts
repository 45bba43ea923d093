import { CoffreError } from '../../crypto/errors.ts'
import { entryHash } from '../entry.ts'
import { verifyReceipt } from '../receipt.ts'
import type { Case } from './case.ts'
import type { Growth } from './growth.ts'

/** What receipts came to. */
export interface ReceiptCount {
  readonly honoured: number
  /** Receipts whose entry is not there, and not due yet. */
  readonly due: number
  /** Lines that are no receipt of this host. */
  readonly foreign: number
}

/** Looks for the entry of each receipt in the tree. `now`: when the store is said to be whole. */
export async function checkReceipts(
  audited: Case,
  { growth, receipts, now }: { growth: Growth; receipts: AsyncIterable<string> | Iterable<string>; now: Date },
): Promise<ReceiptCount> {
  const { deployment, hostKey } = audited.trust
  const count = { honoured: 0, due: 0, foreign: 0 }
  for await (const text of receipts) {
    const receipt = await verifyReceipt(text, { deployment, hostKey }).catch(error => {
      if (CoffreError.is(error)) return null
      throw error
    })
    if (receipt === null) {
      count.foreign++
      continue
    }
    const { entryHash: hash, integrateBy } = receipt.payload
    const entry = await audited.source.entryByHash(hash)
    const isThere = entry !== null && entryHash(entry) === hash
    if (isThere && entry.seq < growth.signedSize) count.honoured++
    else if (now.getTime() < Date.parse(integrateBy)) count.due++
    else {
      const where = isThere ? 'is not in the tree' : 'is not in the store'
      const message = `The entry of a receipt that was due by ${integrateBy} ${where}`
      const checkpoint = growth.newest?.note ?? null
      audited.findings.add('receipt-not-honoured', message, {}, { receipt: text, checkpoint })
    }
  }
  return count
}
