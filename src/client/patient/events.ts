/** What comes while a patient's client is open (docs/protocol/events.md). Runs in Node and in browsers. */
import { fromUtf8 } from '../../crypto/bytes.ts'
import { VerificationError } from '../errors.ts'
import type { PatientSession } from './session.ts'

/** Longest event that is read, characters; the host's are a line. */
const LONGEST = 4096

/** Something came: look at the requests, or follow the chain. The host's word, which opens nothing. */
export interface RecordEvent {
  readonly kind: 'request' | 'notice'
  /** The entry's number in the chain: what to go on after. */
  readonly n: number
}

/**
 * The events after the entry `after` (left out: from now on) as they come, until the host ends the stream: with the session,
 * or when it stops. Whoever wants more asks again, after the last one. Throws as `Host.stream`, `StepError` `not-signed-in`,
 * `VerificationError` `answer-malformed`.
 */
export async function* recordEvents(
  session: PatientSession,
  { after, signal }: { readonly after?: number; readonly signal?: AbortSignal } = {},
): AsyncGenerator<RecordEvent> {
  const body = await session.run(() =>
    session.host.stream({
      method: 'GET',
      path: session.path('/events'),
      ...session.signing,
      ...(after === undefined ? {} : { query: { after } }),
      ...(signal === undefined ? {} : { signal }),
    }),
  )
  let text = ''
  for await (const piece of body) {
    // Every event is ASCII, so a piece may end anywhere.
    text += fromUtf8(piece)
    for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
      const event = eventOf(text.slice(0, end))
      text = text.slice(end + 2)
      if (event !== null) yield event
    }
    if (text.length > LONGEST) throw malformed()
  }
}

/** Null for a comment. */
function eventOf(block: string): RecordEvent | null {
  if (block.startsWith(':')) return null
  const found = /^id: (\d{1,12})\nevent: (request|notice)\ndata: \{"n":(\d{1,12})\}$/.exec(block)
  if (found === null || found[1] !== found[3]) throw malformed()
  return { kind: found[2] as RecordEvent['kind'], n: Number(found[1]) }
}

function malformed(): VerificationError {
  return new VerificationError('The host’s events are not what the protocol says', { code: 'answer-malformed' })
}
