/** What a client trusts before it talks to anyone: public, compiled in or read from one file. */
import { z } from 'zod'
import { DeploymentId, VerifyKeyField } from './ids.ts'

export const Anchors = z.strictObject({
  v: z.literal(1),
  deployment: DeploymentId,
  name: z.string().min(1).max(128),
  /** Only a development deployment honours another clock than the platform's. */
  development: z.boolean(),
  /** Where the host answers. */
  urls: z.strictObject({ patients: z.url(), professionals: z.url() }),
  /** PEM: the authority of the host's server certificates. */
  serverAuthority: z.string().max(8192),
  /** Ed25519 key that signs receipts. */
  hostKey: VerifyKeyField,
  /** Ed25519 key that signs registrations. */
  insurerKey: VerifyKeyField,
  /** PEM: roots of the card authorities (persons, organisations). */
  cardAuthorities: z.array(z.string().max(8192)).min(1).max(16),
  /** C2SP tlog-policy file: the log's and the witnesses' keys, and the quorum. */
  policy: z.string().max(64 * 1024),
  /** The log's origin line. */
  origin: z.string().min(1).max(255),
  /** Who may have events forgotten, and after how long at the earliest; without it nothing is ever erased lawfully. */
  erasure: z
    .strictObject({
      authority: z.string().min(1).max(128),
      key: VerifyKeyField,
      /** Days of witnessed age. */
      afterDays: z.int().min(1).max(36_525),
    })
    .optional(),
})
export type Anchors = z.infer<typeof Anchors>
