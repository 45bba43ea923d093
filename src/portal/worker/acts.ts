/** What the pages can have done: each act takes plain values and gives plain values, through the SDK. */

import { readKit } from '../../client/kit.ts'
import { readMailedCode } from '../../client/mailed-code.ts'
import { activateRecord } from '../../client/patient/activate.ts'
import { openRecord } from '../../client/patient/open.ts'
import { signIn } from '../../client/patient/sign-in.ts'
import { checkSecretCode } from '../../client/secret-code.ts'
import type { Ins } from '../../protocol/ids.ts'
import { parseIns } from '../../protocol/ins.ts'
import type { Contact } from '../../protocol/messages.ts'
import type { Talk } from '../talk.ts'
import { accessActs } from './access.ts'
import { closingActs } from './closing.ts'
import { typedContact } from './contact.ts'
import { deviceActs } from './devices.ts'
import { documentActs } from './documents.ts'
import { exportActs } from './export.ts'
import { kitThrough } from './kit.ts'
import { byMessage } from './password.ts'
import { recoveryActs } from './recovery.ts'
import { scanActs } from './scan.ts'
import { currentSession, endSession, enterAnew, startSession, store } from './session.ts'
import { traceActs } from './trace.ts'

/** How far this browser has come with a record. */
export type Standing = 'none' | 'opening' | 'opened' | 'activated' | 'waiting'

const enterActs = {
  /** What this browser holds. */
  async standing(_: null): Promise<{ standing: Standing }> {
    if ((await store.waiting()) !== null) return { standing: 'waiting' }
    if ((await store.device()) !== null) return { standing: 'activated' }
    if ((await store.record()) !== null) return { standing: 'opened' }
    return { standing: (await store.opening()) === null ? 'none' : 'opening' }
  },

  /** Says why a code or an INS cannot be one, before anything else is asked. */
  async checkIns({ ins }: { ins: string }): Promise<null> {
    insOf(ins)
    return null
  },

  /** Gives it in its printed form. */
  async checkMailedCode(input: { code: string; purpose: 'opening' | 'activation' }): Promise<{ code: string }> {
    return { code: readMailedCode(input.code, input.purpose) }
  },

  async checkKit({ kit }: { kit: string }): Promise<null> {
    readKit(kit).wipe()
    return null
  },

  async checkSecretCode({ code, contact }: { code: string; contact: string }): Promise<null> {
    const record = await store.record()
    checkSecretCode(code, { contact, ...(record === null ? {} : { ins: record.ins }) })
    return null
  },

  /** Opens the record with the first letter; the kit is printed and checked on the way. */
  async open({ ins, code }: { ins: string; code: string }, talk: Talk) {
    const pending = await store.opening()
    const { fingerprint, resumed } = await openRecord({
      home: store,
      ins: pending?.ins ?? insOf(ins),
      code,
      ...kitThrough(talk),
    })
    return { fingerprint, resumed }
  },

  /** Activates it with the second letter, the kit, a secret code and an address. */
  async activate(
    input: { ins: string | null; code: string; kit: string; secretCode: string; contact: Contact },
    talk: Talk,
  ) {
    const { code, kit, secretCode, contact } = input
    const { fingerprint } = await activateRecord({
      home: store,
      ...(input.ins === null ? {} : { ins: insOf(input.ins) }),
      code,
      kit,
      secretCode,
      contact: typedContact(contact),
      ...byMessage(talk),
    })
    return { fingerprint }
  },

  async signIn({ secretCode }: { secretCode: string }, talk: Talk) {
    const { session, idleSeconds, followed, settled, warnings } = await signIn({
      home: store,
      secretCode,
      ...byMessage(talk),
    })
    startSession(session)
    return { idleSeconds, news: followed.entries.length, settled, warnings }
  },

  /** The same within a session, for what wants a sign-in of just now. */
  async signInAgain({ secretCode }: { secretCode: string }, talk: Talk): Promise<null> {
    await enterAnew(() => signIn({ home: store, secretCode, ...byMessage(talk) }))
    return null
  },

  /** Keeps the session alive. */
  async touch(_: null): Promise<null> {
    await currentSession().view()
    return null
  },

  async signOut(_: null): Promise<null> {
    await endSession()
    return null
  },
}

/** An INS as typed. Throws `CryptoError` or `InputError` `ins-…`. */
function insOf(text: string): Ins {
  return parseIns(text)
}

export const acts = {
  ...enterActs,
  ...documentActs,
  ...accessActs,
  ...traceActs,
  ...deviceActs,
  ...exportActs,
  ...closingActs,
  ...recoveryActs,
  ...scanActs,
}
export type Acts = typeof acts
