/** Bodies of the directory's requests and answers: working keys, published and taken back. */
import { z } from 'zod'
import { Hash, StatementText } from './ids.ts'

const counter = z
  .int()
  .min(0)
  .max(2 ** 40 - 1)

export const KeyPublish = z.strictObject({ statement: StatementText })
export type KeyPublish = z.infer<typeof KeyPublish>
export const KeyPublished = z.strictObject({ keyStatement: Hash, receipt: StatementText })
export type KeyPublished = z.infer<typeof KeyPublished>
export const KeyWithdraw = z.strictObject({ withdrawal: StatementText })
export type KeyWithdraw = z.infer<typeof KeyWithdraw>
/** A key statement, its withdrawal if there is one, and the revocation lists of its chain's authorities, DER in base64. */
export const PublishedKey = z.strictObject({
  statement: StatementText,
  withdrawal: StatementText.optional(),
  crls: z.array(z.string().max(2 << 20)).max(8),
})
export type PublishedKey = z.infer<typeof PublishedKey>
/** Every key statement a holder ever published, the first one first; where the entry of each stands in the tree. */
export const KeyVersions = z.strictObject({
  versions: z
    .array(
      z.strictObject({
        statement: StatementText,
        withdrawal: StatementText.optional(),
        entry: Hash,
        leaf: counter.nullable(),
      }),
    )
    .max(256),
  crls: z.array(z.string().max(2 << 20)).max(8),
})
export type KeyVersions = z.infer<typeof KeyVersions>
