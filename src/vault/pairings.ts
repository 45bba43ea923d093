/** Where a new device's key waits for an old device to answer it (docs/protocol/devices.md). Nothing here opens anything. */

import type { PairingAccepted, PairingAnswered, PairingKey, PairingStarted } from '../protocol/devices.ts'
import type { Hash, SessionId } from '../protocol/ids.ts'
import type { Acts } from './acts.ts'
import { bearerHash, newBearer } from './bearer.ts'
import type { Patient, SignedRequest } from './caller.ts'
import { Refusal } from './errors.ts'
import { instantOf } from './instant.ts'
import { requireRecentSignIn } from './sensitive.ts'
import type { Store, Tx } from './store/store.ts'

/** A pairing lives so long, milliseconds. */
const LIFE_MS = 10 * 60_000
/** Pairings that may be open at once: anybody may begin one. */
const OPEN_MAX = 10_000
/** Of these, begun from one network within a pairing's life: nobody can take all of them. */
const NETWORK_MAX = 50

export class Pairings {
  readonly #store: Store
  readonly #acts: Acts
  /** When pairings were begun, by network; the newest network last. In memory alone. */
  readonly #lately = new Map<string, number[]>()

  constructor({ store, acts }: { store: Store; acts: Acts }) {
    this.#store = store
    this.#acts = acts
  }

  /** Keeps a new device's public key. `network`: where it asks from, by a name that tells nothing. Throws `Refusal` `busy`. */
  async start(sealKey: string, at: Date, network: string): Promise<PairingStarted> {
    const handle = newBearer()
    const pairing = bearerHash(handle)
    const now = at.getTime()
    const lately = (this.#lately.get(network) ?? []).filter(begun => begun > now - LIFE_MS)
    if (lately.length >= NETWORK_MAX) throw new Refusal('busy', 'Too many devices wait to be added from your network')
    this.#remember(network, [...lately, now])
    await this.#store.write(tx => {
      tx.run('DELETE FROM pairings WHERE expires <= @now', { now })
      const open = tx.get<{ n: number }>('SELECT COUNT(*) AS n FROM pairings')
      if ((open?.n ?? 0) >= OPEN_MAX) throw new Refusal('busy', 'Too many devices wait to be added')
      tx.run('INSERT INTO pairings (pairing, seal_key, expires) VALUES (@pairing, @sealKey, @expires)', {
        pairing,
        sealKey,
        expires: now + LIFE_MS,
      })
    })
    return { handle, pairing, expiresAt: instantOf(now + LIFE_MS) }
  }

  #remember(network: string, begun: number[]): void {
    this.#lately.delete(network)
    this.#lately.set(network, begun)
    // As many networks as pairings: what is left out is the one that began longest ago.
    const [oldest] = this.#lately.keys()
    if (this.#lately.size > OPEN_MAX && oldest !== undefined) this.#lately.delete(oldest)
  }

  /** The new device's key, for an old device of any record: it holds it against what it scanned. Throws `pairing-unknown`. */
  key(request: SignedRequest<Patient>, pairing: Hash): Promise<PairingKey> {
    return this.#acts.look(request, tx => ({ sealKey: open(tx, pairing, request.at).seal_key }))
  }

  /** An old device's answer, once. Throws `Refusal` `pairing-unknown`, and as `requireRecentSignIn`. */
  async answer(request: SignedRequest<Patient>, pairing: Hash, sealed: string): Promise<PairingAccepted> {
    await this.#acts.look(request, tx => {
      requireRecentSignIn(tx, request)
      if (open(tx, pairing, request.at).sealed !== null) throw unknown()
      tx.run('UPDATE pairings SET sealed = @sealed WHERE pairing = @pairing', { sealed, pairing })
    })
    return { pairing }
  }

  /** The answer, for who began; null while there is none. It is given once. Throws `Refusal` `pairing-unknown`. */
  async take(handle: SessionId, at: Date): Promise<PairingAnswered> {
    const pairing = bearerHash(handle)
    const { sealed } = open(this.#store.read, pairing, at)
    if (sealed !== null) {
      await this.#store.write(tx => tx.run('DELETE FROM pairings WHERE pairing = @pairing', { pairing }))
    }
    return { sealed }
  }
}

function open(tx: Tx, pairing: Hash, at: Date): { readonly seal_key: string; readonly sealed: string | null } {
  const row = tx.get<{ seal_key: string; sealed: string | null }>(
    'SELECT seal_key, sealed FROM pairings WHERE pairing = @pairing AND expires > @now',
    { pairing, now: at.getTime() },
  )
  if (row === undefined) throw unknown()
  return row
}

function unknown(): Refusal {
  return new Refusal('pairing-unknown', 'No device waits under that code, or it was answered already')
}
