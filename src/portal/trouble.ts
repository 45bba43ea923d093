import type { Trouble } from './context.ts'
import { ActFailed } from './link.ts'
import type { Failure } from './talk.ts'
import type { Words } from './words/words.ts'

/** What a person is told of an error; `null` when it was the person's own wish to go back. */
export function troubleOf(error: unknown, words: Words): Trouble | null {
  const failure: Failure =
    error instanceof ActFailed ? error.failure : { code: 'unexpected', kind: 'defect', message: '' }
  const { code, kind } = failure
  if (kind === 'given-up') return null
  const { byCode, byKind } = words.troubles
  const offline = kind === 'unreachable' && !navigator.onLine
  const [title, text] = (offline ? byCode.offline : byCode[code]) ?? byKind[kind]
  return { title, text, kind, code }
}

/** Whether the session is over: then every screen gives way to the one that says so. */
export function endsSession(error: unknown): boolean {
  return error instanceof ActFailed && error.failure.code === 'not-signed-in'
}
