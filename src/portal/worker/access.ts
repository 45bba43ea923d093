/** Who can see the record: grants, requests, giving and taking back. */
import {
  addCompartment,
  blockedHolders,
  blockHolder,
  changeGrant,
  denyRequest,
  fetchNewestKey,
  type GrantWish,
  giveGrant,
  grantsInForce,
  holderName,
  pendingRequests,
  type RecordView,
  revokeGrants,
  scannedRequest,
  unblockHolder,
  type VerifiedKey,
} from '../../client/browser.ts'
import { InputError } from '../../client/errors.ts'
import { fetchKeyByHash } from '../../client/trust.ts'
import { NationalId, type RequestId } from '../../protocol/ids.ts'
import { COMPARTMENT_KINDS } from '../../protocol/record.ts'
import { defaultRights, PROFESSION_BY_TITLE } from '../../protocol/rights.ts'
import type { Right } from '../../protocol/statements.ts'
import { currentSession } from './session.ts'

/** Rights by compartment, as they cross. */
export type Rights = readonly { readonly kind: string; readonly rights: readonly Right[] }[]

/** A card holder, as the card says; checked here. */
export interface Holder {
  readonly nationalId: string
  readonly name: string
  /** Title of a professional's certificate; null for an establishment. */
  readonly profession: string | null
  /** What is proposed: the usual rights of the profession. */
  readonly usual: Rights
}

export interface GrantLine {
  readonly nationalId: string
  readonly name: string
  readonly profession: string | null
  readonly rights: Rights
  readonly until: string
  readonly isOver: boolean
}

export interface RequestLine extends Holder {
  readonly request: string
  readonly acting: string | null
  readonly askedAt: string
  /** To be compared with those on the screen of who asks. */
  readonly words: string
}

/** Everything of who can see the record. */
export interface Access {
  readonly grants: GrantLine[]
  readonly requests: RequestLine[]
  readonly blocked: { nationalId: string; name: string }[]
  /** Names of the patient's own compartments. */
  readonly own: string[]
  /** When the record is destroyed, of one that is closed. */
  readonly destroyedAt: string | null
}

export const accessActs = {
  async access(_: null): Promise<Access> {
    const session = currentSession()
    const requests = (await pendingRequests(session)).map(({ request, key, acting, t, words }) => ({
      ...holderOf(key),
      request,
      acting,
      askedAt: t,
      words,
    }))
    const view = await session.view()
    const grants: GrantLine[] = []
    for (const { grantee, compartments, until, expired } of grantsInForce(view, session.clock())) {
      const known = await fetchKeyByHash(session.trust, session.host, grantee.keyStatement, session.clock()).catch(
        () => null, // the card may be over: the grant is shown all the same, so that it can be taken back
      )
      const { name, profession } = known === null ? { name: grantee.id, profession: null } : holderOf(known)
      const line = { nationalId: grantee.id, name, profession, rights: compartments, until, isOver: expired }
      grants.push(line)
    }
    const blocked: { nationalId: string; name: string }[] = []
    for (const nationalId of blockedHolders(view)) {
      const name = await fetchNewestKey(session.trust, session.host, nationalId, session.clock()).then(
        key => holderName(key.holder),
        () => nationalId,
      )
      blocked.push({ nationalId, name })
    }
    return { grants, requests, blocked, own: ownOf(view), destroyedAt: view.destroyedAt?.toISOString() ?? null }
  },

  /** Looks a professional or an establishment up by the number on the card. */
  async find({ nationalId }: { nationalId: string }): Promise<Holder> {
    const session = currentSession()
    return holderOf(await fetchNewestKey(session.trust, session.host, idOf(nationalId), session.clock()))
  },

  /** Gives access; answers the request when there is one. */
  async grant(input: { nationalId: string; request: string | null; rights: Rights; until: string }): Promise<null> {
    const session = currentSession()
    const nationalId = idOf(input.nationalId)
    const asked =
      input.request === null ? null : (await pendingRequests(session)).find(each => each.request === input.request)
    if (asked === undefined) throw new InputError('That request waits no more', { code: 'request-unknown' })
    const wish: GrantWish = {
      nationalId,
      ...termsOf(input),
      ...(asked === null ? {} : { answers: { request: asked.request, keyStatement: asked.key.hash } }),
    }
    await giveGrant(session, wish)
    return null
  },

  /** Other rights or another end for who has access already. */
  async change({ nationalId, ...terms }: { nationalId: string; rights: Rights; until: string }): Promise<null> {
    await changeGrant(currentSession(), idOf(nationalId), termsOf(terms))
    return null
  },

  /** Takes access back and lets nobody of that number ask again, until `unblock`. */
  async block({ nationalId }: { nationalId: string }): Promise<null> {
    await blockHolder(currentSession(), idOf(nationalId))
    return null
  },

  async unblock({ nationalId }: { nationalId: string }): Promise<null> {
    await unblockHolder(currentSession(), idOf(nationalId))
    return null
  },

  /** Makes a compartment of the patient's own; nobody is given it by it. */
  async addCompartment({ name }: { name: string }): Promise<null> {
    await addCompartment(currentSession(), name)
    return null
  },

  async revoke({ nationalId }: { nationalId: string }): Promise<null> {
    await revokeGrants(currentSession(), idOf(nationalId))
    return null
  },

  /** Holds the square on the screen of who asks against the request that the host shows here. */
  async compare({ request, text }: { request: string; text: string }): Promise<null> {
    const scanned = await scannedRequest(currentSession(), text)
    if (scanned.request === request) return null
    throw new InputError('That square is of another request', { code: 'request-other' })
  },

  async deny({ request }: { request: string }): Promise<null> {
    await denyRequest(currentSession(), request as RequestId)
    return null
  },
}

function ownOf({ bundle }: RecordView): string[] {
  const given: ReadonlySet<string> = new Set(COMPARTMENT_KINDS)
  return bundle.compartments.map(({ kind }) => kind).filter(kind => !given.has(kind))
}

function termsOf({ rights, until }: { rights: Rights; until: string }) {
  return { rights: new Map(rights.map(each => [each.kind, each.rights])), until: new Date(until) }
}

function holderOf({ holder, payload }: VerifiedKey): Holder {
  const profession = holder.kind === 'professional' ? holder.profession : null
  const usual = profession === null ? new Map() : defaultRights(PROFESSION_BY_TITLE.get(profession) ?? '')
  return {
    nationalId: payload.nationalId,
    name: holderName(holder),
    profession,
    usual: [...usual].map(([kind, rights]) => ({ kind, rights })),
  }
}

/** A national id as typed: RPPS numbers are printed with or without the 8 before them. */
function idOf(text: string): NationalId {
  const digits = text.replaceAll(/[\s.-]/g, '')
  const id = NationalId.safeParse(/^[0-9]{11}$/.test(digits) ? `8${digits}` : digits)
  if (id.success) return id.data
  throw new InputError('That is not the number of a card', { code: 'holder-number' })
}
