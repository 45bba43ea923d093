/**
 * Payloads of every statement (signed JWS). One schema a `typ`; the byte layouts, the signers and what a
 * verifier must check beyond the schema stand in docs/protocol/.
 */
import { z } from 'zod'
import {
  bytesField,
  CompartmentId,
  DelegationId,
  DeploymentId,
  DocumentId,
  GrantId,
  Hash,
  Instant,
  NationalId,
  RecordId,
  SealKeyField,
  VerifyKeyField,
} from './ids.ts'

/** The `typ` of each statement's protected header. */
export const StatementTyp = {
  registration: 'coffre-registration+jws',
  identity: 'coffre-identity+jws',
  activation: 'coffre-activation+jws',
  key: 'coffre-key+jws',
  withdrawal: 'coffre-key-withdrawal+jws',
  state: 'coffre-state+jws',
  grant: 'coffre-grant+jws',
  placement: 'coffre-placement+jws',
  delegation: 'coffre-delegation+jws',
  handover: 'coffre-handover+jws',
  recovery: 'coffre-recovery+jws',
  deposit: 'coffre-deposit+jws',
  receipt: 'coffre-receipt+jws',
  erasure: 'coffre-erasure+jws',
} as const
export type StatementTyp = (typeof StatementTyp)[keyof typeof StatementTyp]

const counter = z
  .int()
  .min(0)
  .max(2 ** 40 - 1)

/** Nothing stands twice: what a list says twice, two readers could count differently. */
const distinct = [(list: readonly unknown[]) => new Set(list).size === list.length, 'names something twice'] as const

/** Insurer → host: this INS (as a salted commitment) may use this code key, once. */
export const Registration = z.strictObject({
  deployment: DeploymentId,
  /** SHA-256(lp("coffre/v1/registration-subject", salt, INS)); salt and INS travel beside, never inside. */
  subject: Hash,
  purpose: z.enum(['opening', 'activation']),
  /** Ed25519 public key derived from the mailed code. */
  key: VerifyKeyField,
  issuedAt: Instant,
  expiresAt: Instant,
  supersedes: Hash.optional(),
})
export type Registration = z.infer<typeof Registration>

/** Co-signed by the opening code's key, then by `signKey`. */
export const Identity = z.strictObject({
  deployment: DeploymentId,
  registration: Hash,
  signKey: VerifyKeyField,
  sealKey: SealKeyField,
  prevIdentity: Hash.nullable(),
  nonce: bytesField({ exactly: 16 }),
})
export type Identity = z.infer<typeof Identity>

/** Co-signed by the activation code's key, then by the identity. */
export const Activation = z.strictObject({
  deployment: DeploymentId,
  recordId: RecordId,
  registration: Hash,
  /** SHA-256 of the OPAQUE registration record's bytes. */
  opaque: Hash,
  /** SHA-256(lp("coffre/v1/contact", salt, kind, address)). */
  contact: Hash,
  t: Instant,
})
export type Activation = z.infer<typeof Activation>

/** A professional's or establishment's working keys; co-signed by the card (x5c), then by `signKey`. */
export const KeyStatement = z.strictObject({
  deployment: DeploymentId,
  kind: z.enum(['professional', 'establishment']),
  nationalId: NationalId,
  signKey: VerifyKeyField,
  sealKey: SealKeyField,
  seq: counter,
  prev: Hash.nullable(),
  notBefore: Instant,
  notAfter: Instant,
})
export type KeyStatement = z.infer<typeof KeyStatement>

/** A working key taken back before its term; signed by a card (x5c) of its holder. */
export const KeyWithdrawal = z.strictObject({
  deployment: DeploymentId,
  /** Hash of the key statement. */
  keyStatement: Hash,
  t: Instant,
})
export type KeyWithdrawal = z.infer<typeof KeyWithdrawal>

export const StateCompartment = z.strictObject({
  id: CompartmentId,
  epoch: counter,
  publicKey: SealKeyField,
  /** Epoch link (docs/protocol/epoch.md), null in epoch 0 and in one that begins anew: 32 bytes previous link's hash ‖ 80 bytes box. */
  link: bytesField({ exactly: 112 }).nullable(),
})
export type StateCompartment = z.infer<typeof StateCompartment>

/** What holds now in a record; a chain signed by the patient. */
export const State = z.strictObject({
  deployment: DeploymentId,
  recordId: RecordId,
  seq: counter,
  prev: Hash.nullable(),
  /** Hash of the identity statement that signs this state. */
  identity: Hash,
  compartments: z.array(StateCompartment).min(1).max(64),
  grantsRoot: Hash,
  delegationsRoot: Hash,
  blockedRoot: Hash,
  devicesRoot: Hash,
  placementsRoot: Hash,
  bundle: z.strictObject({ version: counter, hash: Hash }),
  t: Instant,
})
export type State = z.infer<typeof State>

export const Right = z.enum(['read', 'deposit'])
export type Right = z.infer<typeof Right>

const GrantCompartment = z.strictObject({
  id: CompartmentId,
  rights: z
    .array(Right)
    .min(1)
    .max(2)
    .refine(...distinct),
  epoch: counter,
  /** SHA-256 of the seal that stands beside the grant. */
  seal: Hash,
})

export const Grant = z.strictObject({
  deployment: DeploymentId,
  recordId: RecordId,
  grantId: GrantId,
  grantee: z.strictObject({
    kind: z.enum(['professional', 'establishment']),
    id: NationalId,
    keyStatement: Hash,
  }),
  compartments: z
    .array(GrantCompartment)
    .min(1)
    .max(64)
    .refine(list => distinct[0](list.map(({ id }) => id)), distinct[1]),
  until: Instant,
  t: Instant,
})
export type Grant = z.infer<typeof Grant>

/** The patient moves a document to another compartment (masking, unmasking). */
export const Placement = z.strictObject({
  deployment: DeploymentId,
  recordId: RecordId,
  documentId: DocumentId,
  from: CompartmentId,
  to: CompartmentId,
  epoch: counter,
  /** SHA-256 of the new envelope. */
  envelope: Hash,
  t: Instant,
})
export type Placement = z.infer<typeof Placement>

/** A compartment whose secret goes along, sealed, beside the statement. */
const SealedCompartment = z.strictObject({
  id: CompartmentId,
  epoch: counter,
  /** SHA-256 of the seal that stands beside the statement. */
  seal: Hash,
})

/** The patient lets a Vitale card give and take back grants (docs/protocol/delegation.md). Signed by the identity. */
export const Delegation = z.strictObject({
  deployment: DeploymentId,
  recordId: RecordId,
  delegationId: DelegationId,
  card: z.strictObject({ signKey: VerifyKeyField, sealKey: SealKeyField }),
  may: z
    .array(z.enum(['give', 'revoke']))
    .min(1)
    .max(2)
    .refine(...distinct),
  /** Those it may give; their secrets are sealed to `card.sealKey`. Never *masked*. */
  compartments: z.array(SealedCompartment).min(1).max(64),
  /** No grant that the card gives lasts longer, and the card does nothing from then on. */
  maxUntil: Instant,
  t: Instant,
})
export type Delegation = z.infer<typeof Delegation>

/** The identity in force names the one that shall follow it (docs/protocol/recovery.md). Signed by the old one. */
export const Handover = z.strictObject({
  deployment: DeploymentId,
  recordId: RecordId,
  from: Hash,
  to: Hash,
  t: Instant,
})
export type Handover = z.infer<typeof Handover>

/**
 * A professional who met the patient vouches for a new identity and seals to it what that professional holds
 * (docs/protocol/recovery.md). Co-signed by the card, then by the working key.
 */
export const Recovery = z.strictObject({
  ...Handover.shape,
  compartments: z.array(SealedCompartment).min(1).max(64),
})
export type Recovery = z.infer<typeof Recovery>

/** Signed by the author's working key. */
export const Deposit = z.strictObject({
  deployment: DeploymentId,
  recordId: RecordId,
  documentId: DocumentId,
  compartment: CompartmentId,
  epoch: counter,
  /** The state under which the epoch is current. */
  state: Hash,
  /** Merkle root over 1 MiB blocks of ciphertext (docs/protocol/body.md). */
  bodyRoot: Hash,
  /** Ciphertext length in bytes. */
  bodyLength: z
    .int()
    .min(1)
    .max(2 ** 40),
  manifest: Hash,
  envelope: Hash,
  /** Key commitment of the body's stream. */
  commitment: bytesField({ exactly: 32 }),
  replaces: DocumentId.optional(),
  t: Instant,
})
export type Deposit = z.infer<typeof Deposit>

/** The host's promise that an entry will be in the tree by `integrateBy`. */
export const Receipt = z.strictObject({
  deployment: DeploymentId,
  /** The event line, exactly the bytes stored (without line feed). */
  event: z
    .string()
    .min(2)
    .max(64 * 1024),
  /** SHA-256 of the link line: does not tell how much else happened in the record. */
  linkHash: Hash,
  entryHash: Hash,
  integrateBy: Instant,
})
export type Receipt = z.infer<typeof Receipt>

/** The authority of the anchors has the events of a range of entries forgotten (docs/protocol/erasure.md). */
export const Erasure = z.strictObject({
  deployment: DeploymentId,
  /** Leaves of the tree: from the first on, up to the one before `to`. */
  from: counter,
  to: counter,
  /** The law, the judgment. */
  basis: z.string().min(1).max(256),
  t: Instant,
})
export type Erasure = z.infer<typeof Erasure>
