import { Receipted, SessionOpen, SessionOpened } from '../protocol/messages.ts'
import { Nothing } from './body.ts'
import { BODY_LIMIT } from './limits.ts'
import { type Site, signedRoute } from './route.ts'

/** Opening a session with the ticket of a sign-in, and ending it. */
export function sessionRoutes(site: Site): void {
  const { sessions } = site.context.vault
  const route = { method: 'POST', callers: ['patient'], limit: BODY_LIMIT.small } as const
  signedRoute(
    site,
    {
      ...route,
      path: '/v1/sessions',
      session: false,
      body: SessionOpen,
      summary: 'Open a session with the ticket of a sign-in',
      answer: SessionOpened,
    },
    ({ signed, body }) => sessions.open(signed, body.ticket),
  )
  signedRoute(
    site,
    { ...route, path: '/v1/sessions/end', body: Nothing, summary: 'End the session', answer: Receipted },
    async ({ signed }) => ({ receipt: await sessions.end(signed) }),
  )
}
