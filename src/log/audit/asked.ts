import type { SignedRequest } from '../../crypto/httpsig.ts'
import type { Event } from '../../protocol/entry.ts'
import { changesState } from '../state-changes.ts'

/**
 * Did the signed request ask for the act that the entry of this chain speaks of? (docs/protocol/entry.md, the table of
 * methods and paths; refused acts may have been asked for by a step that comes before the act itself.)
 */
export function asksFor(
  { method, path, query }: Pick<SignedRequest, 'method' | 'path' | 'query'>,
  { action, object, outcome }: Event,
  chain: string,
): boolean {
  const record = `/v1/records/${chain}`
  const asked = `${method} ${path}`
  if (query !== '' && action !== 'document.list') return false
  switch (action) {
    case 'record.open':
      return asked === 'POST /v1/records'
    case 'record.close':
      return asked === `POST ${record}/close`
    case 'record.reopen':
      return asked === `POST ${record}/reopen`
    case 'account.activate':
      return asked === 'POST /v1/activation'
    case 'session.start':
      return asked === 'POST /v1/sessions'
    case 'session.end':
      return asked === 'POST /v1/sessions/end' || asked === `POST ${record}/sessions/${object.session}/end`
    case 'document.list':
      return asked === `GET ${record}/documents`
    case 'document.read':
      return asked === `GET ${record}/documents/${object.document}`
    case 'document.deposit':
      return asked === `POST ${record}/documents` || (outcome === 'refused' && asked === `POST ${record}/uploads`)
    case 'document.refused':
      return asked === `POST ${record}/documents/${object.document}/refused`
    case 'document.withdraw':
      return asked === `POST ${record}/documents/${object.document}/withdraw`
    case 'access.request':
      return asked === 'POST /v1/access-requests'
    case 'access.view':
      return object.compartment === undefined
        ? asked === `GET ${record}/access` || asked === `GET ${record}/identities`
        : asked === `GET ${record}/epochs/${object.compartment}`
    case 'access.deny':
      return asked === `POST ${record}/access-requests/${object.request}/deny`
    case 'contact.change':
      return asked === `POST ${record}/contact`
    case 'recovery.start':
      return asked === `POST ${record}/recoveries`
    case 'recovery.stop':
      return asked === `POST ${record}/recoveries/${object.identity}/stop`
    case 'identity.change':
      return asked === `POST ${record}/identity`
    case 'notices.set':
      return asked === `POST ${record}/notices/${object.accesses}`
    case 'key.publish':
      return asked === 'POST /v1/keys'
    case 'key.withdraw':
      return asked === 'POST /v1/keys/withdrawals'
    default:
      return changesState(action) && asked === `POST ${record}/states`
  }
}

/**
 * The cursor of a list's page: the number of the entry after which it begins; null for the first page, undefined when
 * the reader wrote the query in another way than the one form (the host reads it all the same, and so cannot be blamed).
 */
export function listCursor(query: string): number | null | undefined {
  if (query === '') return null
  const after = /^\?after=(0|[1-9]\d{0,11})$/.exec(query)?.[1]
  return after === undefined ? undefined : Number(after)
}
