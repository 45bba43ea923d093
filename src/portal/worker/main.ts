/** The portal's worker: the only place of the pages where keys are, and where the SDK runs. */
import { ClientError } from '../../client/browser.ts'
import { ConnectionError, HostRefusal, InputError, StepError } from '../../client/errors.ts'
import type { Failure, FromWorker, QuestionName, Questions, Talk, ToWorker } from '../talk.ts'
import { type Acts, acts } from './acts.ts'
import { servesAsHelper } from './crew.ts'

/** The person went back instead of answering. */
class GivenUp extends Error {}

const waiting = new Map<number, { resolve(value: unknown): void; reject(error: unknown): void }>()
const scope = globalThis as unknown as { postMessage(message: FromWorker): void }

function hear({ data }: MessageEvent<ToWorker>): void {
  if (data.kind === 'call') void run(data)
  else if (data.kind === 'answer') waiting.get(data.id)?.resolve(data.value)
  else waiting.get(data.id)?.reject(new GivenUp())
}

async function run({ id, name, input }: Extract<ToWorker, { kind: 'call' }>): Promise<void> {
  const talk: Talk = {
    ask: async <Q extends QuestionName>(question: Q, detail: Questions[Q]['detail']) => {
      const answer = new Promise<unknown>((resolve, reject) => waiting.set(id, { resolve, reject }))
      scope.postMessage({ kind: 'ask', id, name: question, detail })
      try {
        return (await answer) as Questions[Q]['answer']
      } finally {
        waiting.delete(id)
      }
    },
    progress: (done, total) => scope.postMessage({ kind: 'progress', id, done, total }),
  }
  try {
    const act = acts[name as keyof Acts] as (input: unknown, talk: Talk) => Promise<unknown>
    scope.postMessage({ kind: 'done', id, value: await act(input, talk) })
  } catch (error) {
    scope.postMessage({ kind: 'failed', id, failure: failureOf(error) })
  }
}

function failureOf(error: unknown): Failure {
  if (error instanceof GivenUp) return { code: 'given-up', kind: 'given-up', message: '' }
  const message = error instanceof Error ? error.message : String(error)
  const code = error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'unexpected'
  if (HostRefusal.is(error)) return { code, kind: 'refused', message }
  if (ConnectionError.is(error)) return { code, kind: 'unreachable', message }
  if (InputError.is(error) || INPUT_CODES.test(code)) return { code, kind: 'input', message }
  if (StepError.is(error)) return { code, kind: 'step', message }
  return { code, kind: ClientError.is(error) || code !== 'unexpected' ? 'verification' : 'defect', message }
}

/** Mistyped codes that lower layers refuse. */
const INPUT_CODES = /^(code-|kit-code-|ins-)/

if (!servesAsHelper(globalThis as never)) {
  addEventListener('message', hear)
  scope.postMessage({ kind: 'ready' })
}
