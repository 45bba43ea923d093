/** The patient's secrets as the encrypted bundle holds them (docs/protocol/bundle.md). Never leaves a client unsealed. */
import { z } from 'zod'
import { bytesField, CompartmentId, GrantId, Hash, RecordId, SlotId } from './ids.ts'

const counter = z
  .int()
  .min(0)
  .max(2 ** 40 - 1)

/** What a client had verified: never accept less. */
export const SeenMarks = z.strictObject({
  /** Highest state. */
  seq: counter,
  /** Last entry of the own chain; null until one was seen. */
  chain: z.strictObject({ n: counter, hash: Hash }).nullable(),
  tree: z.strictObject({ size: counter, root: Hash }),
})
export type SeenMarks = z.infer<typeof SeenMarks>

export const BundleCompartment = z.strictObject({
  id: CompartmentId,
  /** One of `COMPARTMENT_KINDS`, or the patient's own name for it. */
  kind: z.string().min(1).max(63),
  epoch: counter,
  /** Of the current epoch; opens the earlier ones through the links. */
  secret: bytesField({ exactly: 32 }),
  /** Every grant that was ever sealed this epoch's secret: one that is in force no more means that a roll is due. */
  exposed: z.array(GrantId).max(4096),
})
export type BundleCompartment = z.infer<typeof BundleCompartment>

/** What the patient calls a device; nobody else learns it. */
export const DeviceName = z
  .string()
  .regex(/^[^\p{C}\p{Z}](?:[^\p{C}]{0,61}[^\p{C}\p{Z}])?$/u, 'expected 1 to 63 characters')

export const NamedDevice = z.strictObject({ slotId: SlotId, name: DeviceName })
export type NamedDevice = z.infer<typeof NamedDevice>

export const Bundle = z.strictObject({
  v: z.literal(1),
  recordId: RecordId,
  version: counter,
  identity: z.strictObject({ sign: bytesField({ exactly: 32 }), seal: bytesField({ exactly: 32 }) }),
  compartments: z.array(BundleCompartment).min(1).max(64),
  /** Those that have a name. */
  devices: z.array(NamedDevice).min(1).max(64).optional(),
  seen: SeenMarks,
})
export type Bundle = z.infer<typeof Bundle>
