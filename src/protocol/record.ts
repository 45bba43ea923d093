/** Shapes that stand beside the statements: sets behind the state's roots, key slots, the manifest. */
import { z } from 'zod'
import { bytesField, CompartmentId, Hash, NationalId, SlotId, StatementText } from './ids.ts'

/**
 * What the five roots of a state commit to (docs/protocol/state.md). Patient, host and auditor hold it whole;
 * a professional gets the proof of one leaf.
 */
export const StateSets = z.strictObject({
  /** 32 random bytes, fresh for every state: all salts derive from it, so that no leaf can be followed. */
  seed: bytesField({ exactly: 32 }),
  grants: z.array(Hash).max(4096),
  delegations: z.array(Hash).max(64),
  blocked: z.array(NationalId).max(4096),
  devices: z.array(Hash).max(64),
  placements: z.array(Hash).max(65536),
})
export type StateSets = z.infer<typeof StateSets>
/** The five sets, in the order of the state's roots. */
export const SET_NAMES = ['grants', 'delegations', 'blocked', 'devices', 'placements'] as const
export type SetName = (typeof SET_NAMES)[number]

/** Proof that one leaf stands under a root of a state. */
export const SetProof = z.strictObject({
  set: z.enum(SET_NAMES),
  index: z
    .int()
    .min(0)
    .max(2 ** 20),
  size: z
    .int()
    .min(16)
    .max(2 ** 20),
  salt: bytesField({ exactly: 32 }),
  path: z.array(Hash).max(20),
})
export type SetProof = z.infer<typeof SetProof>

/** A wrapped account key (docs/protocol/slot.md). */
export const Slot = z.strictObject({
  slotId: SlotId,
  kind: z.enum(['kit', 'device']),
  accountKeyVersion: z
    .int()
    .min(1)
    .max(2 ** 32 - 1),
  /** Reserved for derivation parameters; the empty string today. */
  parameters: z.literal(''),
  /** box(32-byte account key): 32 + 32 + 16 bytes. */
  wrapped: bytesField({ exactly: 80 }),
})
export type Slot = z.infer<typeof Slot>

/** The names of default compartments and kinds of document. */
export const COMPARTMENT_KINDS = [
  'synthesis',
  'reports',
  'laboratory',
  'imaging',
  'treatments',
  'care',
  'vaccination',
  'certificates',
  'masked',
] as const
export type CompartmentKind = (typeof COMPARTMENT_KINDS)[number]

/** The encrypted metadata of a document; JSON, padded with spaces (docs/protocol/manifest.md). */
export const Manifest = z.strictObject({
  title: z.string().min(1).max(256),
  /** Document type: code and its system (LOINC or the French local register). */
  type: z.strictObject({ code: z.string().min(1).max(32), system: z.string().min(1).max(128) }),
  kind: z.string().min(1).max(63),
  practiceSetting: z.string().max(64).optional(),
  mimeType: z.string().min(3).max(128),
  /** Length of the content before padding, bytes. */
  size: z
    .int()
    .min(0)
    .max(2 ** 40),
  fileName: z.string().max(255).optional(),
  /** The act documented. */
  date: z.string().min(4).max(32),
  author: z.strictObject({ name: z.string().max(128), role: z.string().max(64) }),
  patientAgreed: z.boolean(),
  discussedWith: z.boolean(),
})
export type Manifest = z.infer<typeof Manifest>

/** How one document stands at the host, as given to a reader; every part is checked by the reader. */
export const StoredDocument = z.strictObject({
  deposit: z.string().max(16384),
  manifest: bytesField({ max: 128 * 1024 }),
  envelope: bytesField({ max: 4096 }),
  /** The patient's placement when the document was moved since its deposit. */
  placement: z.string().max(16384).nullable(),
  compartment: CompartmentId,
})
export type StoredDocument = z.infer<typeof StoredDocument>

/** An identity and the letter that it came from. */
export const IdentityPaper = z.strictObject({
  identity: StatementText,
  registration: StatementText,
  registrationSalt: bytesField({ exactly: 32 }),
})
export type IdentityPaper = z.infer<typeof IdentityPaper>

/** Those before the one in force, the first one first; left out where there is none. */
export const EarlierIdentities = z.array(IdentityPaper).min(1).max(255).optional()
