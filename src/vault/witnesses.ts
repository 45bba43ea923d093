/** The log's side of C2SP tlog-witness: asks each witness to cosign, and goes on without those that do not answer. */

import { addCosignatures } from '../log/checkpoint.ts'
import type { CosignerKey } from '../log/cosignature.ts'
import { isCosignerKey } from '../log/cosignature.ts'
import type { Policy } from '../log/policy.ts'
import type { TileReader } from '../log/tile-reader.ts'
import { conflictSize, formatAddCheckpoint } from '../log/witness.ts'

/** Milliseconds a witness may take. */
const TIMEOUT_MS = 3000
const MAX_ANSWER = 64 * 1024

export interface Witness {
  /** Submission prefix. */
  readonly url: string
  readonly keys: readonly CosignerKey[]
}

/** How far a witness has followed, as far as this host knows; since its start. */
export interface WitnessStanding {
  /** Its key's name. */
  readonly name: string
  /** Leaves of the newest tree that it cosigned; null when it has cosigned none yet. */
  readonly treeSize: number | null
  /** When this host got that cosignature. */
  readonly cosignedAt: Date | null
}

export interface WitnessEvents {
  /** A witness did not cosign; `why` is for the operator's log. */
  onLag(url: string, why: string): void
  /** Fewer cosigned than the policy asks. */
  onShort(): void
  clock(): Date
}

/** The witnesses that the policy names with a URL, each with all its keys. */
export function witnessesOf(policy: Policy): Witness[] {
  const byUrl = new Map<string, CosignerKey[]>()
  for (const { url, key } of policy.witnesses) {
    if (url === undefined || !isCosignerKey(key)) continue
    byUrl.set(url, [...(byUrl.get(url) ?? []), key])
  }
  return [...byUrl].map(([url, keys]) => ({ url, keys }))
}

export class Witnesses {
  readonly #witnesses: readonly Witness[]
  readonly #events: WitnessEvents
  /** The size that each witness cosigned last, as far as we know. */
  readonly #sizes = new Map<string, number>()

  /** What each cosigned last, and when. */
  readonly #cosigned = new Map<string, { readonly size: number; readonly at: Date }>()

  constructor(witnesses: readonly Witness[], events: WitnessEvents) {
    this.#witnesses = witnesses
    this.#events = events
  }

  /** Where each stands, in the policy's order. */
  standing(): WitnessStanding[] {
    return this.#witnesses.map(({ url, keys }) => {
      const { size = null, at = null } = this.#cosigned.get(url) ?? {}
      return { name: keys[0]?.name ?? url, treeSize: size, cosignedAt: at }
    })
  }

  onShort(): void {
    this.#events.onShort()
  }

  /** Asks all at once; gives the answers of those that cosigned. Never throws for a witness's failure. */
  async ask(
    signed: string,
    size: number,
    reader: TileReader,
  ): Promise<{ keys: readonly CosignerKey[]; answer: string }[]> {
    const answers = await Promise.all(
      this.#witnesses.map(async witness => {
        try {
          return { keys: witness.keys, answer: await this.#askOne(witness, signed, size, reader) }
        } catch (error) {
          this.#events.onLag(witness.url, error instanceof Error ? error.message : 'no answer')
          return null
        }
      }),
    )
    return answers.filter(answer => answer !== null)
  }

  async #askOne(witness: Witness, signed: string, size: number, reader: TileReader): Promise<string> {
    let oldSize = this.#sizes.get(witness.url) ?? 0
    // A first answer of 409 tells the size it knows: once more from there.
    for (let attempt = 0; ; attempt++) {
      const proof = oldSize === 0 || oldSize >= size ? [] : await reader.consistencyProof(oldSize)
      const response = await fetch(new URL('add-checkpoint', withSlash(witness.url)), {
        method: 'POST',
        body: formatAddCheckpoint({ oldSize, proof, checkpoint: signed }),
        signal: AbortSignal.timeout(TIMEOUT_MS),
        redirect: 'error',
      })
      const body = await response.text()
      if (body.length > MAX_ANSWER) throw new Error('its answer is too long')
      if (response.status === 200) {
        addCosignatures(signed, body, witness.keys) // throws here, where one witness's nonsense stops that witness alone
        this.#sizes.set(witness.url, size)
        this.#cosigned.set(witness.url, { size, at: this.#events.clock() })
        return body
      }
      const { status } = response
      const known = conflictSize({ status, contentType: response.headers.get('content-type'), body })
      if (known === null || attempt > 0) {
        throw new Error(`it answered ${status}`)
      }
      if (known > size)
        throw new Error(`it has seen ${known} entries, and this log has ${size}: an old copy was restored`)
      oldSize = known
    }
  }
}

const withSlash = (url: string): string => (url.endsWith('/') ? url : `${url}/`)
