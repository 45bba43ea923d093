/** The HTTP workers of a host, started, kept running and stopped by the thread that owns the store. */
import { MessageChannel, Worker } from 'node:worker_threads'
import type { ApiVault, ListenerName } from '../context.ts'
import type { Listeners } from '../listeners.ts'
import { receiveError } from './channel.ts'
import { serveCalls } from './owner.ts'
import type { SentTrust } from './sent-trust.ts'
import type { FromWorkerThread, ToWorkerThread, WorkerSettings } from './worker.ts'

/** Milliseconds before a worker that ended by itself is replaced: one that cannot live must not take all the time. */
const RESTART_MS = 500

export interface PoolOptions {
  /** How many. */
  readonly count: number
  readonly settings: Omit<WorkerSettings, 'trust'>
  /** What the workers go by, as it is now. */
  readonly trust: () => SentTrust
  /** A worker ended by itself; another takes its place. */
  readonly onLost: (error: unknown) => void
}

/** Starts them, all on the same two ports. Throws as `openListeners`; then none is left running. */
export async function openWorkers(vault: ApiVault, options: PoolOptions): Promise<Listeners> {
  const workers = new Set<Worker>()
  let isStopping = false
  let { listen } = options.settings

  const start = async (): Promise<Readonly<Record<ListenerName, number>>> => {
    const { port1, port2 } = new MessageChannel()
    const settings: WorkerSettings = {
      ...options.settings,
      listen: { ...listen, isShared: true },
      trust: options.trust(),
    }
    const worker = new Worker(new URL('./worker.ts', import.meta.url), {
      workerData: { port: port2, settings },
      transferList: [port2],
    })
    workers.add(worker)
    serveCalls(port1, vault)
    let failure: unknown
    worker.on('error', error => {
      failure = error
    })
    worker.once('exit', () => {
      workers.delete(worker)
      port1.close()
    })
    const ports = await firstWord(worker)
    worker.once('exit', () => {
      if (isStopping) return
      options.onLost(failure)
      setTimeout(() => {
        if (!isStopping) start().catch(options.onLost)
      }, RESTART_MS).unref()
    })
    return ports
  }

  const close = async (graceMs?: number) => {
    isStopping = true
    const stop: ToWorkerThread = { kind: 'stop', ...(graceMs === undefined ? {} : { graceMs }) }
    await Promise.all(
      [...workers].map(worker => {
        const ended = new Promise(resolve => worker.once('exit', resolve))
        worker.postMessage(stop)
        return ended
      }),
    )
  }

  try {
    const ports = await start()
    listen = { ...listen, ...ports }
    await Promise.all(Array.from({ length: options.count - 1 }, start))
    return {
      ports,
      close,
      renew() {
        const message: ToWorkerThread = { kind: 'trust', trust: options.trust() }
        for (const worker of workers) worker.postMessage(message)
      },
    }
  } catch (error) {
    await close(0)
    throw error
  }
}

/** Resolves with the ports once the worker listens; rejects with its reason when it cannot. */
function firstWord(worker: Worker): Promise<Readonly<Record<ListenerName, number>>> {
  return new Promise((resolve, reject) => {
    worker.once('error', reject)
    worker.once('message', (message: FromWorkerThread) => {
      worker.off('error', reject)
      if (message.kind === 'ready') resolve(message.ports)
      else reject(message.kind === 'failed' ? receiveError(message.error) : new Error('The worker ended'))
    })
  })
}
