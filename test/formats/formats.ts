/** Every format with vectors in the common form. */
import { ins, kit, mailedCode } from './codes.ts'
import { delegation } from './delegation.ts'
import { deposit, envelope, manifest, placement } from './documents.ts'
import { erasure } from './erasure.ts'
import { epoch, grant, grantSeal } from './grants.ts'
import { blocks, box, chunks, padding, seal, sealKey } from './ground.ts'
import { keyStatement, keyWithdrawal } from './key-statement.ts'
import { bundle, slot } from './keys.ts'
import { entry, list, receipt } from './log.ts'
import { activation, identity, registration } from './people.ts'
import { recovery } from './recovery.ts'
import { requestSignature } from './request.ts'
import { consultation, pairing } from './scanned.ts'
import { statement } from './statements.ts'
import { sets, state } from './states.ts'
import type { Format, Members, VectorCase } from './vector-file.ts'

export const formats: readonly Format[] = [
  statement,
  seal,
  sealKey,
  box,
  padding,
  chunks,
  blocks,
  requestSignature,
  ins,
  mailedCode,
  registration,
  identity,
  activation,
  keyStatement,
  keyWithdrawal,
  sets,
  state,
  epoch,
  grantSeal,
  grant,
  delegation,
  recovery,
  bundle,
  consultation,
  pairing,
  slot,
  kit,
  manifest,
  envelope,
  deposit,
  placement,
  entry,
  receipt,
  list,
  erasure,
]

/** A file as written. */
export interface VectorFile {
  readonly format: string
  readonly page: string
  readonly about: string
  readonly shared?: Members
  readonly cases: readonly VectorCase[]
}

export async function fileOf(format: Format): Promise<VectorFile> {
  const { file, page, about } = format
  return {
    format: file,
    page: `docs/protocol/${page}`,
    about,
    ...(format.shared === undefined ? {} : { shared: await format.shared() }),
    cases: await format.cases(),
  }
}
