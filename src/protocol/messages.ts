/**
 * Bodies of API requests and answers, one pair a route. docs/protocol/api.md lists the routes.
 * Answers are schemas too: a client parses what the host says like any input from outside.
 */
import { z } from 'zod'
import { ActingPerson } from './entry.ts'
import {
  bytesField,
  CompartmentId,
  Hash,
  Ins,
  Instant,
  NationalId,
  RecordId,
  RequestId,
  SealKeyField,
  SessionId,
  SlotId,
  StatementText,
  UploadId,
} from './ids.ts'
import { EarlierIdentities, SetProof, Slot, StateSets, StoredDocument } from './record.ts'
import { LoggedEvent, LogProof } from './succession.ts'

const receipt = StatementText
const opaqueMessage = bytesField({ min: 16, max: 2048 })
/** ≤ 1 MiB: identity and compartment secrets, padded. */
const bundle = bytesField({ min: 48, max: 1 << 20 })
const counter = z
  .int()
  .min(0)
  .max(2 ** 40 - 1)

export const Receipted = z.strictObject({ receipt })
export type Receipted = z.infer<typeof Receipted>

/** A closed record, and when the host destroys it unless it is opened again. */
export const Closed = z.strictObject({ receipt, destroyedAt: Instant })
export type Closed = z.infer<typeof Closed>

// ── registrations and openings (insurer) ────────────────────────────────────
export const RegistrationImport = z.strictObject({
  registration: StatementText,
  ins: Ins,
  salt: bytesField({ exactly: 32 }),
})
export type RegistrationImport = z.infer<typeof RegistrationImport>
export const RegistrationImported = z.strictObject({ registration: Hash, receipt })
export type RegistrationImported = z.infer<typeof RegistrationImported>
/** What stands under the public key of a mailed code, for its holder. */
export const RegistrationFound = z.strictObject({ registration: StatementText, salt: bytesField({ exactly: 32 }) })
export type RegistrationFound = z.infer<typeof RegistrationFound>
export const OpeningsQuery = z.strictObject({ after: counter })
export type OpeningsQuery = z.infer<typeof OpeningsQuery>
export const Openings = z.strictObject({
  openings: z
    .array(
      z.strictObject({ cursor: counter, registration: Hash, identity: StatementText, recordId: RecordId, t: Instant }),
    )
    .max(1000),
})
export type Openings = z.infer<typeof Openings>

// ── opening and activation (patient) ────────────────────────────────────────
export const RecordOpening = z.strictObject({
  identity: StatementText,
  state: StatementText,
  sets: StateSets,
  bundle,
  slots: z.array(Slot).min(1).max(8),
})
export type RecordOpening = z.infer<typeof RecordOpening>
export const RecordOpened = z.strictObject({ recordId: RecordId, receipt })
export type RecordOpened = z.infer<typeof RecordOpened>

/** A delegation, and the proof that it stands in a state's `delegations`. */
export const ProvedDelegation = z.strictObject({ delegation: StatementText, proof: SetProof })
export type ProvedDelegation = z.infer<typeof ProvedDelegation>

/** What comes with a state that a card signed: the delegation, and the states from the identity's last one on. */
export const CardSigned = z.strictObject({
  ...ProvedDelegation.shape,
  before: z.array(StatementText).min(1).max(64),
  /** Their sets, to the patient: to nobody else. */
  sets: z.array(StateSets).max(64).optional(),
})
export type CardSigned = z.infer<typeof CardSigned>

/** What a patient's client needs to come in: the sealed bundle and the slots that may open it. */
export const Vaultkeys = z.strictObject({
  recordId: RecordId,
  identity: StatementText,
  registration: StatementText,
  registrationSalt: bytesField({ exactly: 32 }),
  state: StatementText,
  sets: StateSets,
  bundle,
  slots: z.array(Slot).max(64),
  byCard: CardSigned.optional(),
  earlier: EarlierIdentities,
})
export type Vaultkeys = z.infer<typeof Vaultkeys>

/** Where one-time passwords and notices go: a mail address, or a telephone in international form (E.164). */
export const Contact = z
  .strictObject({
    kind: z.enum(['mail', 'telephone']),
    address: z.union([z.email().max(254), z.string().regex(/^\+[1-9]\d{6,14}$/)]),
  })
  .refine(({ kind, address }) => (kind === 'mail') === address.includes('@'), 'the address is of another kind')
export type Contact = z.infer<typeof Contact>
/** Whether the message went to its gateway, or waits in the outbox and is tried again until its code expires. */
const delivery = z.enum(['sent', 'queued'])
export const ContactChallenge = z.strictObject({ challenge: Hash, sentTo: z.string().max(64), delivery })
export type ContactChallenge = z.infer<typeof ContactChallenge>
export const OpaqueRequest = z.strictObject({ request: opaqueMessage })
export type OpaqueRequest = z.infer<typeof OpaqueRequest>
export const OpaqueResponse = z.strictObject({ response: opaqueMessage })
export type OpaqueResponse = z.infer<typeof OpaqueResponse>
export const OneTimePassword = z.string().regex(/^\d{8}$/)

export const ActivationRequest = z.strictObject({
  activation: StatementText,
  opaqueRecord: opaqueMessage,
  contact: Contact,
  contactSalt: bytesField({ exactly: 32 }),
  challenge: Hash,
  code: OneTimePassword,
  state: StatementText,
  sets: StateSets,
  bundle,
  slots: z.array(Slot).min(1).max(64),
})
export type ActivationRequest = z.infer<typeof ActivationRequest>

/** The activation, shown first, so that who holds a code and the kit learns what holds now in a record that is in use. */
export const ActivationState = z.strictObject({ activation: StatementText })
export type ActivationState = z.infer<typeof ActivationState>
/** A contact that takes another's place, proved by the one-time password that was sent to it. */
export const ContactChange = z.strictObject({
  contact: Contact,
  contactSalt: bytesField({ exactly: 32 }),
  challenge: Hash,
  code: OneTimePassword,
})
export type ContactChange = z.infer<typeof ContactChange>

// ── sign-in ─────────────────────────────────────────────────────────────────
export const SignInStart = z.strictObject({ ins: Ins, device: SlotId.nullable(), request: opaqueMessage })
export type SignInStart = z.infer<typeof SignInStart>
export const SignInStarted = z.strictObject({
  handle: SessionId,
  response: opaqueMessage,
  /** Tries left before a lock, should this one fail; the same for an INS that has no account. */
  attemptsLeft: z.int().min(0).max(100),
})
export type SignInStarted = z.infer<typeof SignInStarted>
export const SignInFinish = z.strictObject({ handle: SessionId, request: opaqueMessage })
export type SignInFinish = z.infer<typeof SignInFinish>
export const SignInFinished = z.strictObject({
  handle: SessionId,
  sentTo: z.string().max(64),
  delivery,
  expiresAt: Instant,
})
export type SignInFinished = z.infer<typeof SignInFinished>
export const SignInCode = z.strictObject({ handle: SessionId, code: OneTimePassword })
export type SignInCode = z.infer<typeof SignInCode>
export const SignInOpened = z.strictObject({ ticket: SessionId, keys: Vaultkeys })
export type SignInOpened = z.infer<typeof SignInOpened>
export const SessionOpen = z.strictObject({ ticket: SessionId })
export type SessionOpen = z.infer<typeof SessionOpen>
export const SessionOpened = z.strictObject({ session: SessionId, idleSeconds: z.int().min(1).max(3600), receipt })
export type SessionOpened = z.infer<typeof SessionOpened>

// ── the record's state ──────────────────────────────────────────────────────
export const SealedGrant = z.strictObject({
  statement: StatementText,
  /** One a compartment of the grant, in its order: HPKE seal of the compartment's secret and kind. */
  seals: z
    .array(bytesField({ min: 1120, max: 2048 }))
    .min(1)
    .max(64),
})
export type SealedGrant = z.infer<typeof SealedGrant>
export const SealedPlacement = z.strictObject({
  statement: StatementText,
  envelope: bytesField({ min: 1120, max: 2048 }),
})
export type SealedPlacement = z.infer<typeof SealedPlacement>

export const StateChangeAction = z.enum([
  'grant.give',
  'grant.revoke',
  'compartment.roll',
  'compartment.add',
  'access.block',
  'access.unblock',
  'device.add',
  'device.remove',
  'document.mask',
  'document.unmask',
  'document.move',
])
export type StateChangeAction = z.infer<typeof StateChangeAction>

export const StateChange = z.strictObject({
  action: StateChangeAction,
  state: StatementText,
  sets: StateSets,
  /** Every grant of the new state that was not in the one before. */
  grants: z.array(SealedGrant).max(4096),
  /** Every placement of the new state that was not in the one before. */
  placements: z.array(SealedPlacement).max(1),
  /** Every slot of the new state that was not in the one before. */
  slots: z.array(Slot).max(64),
  /** The new bundle when the state names another version. */
  bundle: bundle.nullable(),
  /** The access request this grant answers. */
  answers: RequestId.nullable(),
})
export type StateChange = z.infer<typeof StateChange>

/** The patient's view of what holds now. */
export const RecordState = z.strictObject({
  state: StatementText,
  sets: StateSets,
  grants: z.array(SealedGrant).max(4096),
  placements: z.array(SealedPlacement).max(65536),
  bundle,
  /** Key statements that grants in force name and their holders withdrew: a hint, checked by fetching each. */
  withdrawn: z.array(Hash).max(4096).optional(),
  /** Those of the set `delegations`; none when left out. */
  delegations: z.array(StatementText).max(64).optional(),
  byCard: CardSigned.optional(),
  /** Of a closed record: when the host destroys it. Its word; the chain says whether it is closed. */
  destroyedAt: Instant.optional(),
})
export type RecordState = z.infer<typeof RecordState>

/** A professional's view: the own grant, its place in the state, and who the patient is. */
export const RecordAccess = z.strictObject({
  recordId: RecordId,
  identity: StatementText,
  registration: StatementText,
  registrationSalt: bytesField({ exactly: 32 }),
  state: StatementText,
  grant: SealedGrant,
  proof: SetProof,
  /** Of the card that signed the grant, in force in this state. */
  giver: ProvedDelegation.optional(),
  byCard: CardSigned.optional(),
  earlier: EarlierIdentities,
})
export type RecordAccess = z.infer<typeof RecordAccess>

export const EpochLinks = z.strictObject({
  /** From the current epoch down to 0. */
  epochs: z
    .array(z.strictObject({ epoch: counter, publicKey: SealKeyField, link: bytesField({ exactly: 112 }).nullable() }))
    .min(1)
    .max(4096),
})
export type EpochLinks = z.infer<typeof EpochLinks>

// ── access requests ───────────────────────────────────────
export const AccessRequest = z.strictObject({ ins: Ins })
export type AccessRequest = z.infer<typeof AccessRequest>
export const AccessRequested = z.strictObject({
  request: RequestId,
  recordId: RecordId,
  identity: StatementText,
  registration: StatementText,
  registrationSalt: bytesField({ exactly: 32 }),
  earlier: EarlierIdentities,
  receipt,
})
export type AccessRequested = z.infer<typeof AccessRequested>
export const PendingRequests = z.strictObject({
  requests: z
    .array(
      z.strictObject({
        request: RequestId,
        nationalId: NationalId,
        keyStatement: Hash,
        acting: ActingPerson.nullable(),
        t: Instant,
      }),
    )
    .max(256),
})
export type PendingRequests = z.infer<typeof PendingRequests>
// ── documents ───────────────────────────────────────────────────────────────
export const DocumentList = z.strictObject({
  documents: z.array(StoredDocument).max(1000),
  /** Pass as `?after=` for the next page; null on the last. */
  next: counter.nullable(),
  receipt,
})
export type DocumentList = z.infer<typeof DocumentList>

/** Largest body that comes whole with the answer that opens its read, bytes. */
export const SMALL_BODY = 64 * 1024

export const DocumentOpened = z.strictObject({
  document: StoredDocument,
  /** Leaf hashes of the body's block tree, concatenated: 32 bytes a MiB of ciphertext. */
  blocks: bytesField({ min: 32, max: 1 << 20 }),
  /** All of a small body; any other is asked for, and one that is kept as a file. */
  body: bytesField({ min: 1, max: SMALL_BODY }).optional(),
  /** Until then the body's ranges are served to this key without a further entry. */
  readUntil: Instant,
  receipt,
})
export type DocumentOpened = z.infer<typeof DocumentOpened>

/** Bytes in every part but the last. */
export const PART_SIZE = 8 * 1024 * 1024
export const UploadStart = z.strictObject({
  compartment: CompartmentId,
  length: z
    .int()
    .min(1)
    .max(2 ** 40),
})
export type UploadStart = z.infer<typeof UploadStart>
export const UploadStarted = z.strictObject({ upload: UploadId, partSize: z.literal(PART_SIZE), expiresAt: Instant })
export type UploadStarted = z.infer<typeof UploadStarted>

export const DepositRequest = z.strictObject({
  deposit: StatementText,
  manifest: bytesField({ min: 16, max: 128 * 1024 }),
  envelope: bytesField({ min: 1120, max: 2048 }),
  upload: UploadId,
})
export type DepositRequest = z.infer<typeof DepositRequest>

/** A reader says that a document failed its checks and was not opened. */
export const DocumentRefusal = z.strictObject({ reason: z.string().regex(/^[a-z-]{3,48}$/) })
export type DocumentRefusal = z.infer<typeof DocumentRefusal>

// ── the log ─────────────────────────────────────────────────────────────────
/**
 * What shows that events were erased lawfully (docs/protocol/erasure.md): the order, the entry that says so with its proof,
 * and since when witnesses had known the last entry of its range.
 */
export const ShownErasure = z.strictObject({
  order: StatementText,
  ...LoggedEvent.shape,
  last: z.strictObject({
    entryHash: Hash,
    /** In the first checkpoint that a quorum cosigned. */
    proof: LogProof,
  }),
})
export type ShownErasure = z.infer<typeof ShownErasure>

export const ChainPage = z.strictObject({
  entries: z
    .array(
      z.strictObject({
        link: z.string().max(1024),
        event: z.string().max(64 * 1024),
        /** Index in the tree; null while not yet integrated. */
        leaf: counter.nullable(),
      }),
    )
    .max(1000),
  /** True when the page ends the chain as it is now. */
  last: z.boolean(),
  /** Those that took events of this page; left out where none is gone. */
  erasures: z.array(ShownErasure).min(1).max(64).optional(),
})
export type ChainPage = z.infer<typeof ChainPage>

/** Where an entry stands in the tree; null while not yet integrated. */
export const EntryLeaf = z.strictObject({ leaf: counter.nullable() })
export type EntryLeaf = z.infer<typeof EntryLeaf>

/** The entry that names the build of the patient's pages, and where it stands in the tree; null where none was logged. */
export const PortalLogged = z.strictObject({
  entry: z
    .strictObject({ link: z.string().max(1024), event: z.string().max(4096), leaf: counter.nullable() })
    .nullable(),
})
export type PortalLogged = z.infer<typeof PortalLogged>

export const Health = z.strictObject({
  status: z.enum(['ok', 'log-unavailable']),
  treeSize: counter,
  /** Whether as many witnesses as the policy asks cosigned the published checkpoint. */
  quorum: z.boolean(),
  /** How far each witness has followed, as this host knows since its start. */
  witnesses: z
    .array(z.strictObject({ name: z.string().max(255), treeSize: counter.nullable(), cosignedAt: Instant.nullable() }))
    .max(64),
})
export type Health = z.infer<typeof Health>
