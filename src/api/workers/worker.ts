/**
 * An HTTP worker: a thread that speaks TLS, reads requests, checks signatures and cards, and asks the thread that owns
 * the store for the rest. It keeps no state that another worker would miss.
 */
import { type MessagePort, parentPort, workerData } from 'node:worker_threads'
import { type Crl, parseCertificate, parseCrl } from '../../crypto/x509.ts'
import type { Anchors } from '../../protocol/anchors.ts'
import { openReader } from '../../vault/reader.ts'
import { CardGate } from '../cards.ts'
import { authoritiesOf, type ListenerName } from '../context.ts'
import { type ListenOptions, openListeners, type ServerTls } from '../listeners.ts'
import { openLog } from '../logging.ts'
import { type SentError, sendError } from './channel.ts'
import { remoteVault } from './remote-vault.ts'

/** What a worker is started with. */
export interface WorkerSettings {
  readonly anchors: Anchors
  readonly tls: ServerTls
  readonly listen: ListenOptions
  /** DER. */
  readonly cardAuthorities: readonly Uint8Array[]
  /** DER. */
  readonly crls: readonly Uint8Array[]
  readonly opaqueSetup: string
  /** The store's folder. */
  readonly store: string
  readonly portal: string | null
}

/** What its owner tells it beside the channel of calls. */
export type ToWorkerThread =
  | { readonly kind: 'crls'; readonly crls: readonly Uint8Array[] }
  | { readonly kind: 'stop'; readonly graceMs?: number }

/** What it tells its owner. */
export type FromWorkerThread =
  | { readonly kind: 'ready'; readonly ports: Readonly<Record<ListenerName, number>> }
  | { readonly kind: 'failed'; readonly error: SentError }
  | { readonly kind: 'stopped' }

const { port, settings } = workerData as { port: MessagePort; settings: WorkerSettings }
const tell = (message: FromWorkerThread) => parentPort?.postMessage(message)
const parsedCrls = (ders: readonly Uint8Array[]): Crl[] => ders.map(der => parseCrl(new Uint8Array(der)))

try {
  const { anchors, tls, listen, opaqueSetup, store, portal } = settings
  const clock = () => new Date()
  let crls = parsedCrls(settings.crls)
  const reader = openReader({ folder: store, anchors, clock })
  const authorities = settings.cardAuthorities.map(der => parseCertificate(new Uint8Array(der)))
  const context = {
    vault: remoteVault(port, reader),
    anchors,
    clock,
    log: openLog(),
    cards: new CardGate({ anchors: authorities, crls: () => crls, clock }),
    opaqueSetup,
    portal,
    authorities: authoritiesOf(anchors),
  }
  const listeners = await openListeners(context, { tls, listen })
  parentPort?.on('message', async (message: ToWorkerThread) => {
    if (message.kind === 'crls') {
      crls = parsedCrls(message.crls)
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
