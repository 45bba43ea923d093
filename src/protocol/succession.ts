/** What is said on the wire of identities that follow one another (docs/protocol/recovery.md). */
import { z } from 'zod'
import { PublishedKey } from './directory.ts'
import { bytesField, Hash, Instant, NationalId, RecordId, StatementText } from './ids.ts'
import { EarlierIdentities, IdentityPaper, Slot, StateSets } from './record.ts'

const counter = z
  .int()
  .min(0)
  .max(2 ** 40 - 1)
/** One a compartment of the recovery, in its order. */
const seals = z
  .array(bytesField({ min: 1120, max: 2048 }))
  .min(1)
  .max(64)
/** A file of C2SP tlog-proof: the checkpoint in it may carry two signatures a witness. */
export const LogProof = z.string().max(256 * 1024)

/** Who a record's patient is. */
export const IdentityPapers = z.strictObject({
  recordId: RecordId,
  ...IdentityPaper.shape,
  earlier: EarlierIdentities,
})
export type IdentityPapers = z.infer<typeof IdentityPapers>

/** An entry, to who does not hold its chain: its event, the hash of its link, and a proof under a witnessed checkpoint. */
export const LoggedEvent = z.strictObject({
  event: z.string().max(64 * 1024),
  linkHash: Hash,
  /** In the first checkpoint that a quorum cosigned; null while there is none. */
  proof: LogProof.nullable(),
})
export type LoggedEvent = z.infer<typeof LoggedEvent>

/** A recovery, who signed it, and when it was entered. */
const EnteredRecovery = z.strictObject({ recovery: StatementText, key: PublishedKey, start: LoggedEvent })

/** By what right one identity follows another: the old one's word, or a professional's, and when that was entered. */
export const Succession = z.union([z.strictObject({ handover: StatementText }), EnteredRecovery])
export type Succession = z.infer<typeof Succession>

/** Every identity a record ever had, the first one first; where the entry that brought each in stands, and its right. */
export const IdentityVersions = z.strictObject({
  versions: z
    .array(
      z.strictObject({
        ...IdentityPaper.shape,
        entry: Hash,
        leaf: counter.nullable(),
        ...LoggedEvent.shape,
        /** Null of the first. */
        by: Succession.nullable(),
      }),
    )
    .max(256),
})
export type IdentityVersions = z.infer<typeof IdentityVersions>

/** The holder of a new opening letter proposes the identity that shall follow the one in force. */
export const IdentityProposal = z.strictObject({ identity: StatementText })
export type IdentityProposal = z.infer<typeof IdentityProposal>
export const IdentityProposed = z.strictObject({ recordId: RecordId })
export type IdentityProposed = z.infer<typeof IdentityProposed>

/** Identities that were proposed and are not in force. */
export const ProposedIdentities = z.strictObject({
  proposed: z
    .array(
      z.strictObject({
        ...IdentityPaper.shape,
        /** Professionals who vouched for it, the first one first. */
        vouched: z.array(z.strictObject({ by: NationalId, t: Instant })).max(64),
        stopped: z.boolean(),
      }),
    )
    .max(64),
})
export type ProposedIdentities = z.infer<typeof ProposedIdentities>

/** A professional vouches for a proposed identity and gives back what that professional holds. */
export const RecoveryStart = z.strictObject({ recovery: StatementText, seals })
export type RecoveryStart = z.infer<typeof RecoveryStart>

/** To the new identity when its time has come: what holds, and what was given back. */
export const RecoveredState = z.strictObject({
  state: StatementText,
  sets: StateSets,
  placements: z.array(StatementText).max(65536),
  recoveries: z
    .array(z.strictObject({ ...EnteredRecovery.shape, seals }))
    .min(1)
    .max(64),
})
export type RecoveredState = z.infer<typeof RecoveredState>

/** The new identity comes into force. */
export const IdentityChange = z.strictObject({
  by: z.union([z.strictObject({ recovery: Hash }), z.strictObject({ handover: StatementText })]),
  state: StatementText,
  sets: StateSets,
  bundle: bytesField({ min: 48, max: 1 << 20 }),
  /** The new kit's. */
  slots: z.array(Slot).length(1),
})
export type IdentityChange = z.infer<typeof IdentityChange>
