/**
 * An HTTP worker: a thread that speaks TLS, reads requests, checks signatures and cards, and asks the thread that owns
 * the store for the rest. It keeps no state that another worker would miss.
 */
import { type MessagePort, parentPort, workerData } from 'node:worker_threads'
import { openReader } from '../../vault/reader.ts'
import { CardGate } from '../cards.ts'
import { authoritiesOf, type ListenerName } from '../context.ts'
import { type ListenOptions, openListeners } from '../listeners.ts'
import { openLog } from '../logging.ts'
import type { RateTable } from '../rates.ts'
import { type SentError, sendError } from './channel.ts'
import { remoteVault } from './remote-vault.ts'
import { receivedTrust, type SentTrust } from './sent-trust.ts'

/** What a worker is started with. */
export interface WorkerSettings {
  readonly trust: SentTrust
  readonly listen: ListenOptions
  readonly opaqueSetup: string
  /** The store's folder. */
  readonly store: string
  readonly portal: string | null
  readonly rates: RateTable
  /** Of the vault: how many keys were withdrawn. */
  readonly withdrawals: SharedArrayBuffer
}

/** What its owner tells it beside the channel of calls. */
export type ToWorkerThread =
  | { readonly kind: 'trust'; readonly trust: SentTrust }
  | { readonly kind: 'stop'; readonly graceMs?: number }

/** What it tells its owner. */
export type FromWorkerThread =
  | { readonly kind: 'ready'; readonly ports: Readonly<Record<ListenerName, number>> }
  | { readonly kind: 'failed'; readonly error: SentError }
  | { readonly kind: 'stopped' }

const { port, settings } = workerData as { port: MessagePort; settings: WorkerSettings }
const tell = (message: FromWorkerThread) => parentPort?.postMessage(message)

try {
  const { listen, opaqueSetup, store, portal, rates, withdrawals } = settings
  const clock = () => new Date()
  let trust = receivedTrust(settings.trust)
  const { anchors } = trust
  const reader = openReader({ folder: store, anchors, clock, withdrawals })
  const context = {
    vault: remoteVault(port, reader),
    get anchors() {
      return trust.anchors
    },
    clock,
    log: openLog(),
    cards: new CardGate({ trust: () => trust, clock }),
    opaqueSetup,
    portal,
    rates,
    authorities: authoritiesOf(anchors),
  }
  const listeners = await openListeners(context, { tls: trust.tls, listen })
  parentPort?.on('message', async (message: ToWorkerThread) => {
    if (message.kind === 'trust') {
      trust = receivedTrust(message.trust)
      listeners.renew(trust)
      return
    }
    await listeners.close(message.graceMs)
    await reader.close()
    port.close()
    tell({ kind: 'stopped' })
    parentPort?.close()
  })
  tell({ kind: 'ready', ports: listeners.ports })
} catch (error) {
  tell({ kind: 'failed', error: sendError(error) })
}
