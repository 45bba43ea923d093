/** The page's end of the worker: starts it, calls its acts, carries its questions. */
import type { ActName, InputOf, ResultOf } from './calls.ts'
import type { Failure, FromWorker, QuestionName, Questions, ToWorker } from './talk.ts'

/** Hash of the worker's file; put in when the pages are built. */
declare const COFFRE_WORKER: string

/** What an act failed with. */
export class ActFailed extends Error {
  readonly failure: Failure

  constructor(failure: Failure) {
    super(failure.message)
    this.failure = failure
  }
}

/** A question that an act asks meanwhile; answered or given up once. */
export type Asked = {
  readonly [Q in QuestionName]: {
    /** Another for each question, also when the same is asked again. */
    readonly serial: number
    readonly name: Q
    readonly detail: Questions[Q]['detail']
    answer(value: Questions[Q]['answer']): void
    giveUp(): void
  }
}[QuestionName]

/** How a call hears of what happens before it ends. */
export interface Meanwhile {
  onAsk?(asked: Asked): void
  onProgress?(done: number, total: number): void
  /** The call ended, well or not; before its promise is settled. */
  onEnd?(): void
  /** Asked by the page and not by the person: it does not count as activity. */
  readonly isByItself?: boolean
}

interface Call extends Meanwhile {
  resolve(value: unknown): void
  reject(error: unknown): void
}

/** Longest wait for the worker's file, milliseconds: a slow line, not a dead one. */
const LOAD_TIMEOUT_MS = 120_000

/** One worker, from the page's loading to the end of a session: then its memory goes with it. */
export class Link {
  #worker: Promise<Worker> | null = null
  #next = 1
  readonly #calls = new Map<number, Call>()
  /** When the person's last act ended well. */
  lastAct = Date.now()

  /** Begins to load it; a failure shows with the first call, which tries again. */
  warmUp(): void {
    void this.#ready().catch(() => undefined)
  }

  /** Runs an act. Rejects with `ActFailed`. */
  async call<N extends ActName>(name: N, input: InputOf<N>, meanwhile: Meanwhile = {}): Promise<ResultOf<N>> {
    const worker = await this.#ready()
    const id = this.#next++
    return new Promise((resolve, reject) => {
      this.#calls.set(id, { ...meanwhile, resolve: value => resolve(value as ResultOf<N>), reject })
      worker.postMessage({ kind: 'call', id, name, input } satisfies ToWorker)
    })
  }

  /** Ends the worker with all that it holds; the next call starts a new one. */
  reset(): void {
    const worker = this.#worker
    this.#worker = null
    void worker?.then(
      running => running.terminate(),
      () => undefined,
    )
    for (const { reject, onEnd } of this.#calls.values()) {
      onEnd?.()
      reject(failed('not-signed-in', 'step'))
    }
    this.#calls.clear()
  }

  #ready(): Promise<Worker> {
    const worker = this.#worker ?? this.#start()
    this.#worker = worker
    worker.catch(() => {
      if (this.#worker === worker) this.#worker = null
    })
    return worker
  }

  async #start(): Promise<Worker> {
    let script: Blob
    try {
      // Its bytes are checked against the hash in this very page before they run.
      const answer = await fetch('/worker.js', {
        integrity: COFFRE_WORKER,
        credentials: 'omit',
        referrerPolicy: 'no-referrer',
        signal: AbortSignal.timeout(LOAD_TIMEOUT_MS),
      })
      script = new Blob([await answer.arrayBuffer()], { type: 'text/javascript' })
    } catch {
      throw failed('pages-unreachable', 'unreachable')
    }
    const url = URL.createObjectURL(script)
    const worker = new Worker(trustedWorker(url), { type: 'module' })
    await new Promise<void>((resolve, reject) => {
      worker.onmessage = () => resolve()
      worker.onerror = () => reject(failed('worker-stopped', 'defect'))
    })
    // The address stays: the worker's helpers run the same script. What is behind it is no secret.
    worker.onmessage = ({ data }: MessageEvent<FromWorker>) => this.#heard(worker, data)
    worker.onerror = () => this.reset()
    return worker
  }

  #heard(worker: Worker, message: FromWorker): void {
    if (message.kind === 'ready') return
    const call = this.#calls.get(message.id)
    if (call === undefined) return
    const { id } = message
    const tell = (reply: ToWorker) => worker.postMessage(reply)
    if (message.kind === 'progress') call.onProgress?.(message.done, message.total)
    else if (message.kind === 'ask') {
      call.onAsk?.({
        serial: this.#next++,
        name: message.name,
        detail: message.detail,
        answer: (value: unknown) => tell({ kind: 'answer', id, value }),
        giveUp: () => tell({ kind: 'give-up', id }),
      } as Asked)
    } else {
      this.#calls.delete(id)
      call.onEnd?.()
      if (message.kind === 'failed') call.reject(new ActFailed(message.failure))
      else {
        if (call.isByItself !== true) this.lastAct = Date.now()
        call.resolve(message.value)
      }
    }
  }
}

function failed(code: string, kind: Failure['kind']): ActFailed {
  return new ActFailed({ code, kind, message: '' })
}

interface Policies {
  createPolicy(name: string, rules: { createScriptURL(url: string): string }): { createScriptURL(url: string): string }
}

/** Trusted Types: the one script address that this page makes, a blob of its own. */
const policy = (globalThis as { trustedTypes?: Policies }).trustedTypes?.createPolicy('coffre-worker', {
  createScriptURL(url) {
    if (url.startsWith(`blob:${location.origin}/`)) return url
    throw new TypeError('Not the worker')
  },
})

function trustedWorker(url: string): string {
  return policy === undefined ? url : policy.createScriptURL(url)
}
