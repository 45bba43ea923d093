/** Who has looked: the trace, verified here, and what mail tells. */
import { holderName, readTrace, type TraceLine } from '../../client/browser.ts'
import { chooseNotices, type NoticeChoice } from '../../client/patient/notices.ts'
import { fetchKeyByHash } from '../../client/trust.ts'
import type { Hash } from '../../protocol/ids.ts'
import { currentSession } from './session.ts'

/** One line of the trace, for the page to put into words. */
export interface Act {
  readonly n: number
  readonly t: string
  readonly action: TraceLine['action']
  readonly isRefused: boolean
  readonly actor: {
    readonly kind: 'patient' | 'professional' | 'establishment' | 'other'
    readonly name: string
    readonly profession: string | null
    /** Who acted for an establishment, on its word. */
    readonly acting: { readonly name: string; readonly role: string } | null
  }
  readonly document: string | null
  /** What does not hold of it; empty when all does. */
  readonly problems: readonly string[]
  /** Who had it erased, and by which law; null where it is there. */
  readonly erased: { readonly authority: string; readonly basis: string } | null
}

/** The trace and what checking it found. */
export interface CheckedTrace {
  readonly acts: readonly Act[]
  readonly treeSize: number
  readonly witnesses: readonly string[]
  readonly witnessedAt: string | null
  readonly warnings: readonly string[]
  readonly problems: readonly string[]
}

export const traceActs = {
  async trace(_: null): Promise<CheckedTrace> {
    const { lines, treeSize, witnesses, witnessedAt, warnings, problems } = await readTrace(currentSession())
    const names = new Map<Hash, Promise<{ name: string; profession: string | null }>>()
    const acts: Act[] = []
    for (const line of lines) acts.push(await actOf(line, names))
    return { acts, treeSize, witnesses, witnessedAt, warnings, problems }
  },

  async notices({ accesses }: { accesses: NoticeChoice }): Promise<null> {
    await chooseNotices(currentSession(), accesses)
    return null
  },
}

type Names = Map<Hash, Promise<{ name: string; profession: string | null }>>

async function actOf(line: TraceLine, names: Names): Promise<Act> {
  const { n, t, action, outcome, actor, object, who, problems } = line
  const document = typeof object.document === 'string' ? object.document : null
  const common = { n, t, action, isRefused: outcome === 'refused', document, problems, erased: line.erased }
  if (actor.kind === 'patient')
    return { ...common, actor: { kind: 'patient', name: '', profession: null, acting: null } }
  if (actor.kind !== 'professional' && actor.kind !== 'establishment') {
    return { ...common, actor: { kind: 'other', name: who, profession: null, acting: null } }
  }
  let name = names.get(actor.key)
  if (name === undefined) {
    const { trust, host } = currentSession()
    name = fetchKeyByHash(trust, host, actor.key, new Date(t)).then(
      ({ holder }) => ({
        name: holderName(holder),
        profession: holder.kind === 'professional' ? holder.profession : null,
      }),
      () => ({ name: who, profession: null }), // the problem stands in the line already
    )
    names.set(actor.key, name)
  }
  const acting = actor.kind === 'establishment' ? { name: actor.acting.name, role: actor.acting.role } : null
  return { ...common, actor: { kind: actor.kind, ...(await name), acting } }
}
